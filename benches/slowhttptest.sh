#!/bin/bash
# Slow clients from slowhttptest, with a client beside them that should not notice.
#
# benches/slowhttptest.sh [CONNECTIONS [SECONDS]]     (default: 1000 connections, 30 s)
#
# Each mode has a server of its own, from `cargo build --release`, first without TLS and then with it. slowhttptest
# prints its report; a line follows about the client beside it, which requests 1,000 users again and again.
set -euo pipefail

connections=${1:-1000}
seconds=${2:-30}
here=$(dirname "$0")
server=${CARGO_TARGET_DIR:-$here/../target}/release/chunkwire
folder=$(mktemp -d)
running=()

stop() {
    for pid in "${running[@]}"; do
        kill "$pid" 2>"$folder/kill" || true
        wait "$pid" || true
    done
    running=()
}
trap 'stop; rm -r "$folder"' EXIT

# Starts a server with these options and sets `url`.
start() {
    # What the one before has said must not be taken for it.
    : >"$folder/banner"
    "$server" --listen 127.0.0.1:0 "$@" >>"$folder/banner" &
    running+=($!)
    until grep -q :// "$folder/banner"; do sleep 0.05; done
    url=$(grep -o 'https\?://127[^ ]*' "$folder/banner")/api/v1/users
}

# Sends requests again and again, and records for each response how curl ended, its status and its time in seconds.
ask_on() {
    while :; do
        answer=$(curl -s -o "$folder/users" -m 10 -w '%{http_code} %{time_total}' "$url") && ended=0 || ended=$?
        echo "$ended $answer"
        sleep 0.05
    done
}

tell() {
    awk '$1 == 0 && $2 == 200 { print $3 * 1000; next } { failed++ } END { print failed + 0 > "'"$folder/failed"'" }' \
        "$folder/answers" | sort -n >"$folder/times"
    awk -v failed="$(cat "$folder/failed")" '{ time[NR] = $1 } END {
        printf "the client beside them: %d answers, median %.1f ms, max %.1f ms, %d failed\n",
            NR, time[int((NR + 1) / 2)], time[NR], failed
    }' "$folder/times"
}

# Runs slowhttptest with these options, against a server with the options of `wire`.
try() {
    echo "== $1"
    shift
    start "${wire[@]}"
    ask_on >"$folder/answers" &
    running+=($!)
    slowhttptest -c "$connections" -r $((connections / 5)) -l "$seconds" -p 3 "$@" -u "$url?limit=1000000" |
        sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | tail -n 14
    tell
    stop
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/key.pem" -out "$folder/cert.pem" \
    -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>"$folder/openssl"
export CURL_CA_BUNDLE="$folder/cert.pem"
wire=()
try 'slow headers' -H -i 5 -x 24
try 'slow read' -X -w 512 -y 1024 -n 5 -z 32 -k 3
wire=(--tls-cert "$folder/cert.pem" --tls-key "$folder/key.pem")
try 'slow headers over TLS' -H -i 5 -x 24
try 'slow read over TLS' -X -w 512 -y 1024 -n 5 -z 32 -k 3
