//! Promise: the first error of rustc that a newcomer meets names the way out.
//!
//! Each program of `tests/diagnostics` begins with what rustc has to say of it; the rest of its text changes with rustc.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Returns the errors of all programs, as rustc gives them to cargo.
fn errors() -> Vec<Value> {
    let mut check = Command::new(std::env::var_os("CARGO").unwrap());
    check.args(["check", "--quiet", "--locked", "--keep-going", "--message-format=json"]);
    check.arg(concat!("--manifest-path=", env!("CARGO_MANIFEST_DIR"), "/tests/diagnostics/Cargo.toml"));
    check.arg(concat!("--target-dir=", env!("CARGO_TARGET_TMPDIR"), "/diagnostics"));
    let output = check.output().unwrap();
    let messages = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let messages = messages.map(|line| serde_json::from_slice(line).unwrap());
    let errors: Vec<_> = messages.filter(|message: &Value| message["message"]["level"] == "error").collect();
    assert!(!errors.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    errors
}

/// Returns the lines of an error: its message, the labels of its places, notes and suggestions.
fn lines(error: &Value) -> Vec<String> {
    let line =
        |message: &Value| format!("{}: {}", message["level"].as_str().unwrap(), message["message"].as_str().unwrap());
    let labels = error["spans"].as_array().unwrap().iter().filter_map(|span| span["label"].as_str());
    let labels = labels.map(|label| format!("label: {label}"));
    let children = error["children"].as_array().unwrap().iter().map(line);
    [line(error)].into_iter().chain(labels).chain(children).collect()
}

#[test]
fn the_first_error_names_the_way_out() {
    let errors = errors();
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics/src/bin");
    let mut compiling = Vec::new();
    for program in fs::read_dir(programs).unwrap() {
        let program = program.unwrap().path();
        let name = program.file_stem().unwrap().to_str().unwrap();
        let source = fs::read_to_string(&program).unwrap();
        let expected: Vec<_> = source.lines().filter_map(|line| line.strip_prefix("//! - ")).collect();

        let mut own = errors.iter().filter(|error| error["target"]["name"] == name);
        let Some(first) = own.next().map(|error| &error["message"]) else {
            assert!(expected.is_empty(), "{name} compiles");
            compiling.push(name.to_owned());
            continue;
        };
        let told = lines(first);
        let missing: Vec<_> = expected.iter().filter(|line| !told.iter().any(|told| told == *line)).collect();
        assert!(!expected.is_empty() && missing.is_empty(), "{name}: {missing:#?} are not among {told:#?}");
        for error in own.map(|error| &error["message"]).chain([first]) {
            let rendered = error["rendered"].as_str().unwrap();
            assert!(!rendered.contains("pin!"), "a pinned source can't be moved into a body: {rendered}");
        }
    }
    assert_eq!(compiling, ["ways_out"]);
}
