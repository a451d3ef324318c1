//! A million rows by one client.

use std::time::Instant;

use super::contenders::{ALL, Contender};
use super::cpu::Meter;
use super::database::{Database, ROWS};
use super::paths::Paths;
use super::statistics::Spread;
use super::usage::Usage;
use super::{Result, http, markdown, numbers};

/// What was measured in a run.
#[derive(Clone, Copy, Debug)]
struct Figures {
    rate: f64,
    server: f64,
    postgres: f64,
    peak: f64,
}

/// Measures in rounds, in which each server runs once, in turns first, and returns a table and the ratios.
pub(crate) fn measure(rounds: u32, paths: &Paths, database: &Database) -> Result<String> {
    let mut figures: [Vec<Figures>; ALL.len()] = Default::default();
    for round in 0..rounds as usize {
        for turn in 0..ALL.len() {
            let which = (round + turn) % ALL.len();
            let run = run(ALL[which], paths, database)?;
            eprintln!("round {}, {}: {run:?}", round + 1, ALL[which].name);
            figures[which].push(run);
        }
    }
    let mut out =
        format!("\n## 1,000,000 rows\n\nOne client, {rounds} interleaved rounds, medians; CPU in seconds.\n\n");
    let header = ["", "rows/s", "server CPU", "PostgreSQL CPU", "server peak RSS MB"];
    let median =
        |runs: &[Figures], which: fn(&Figures) -> f64| Spread::of(runs.iter().map(which)).map_or(0.0, |all| all.median);
    let rows = ALL.iter().zip(&figures).map(|(contender, runs)| {
        vec![
            contender.name.to_owned(),
            numbers::grouped(median(runs, |run| run.rate)),
            format!("{:.2}", median(runs, |run| run.server)),
            format!("{:.2}", median(runs, |run| run.postgres)),
            numbers::megabytes(median(runs, |run| run.peak)),
        ]
    });
    markdown::table(&header, rows, &mut out);
    let [ours, json_agg, ..] = &figures;
    let rates = Spread::of(ours.iter().zip(json_agg).map(|(ours, theirs)| ours.rate / theirs.rate));
    let rates = rates.ok_or("no round")?;
    let peak = ours.iter().map(|run| run.peak).fold(0.0, f64::max);
    out += &format!(
        "\n- rows/s, of `json_agg`'s: **{:.2}** ({:.2} to {:.2}); aim: at least 1.6\n\
         - highest peak RSS of chunkwire: **{} MB**; aim: at most 12 MB\n",
        rates.median,
        rates.low,
        rates.high,
        numbers::megabytes(peak),
    );
    Ok(out)
}

fn run(contender: Contender, paths: &Paths, database: &Database) -> Result<Figures> {
    let mut server = contender.start(paths, database)?;
    let meters = (Meter::start(server.pid()), Meter::start(database.pid));
    let begin = Instant::now();
    let bytes = http::get(server.address(), &http::target(ROWS), |_| {})
        .map_err(|error| format!("{}: {error}", contender.name))?;
    let seconds = begin.elapsed().as_secs_f64();
    let (cpu, postgres) = (meters.0.stop(), meters.1.stop());
    let peak = Usage::of(server.pid()).peak_rss as f64;
    server.still_runs()?;
    // A response that is whole has 200 bytes a row, at least.
    if bytes < 200 * ROWS {
        return Err(format!("{}: {bytes} bytes are not {ROWS} rows", contender.name).into());
    }
    Ok(Figures { rate: ROWS as f64 / seconds, server: cpu.as_secs_f64(), postgres: postgres.as_secs_f64(), peak })
}
