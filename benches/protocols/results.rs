//! The report of a benchmark: how it begins, and where it goes.

use std::fs;
use std::process::ExitCode;

use super::Result;
use super::machine;
use super::markdown;
use super::paths::Paths;
use super::wrk::Wrk;

/// Returns a report that begins with `introduction` and, of what is known of the machine, the facts with these names,
/// then `more` of them.
pub(crate) fn begin(
    introduction: &str,
    paths: &Paths,
    wrk: &Wrk,
    names: &[&str],
    more: Option<(&'static str, String)>,
) -> String {
    let mut report = introduction.to_owned();
    let facts = machine::facts(paths, wrk).into_iter().filter(|(name, _)| names.contains(name)).chain(more);
    markdown::table(&["", ""], facts.map(|(name, value)| vec![name.to_owned(), value]), &mut report);
    report
}

/// Prints a report, and writes it to the results under the name of its benchmark.
pub(crate) fn end(report: &str, name: &str, paths: &Paths) -> Result<()> {
    print!("{report}");
    fs::write(paths.repository().join(format!("benches/results/{name}.md")), report)?;
    Ok(())
}

/// Says why a benchmark failed, if it did.
pub(crate) fn exit(name: &str, result: Result<()>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("{name}: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}
