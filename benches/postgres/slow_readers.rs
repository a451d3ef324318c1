//! Readers that stop or are slow, and what a healthy one has beside them.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::contenders::{PAGES, STREAMED};
use super::cpu::Meter;
use super::database::Database;
use super::paths::Paths;
use super::readers::{PATIENCE, Slow, healthy, stalled};
use super::statistics::Spread;
use super::usage::{Usage, tcp_memory};
use super::{Result, markdown, numbers};

/// How long stalled readers are left alone.
const ALONE: Duration = Duration::from_secs(5);

/// How long slow ones read.
const SLOW: Duration = Duration::from_secs(12);

/// Measures both, and returns two tables.
pub(crate) fn measure(readers: usize, paths: &Paths, database: &Database) -> Result<String> {
    let (mut stopped, mut slow) = (Vec::new(), Vec::new());
    for contender in [PAGES, STREAMED] {
        let mut server = contender.start(paths, database)?;
        let alone = healthy(server.address(), 10).ok_or("no response before the readers came")?;
        let (rss, tcp) = (Usage::of(server.pid()).rss, tcp_memory()?);
        let clients = (0..readers).map(|_| stalled(server.address())).collect::<Result<Vec<_>>>()?;
        sleep(ALONE);
        let (states, snapshots) = database.backends();
        let kernel = tcp_memory()?.saturating_sub(tcp);
        let process = Usage::of(server.pid());
        let beside = healthy(server.address(), 10);
        eprintln!("{}: {states}, {snapshots} snapshots, {beside:?}, before that {alone:?}", contender.name);
        let megabytes = |bytes: u64| numbers::megabytes(bytes as f64);
        let memory = format!("{} (+{})", megabytes(process.rss), megabytes(process.rss.saturating_sub(rss)));
        stopped.push(vec![
            contender.name.to_owned(),
            states,
            snapshots,
            megabytes(kernel),
            memory,
            milliseconds(beside),
        ]);
        server.still_runs()?;
        drop((clients, server));

        let mut server = contender.start(paths, database)?;
        let meters = (Meter::start(server.pid()), Meter::start(database.pid));
        let (begin, reading) = (Instant::now(), Slow::start(server.address(), readers)?);
        let mut waits = Vec::new();
        sleep(Duration::from_secs(1));
        while begin.elapsed() < SLOW {
            waits.push(healthy(server.address(), 1000));
            sleep(Duration::from_millis(100));
        }
        let seconds = begin.elapsed().as_secs_f64();
        let cpu = (meters.0.stop().as_secs_f64() / seconds, meters.1.stop().as_secs_f64() / seconds);
        let bytes = reading.stop() as f64;
        server.still_runs()?;
        let came = waits.iter().flatten().count();
        // A client without a response waits for longer than that.
        let waits = waits.iter().map(|wait| wait.unwrap_or(PATIENCE).as_secs_f64() * 1e3);
        let spread = Spread::of(waits.clone()).ok_or("nobody was healthy")?;
        eprintln!("{}: {came} of {} healthy, {spread:?} ms", contender.name, waits.len());
        slow.push(vec![
            contender.name.to_owned(),
            format!("{} of {}", numbers::grouped(bytes / 1e6), numbers::grouped(readers as f64 * seconds / 10.0)),
            format!("{:.2}", cpu.0),
            format!("{:.2}", cpu.1),
            format!("{came} of {}", waits.len()),
            format!("{} / {}", numbers::grouped(spread.median), numbers::grouped(spread.high)),
        ]);
    }
    let mut out = format!(
        "\n## Readers that stop\n\n{readers} readers request {} rows and read nothing. After {} s: what the server's \
         connections do, how many of them have a snapshot (`backend_xmin`), the kernel's TCP memory on both sides, the \
         server's memory, and how long a response of 10 rows takes then, which is given up after {} s.\n\n",
        "93,000",
        ALONE.as_secs(),
        PATIENCE.as_secs()
    );
    let header = ["", "connections", "snapshots", "kernel MB", "server RSS MB", "healthy ms"];
    markdown::table(&header, stopped.into_iter(), &mut out);
    out += &format!(
        "\n## Slow readers\n\n{readers} readers of 100 kB/s each for {} s, and one that asks for 1,000 rows again and \
         again; CPU in cores.\n\n",
        SLOW.as_secs()
    );
    let header = ["", "MB read", "server CPU", "PostgreSQL CPU", "healthy responses", "median / worst ms"];
    markdown::table(&header, slow.into_iter(), &mut out);
    Ok(out)
}

fn milliseconds(wait: Option<Duration>) -> String {
    wait.map_or_else(|| "none".to_owned(), |wait| numbers::milliseconds(wait.as_secs_f64() * 1e6))
}
