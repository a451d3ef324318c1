#!/usr/bin/env bash
# The road: builds chunkwire as it was at each step towards its present speed, and measures them all together.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Commits and what they brought.
steps=(
  "2536382 first-version"
  "efe1ae9 words-and-blocks"
  "58435d6 msg-more"
  "cf40ae2 tables-of-names"
  "dfb9175 worker-per-core"
  "68dda05 jemalloc"
  "77144cf registers"
  "1e36325 fewer-checks"
  "863ada1 level-2"
)

road=$PWD/target/road
mkdir -p "$road"
# Outside the repository, since cargo would take a package inside it for a part of the workspace.
source=$(mktemp -d)
trap 'rm -rf "$source"; git worktree prune' EXIT
git worktree add --quiet --detach "$source"
binaries=()
for step in "${steps[@]}"; do
  read -r commit name <<<"$step"
  binaries+=("$name=$road/$name")
  [[ -e $road/$name ]] && continue
  git -C "$source" checkout --quiet "$commit"
  (cd "$source" && CARGO_TARGET_DIR=$road/build cargo build --quiet --release --locked)
  cp "$road/build/release/chunkwire" "$road/$name"
done

cargo bench --bench load -- --binaries "$(IFS=,; echo "${binaries[*]}")" \
  --contenders chunkwire,hyper-static,nginx-file --connections 1000 --experiments load \
  --output benches/results/road "$@"
