//! What makes a figure meaningful: when and where it was measured, and with which versions.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use super::paths::Paths;
use super::programs;
use super::wrk::Wrk;

/// Names and their values, such as `CPU` and its model, in the order of the report.
pub(crate) fn facts(paths: &Paths, wrk: &Wrk) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Date", said_by("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        ("Commit", commit(paths.repository())),
        ("CPU", cpu()),
        ("Memory", memory()),
        ("Kernel", said_by("uname", &["-sr"])),
        ("wrk", programs::version(wrk.program(), "--version")),
        ("rustc", said_by("rustc", &["--version"])),
    ];
    for (name, argument) in [("go", "version"), ("node", "--version"), ("nginx", "-v")] {
        if let Ok(program) = programs::find(name) {
            facts.push((name, programs::version(&program, argument)));
        }
    }
    facts.push(("Go modules", go_modules(&read(&paths.peers("go").join("go.mod")))));
    let lock = read(&paths.peers("rust").join("Cargo.lock"));
    facts.push(("Crates", crates(&lock, &["actix-web", "axum", "axum-streams", "hyper", "serde_json", "tokio"])));
    facts.push(("Packages", packages(&read(&paths.peers("node").join("package-lock.json")), &["fastify"])));
    facts
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    match Command::new(program).args(arguments).output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => "unknown".to_owned(),
    }
}

/// Returns the commit, and whether the measured sources are those of the commit. The results of an earlier run don't
/// count.
fn commit(repository: &Path) -> String {
    let git = |arguments: &[&str]| {
        let folder = repository.display().to_string();
        said_by("git", &[&["-C", &folder], arguments].concat())
    };
    let changes = git(&["status", "--porcelain", "--", ".", ":!benches/results"]);
    let also = if changes.is_empty() { "" } else { " with uncommitted changes" };
    format!("{}{also}", git(&["rev-parse", "--short=12", "HEAD"]))
}

fn cpu() -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    format!("{} cores, {}", cores, cpu_model(&read(Path::new("/proc/cpuinfo"))).unwrap_or("model unknown"))
}

fn cpu_model(cpuinfo: &str) -> Option<&str> {
    Some(cpuinfo.lines().find(|line| line.starts_with("model name"))?.split_once(':')?.1.trim())
}

fn memory() -> String {
    let meminfo = read(Path::new("/proc/meminfo"));
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let total: f64 = total.and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or(0.0);
    format!("{:.0} GiB", total / 1024.0 / 1024.0)
}

/// Returns the direct dependencies of a `go.mod`, with their versions.
fn go_modules(text: &str) -> String {
    let direct = text.lines().filter(|line| !line.contains("// indirect"));
    let named = direct.filter_map(|line| line.trim().trim_start_matches("require ").split_once(" v"));
    named.map(|(module, version)| format!("{module} {version}")).collect::<Vec<_>>().join(", ")
}

/// Returns the versions of some crates in a `Cargo.lock`.
fn crates(lock: &str, names: &[&str]) -> String {
    let version = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split_once('"')?.0))
    };
    names.iter().filter_map(|name| version(name)).collect::<Vec<_>>().join(", ")
}

/// Returns the versions of some packages in a `package-lock.json`.
fn packages(lock: &str, names: &[&str]) -> String {
    let lock: serde_json::Value = serde_json::from_str(lock).unwrap_or_default();
    let version = |name: &str| {
        let version = lock["packages"][format!("node_modules/{name}")]["version"].as_str()?;
        Some(format!("{name} {version}"))
    };
    names.iter().filter_map(|name| version(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_locks() {
        let go = "module peers\n\ngo 1.22\n\nrequire a/b/v2 v2.3.4\n\nrequire (\n\tc/d v1.0.0 // indirect\n)\n";
        assert_eq!(go_modules(go), "a/b/v2 2.3.4");
        let cargo =
            "[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n\n[[package]]\nname = \"axum-core\"\nversion = \"1\"\n";
        assert_eq!(crates(cargo, &["axum", "absent"]), "axum 0.8.9");
        let npm = r#"{"packages": {"node_modules/fastify": {"version": "5.1.0"}}}"#;
        assert_eq!(packages(npm, &["fastify", "absent"]), "fastify 5.1.0");
    }

    #[test]
    fn the_locks_of_the_contenders_are_understood() {
        let paths = Paths::new().unwrap();
        assert!(go_modules(&read(&paths.peers("go").join("go.mod"))).starts_with("github.com/gofiber/fiber/v2 2."));
        assert!(crates(&read(&paths.peers("rust").join("Cargo.lock")), &["axum"]).starts_with("axum 0."));
        assert!(packages(&read(&paths.peers("node").join("package-lock.json")), &["fastify"]).starts_with("fastify "));
    }

    #[test]
    fn the_model_of_the_cpu_is_its_name() {
        assert_eq!(cpu_model("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n"), Some("Some CPU @ 2 GHz"));
        assert_eq!(cpu_model(""), None);
    }
}
