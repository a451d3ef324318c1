//! What a response of 1,000 rows costs at 64 connections.

use super::contenders::{ALL, Contender};
use super::cpu::Meter;
use super::database::Database;
use super::paths::Paths;
use super::statistics::Spread;
use super::usage::Usage;
use super::wrk::Wrk;
use super::{Result, http, markdown, numbers};

const CONNECTIONS: u32 = 64;

/// What was measured in a run; CPU in microseconds of a response.
#[derive(Clone, Copy, Debug)]
struct Figures {
    rate: f64,
    server: f64,
    postgres: f64,
    rss: f64,
}

/// Measures in rounds, in which each server runs once, in turns first, and returns a table and the ratios.
pub(crate) fn measure(rounds: u32, seconds: u64, paths: &Paths, database: &Database, wrk: &Wrk) -> Result<String> {
    let mut figures: [Vec<Figures>; ALL.len()] = Default::default();
    for round in 0..rounds as usize {
        for turn in 0..ALL.len() {
            let which = (round + turn) % ALL.len();
            let run = run(ALL[which], seconds, paths, database, wrk)?;
            eprintln!("round {}, {}: {run:?}", round + 1, ALL[which].name);
            figures[which].push(run);
        }
    }
    let mut out = format!(
        "\n## 1,000 rows\n\nwrk with {CONNECTIONS} connections for {seconds} s, {rounds} interleaved rounds; CPU of a \
         response in microseconds, medians.\n\n"
    );
    let header = ["", "responses/s", "server µs", "PostgreSQL µs", "both µs", "server RSS MB"];
    let rows = ALL.iter().zip(&figures).map(|(contender, runs)| {
        let median = |which: fn(&Figures) -> f64| Spread::of(runs.iter().map(which)).map_or(0.0, |all| all.median);
        vec![
            contender.name.to_owned(),
            numbers::grouped(median(|run| run.rate)),
            numbers::grouped(median(|run| run.server)),
            numbers::grouped(median(|run| run.postgres)),
            numbers::grouped(median(|run| run.server + run.postgres)),
            numbers::megabytes(median(|run| run.rss)),
        ]
    });
    markdown::table(&header, rows, &mut out);
    let [ours, json_agg, sqlx, go, _] = &figures;
    let both: fn(&Figures) -> f64 = |run| run.server + run.postgres;
    out += "\nRatios of chunkwire's CPU, by round: median (lowest to highest).\n\n";
    for (what, ratio, most) in [
        ("PostgreSQL, of `json_agg`", ratio(ours, json_agg, |run| run.postgres), 0.45),
        ("both, of axum `Json` with sqlx", ratio(ours, sqlx, both), 0.6),
        ("both, of Go's pgx with encoding/json", ratio(ours, go, both), 0.6),
    ] {
        out += &format!("- {what}: {ratio}; aim: at most {most}\n");
    }
    Ok(out)
}

fn ratio(ours: &[Figures], theirs: &[Figures], which: fn(&Figures) -> f64) -> String {
    Spread::of(ours.iter().zip(theirs).map(|(ours, theirs)| which(ours) / which(theirs))).map_or_else(
        || "-".to_owned(),
        |ratio| format!("**{:.2}** ({:.2} to {:.2})", ratio.median, ratio.low, ratio.high),
    )
}

fn run(contender: Contender, seconds: u64, paths: &Paths, database: &Database, wrk: &Wrk) -> Result<Figures> {
    let mut server = contender.start(paths, database)?;
    let target = http::target(1000);
    wrk.run(server.address(), &target, CONNECTIONS, 1)?;
    let meters = (Meter::start(server.pid()), Meter::start(database.pid));
    let counts = wrk.run(server.address(), &target, CONNECTIONS, seconds)?;
    let (cpu, postgres) = (meters.0.stop(), meters.1.stop());
    let rss = Usage::of(server.pid()).rss as f64;
    server.still_runs()?;
    if counts.errors > 0.0 || counts.responses == 0.0 {
        return Err(format!("{}: {counts:?}", contender.name).into());
    }
    let each = |cpu: std::time::Duration| cpu.as_secs_f64() * 1e6 / counts.responses;
    Ok(Figures { rate: counts.rate(), server: each(cpu), postgres: each(postgres), rss })
}
