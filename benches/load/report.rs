//! The report: tables in Markdown, with the charts beside them.

use super::arguments::Arguments;
use super::contenders::Contender;
use super::growth::{Grown, Outcome};
use super::markdown::{list, table, text};
use super::numbers::{grouped, megabytes, milliseconds};
use super::release::{Look, Release, STALL_TIMEOUT};
use super::stalled::Stalled;
use super::statistics::Spread;
use super::throughput::{Run, Runs, Throughput, USERS};

/// Everything that is in the report.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    /// The arguments.
    pub(crate) arguments: &'a Arguments,
    /// When and where, and which versions.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// The contenders that took part.
    pub(crate) contenders: Vec<&'static Contender>,
    /// Those that did not, and why.
    pub(crate) skipped: Vec<String>,
    /// The hash of the response that all sent.
    pub(crate) hash: String,
    /// The first experiment, if it ran.
    pub(crate) throughput: Option<Throughput>,
    /// The second experiment, if it ran.
    pub(crate) stalled: Option<(Vec<Stalled>, Vec<String>)>,
    /// What happens to chunkwire in it, if it ran.
    pub(crate) release: Option<Result<Release, String>>,
    /// The third experiment, if it ran.
    pub(crate) growth: Option<Vec<Grown>>,
}

impl Findings<'_> {
    /// Runs that failed although they should not. A contender that grows too large or sends no response is a finding,
    /// not a failure.
    pub(crate) fn failures(&self) -> Vec<&String> {
        let throughput = self.throughput.iter().flat_map(|found| &found.failures);
        let stalled = self.stalled.iter().flat_map(|(_, failures)| failures);
        let release = self.release.iter().filter_map(|release| release.as_ref().err());
        throughput.chain(stalled).chain(release).collect()
    }

    /// Returns the report as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::from("# The load benchmark: a report\n\n");
        out.push_str("Made by `cargo bench --bench load`; [how it is done](../README.md) is told beside it.\n\n");
        self.write_facts(&mut out);
        if let Some(throughput) = &self.throughput {
            self.write_throughput(throughput, &mut out);
        }
        if let Some((stalled, _)) = &self.stalled {
            self.write_stalled(stalled, &mut out);
        }
        if let Some(Ok(release)) = &self.release {
            self.write_release(release, &mut out);
        }
        if let Some(growth) = &self.growth {
            self.write_growth(growth, &mut out);
        }
        let unanswered = self.throughput.iter().flat_map(|found| &found.unanswered);
        list("Runs without a response", unanswered, &mut out);
        list("What failed", self.failures().into_iter(), &mut out);
        list("What was skipped", self.skipped.iter(), &mut out);
        out
    }

    fn write_facts(&self, out: &mut String) {
        table(&["", ""], self.facts.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]), out);
        text(out, "\n## Contenders\n\n");
        let rows = self.contenders.iter().map(|contender| vec![contender.name.to_owned(), contender.what.to_owned()]);
        table(&["name", "what it is"], rows, out);
        text(out, &format!("\nAll gave the same {} users, with SHA-256 `{}`.\n", grouped(USERS as f64), self.hash));
    }

    fn write_throughput(&self, throughput: &Throughput, out: &mut String) {
        let Arguments { rounds, seconds, warm_up, .. } = self.arguments;
        text(
            out,
            &format!(
                "\n## Under load\n\nMedians over the rounds ({rounds}), each of {seconds} s after {warm_up} s of the same load. \
                 *Spread* is the distance between the best and the worst round, in percent of the median. *RSS* and \
                 *TCP* (the kernel's memory for both ends of all connections) are the highest that were seen. *CPU* is \
                 the server's for each response. A response that took more than 10 s is a timeout.\n\n\
                 ![Memory against time](memory.svg)\n\n![Throughput, memory and CPU time](throughput.svg)\n"
            ),
        );
        for connections in throughput.connections() {
            text(out, &format!("\n### {} connections\n\n", grouped(connections.into())));
            let header = [
                "contender",
                "requests/s",
                "spread",
                "MB/s",
                "p50 ms",
                "p99 ms",
                "max ms",
                "errors",
                "timeouts",
                "RSS MB",
                "TCP MB",
                "CPU µs",
                "response B",
            ];
            table(&header, throughput.over(connections).iter().map(row), out);
        }
    }

    fn write_stalled(&self, stalled: &[Stalled], out: &mut String) {
        let Arguments { clients, stalled_users, .. } = self.arguments;
        text(
            out,
            &format!(
                "\n## Stalled readers\n\n{} clients that ask for {} users each and never read. *TCP* is the kernel's \
                 memory for both ends of all connections. *Answered* are clients for whom a response had begun.\n\n",
                grouped((*clients).into()),
                grouped(*stalled_users as f64)
            ),
        );
        let rows = stalled.iter().map(|found| {
            let rss = megabytes(found.rss as f64);
            vec![
                found.contender.name.to_owned(),
                if found.over_limit { format!("stopped at {rss}") } else { rss },
                megabytes(found.tcp as f64),
                grouped(found.clients.into()),
                grouped(found.answered.into()),
            ]
        });
        table(&["contender", "RSS MB", "TCP MB", "clients", "answered"], rows, out);
    }

    fn write_release(&self, release: &Release, out: &mut String) {
        text(
            out,
            &format!(
                "\n### After the limit\n\nchunkwire with `--stall-timeout {}`, the same clients, and beside them one that \
                 asks for {} users again and again and reads them. Of memory and connections the highest is given, \
                 *after* from a second after the limit on. *Server's end* is what the kernel holds for the server's \
                 sockets alone; what is left of *TCP* afterwards is what the clients have not read.\n\n![What is released after the limit](release.svg)\n\n",
                STALL_TIMEOUT.as_secs(),
                grouped(USERS as f64)
            ),
        );
        let rows = Release::PARTS.iter().map(|(part, name)| {
            let highest = |figure: fn(&Look) -> u64| release.looks(*part).map(figure).max().unwrap_or(0) as f64;
            let each = |look: &Look| look.sockets.memory / look.sockets.count.max(1);
            let (responses, failed) = release.responses(*part);
            let time =
                |of: fn(&Spread) -> f64| responses.as_ref().map_or("–".to_owned(), |found| milliseconds(of(found)));
            vec![
                (*name).to_owned(),
                grouped(highest(|look| look.sockets.count)),
                megabytes(highest(|look| look.rss)),
                megabytes(highest(|look| look.tcp)),
                megabytes(highest(|look| look.sockets.memory)),
                grouped(highest(each)),
                time(|found| found.median),
                time(|found| found.high),
                grouped(failed as f64),
            ]
        });
        let header = [
            "",
            "connections",
            "RSS MB",
            "TCP MB",
            "server's end MB",
            "by connection B",
            "median ms",
            "max ms",
            "failed",
        ];
        table(&header, rows, out);
    }

    fn write_growth(&self, growth: &[Grown], out: &mut String) {
        text(
            out,
            &format!(
                "\n## Growth\n\nThe most resident memory, in MB, that a contender ever held which was started, asked \
                 once for so many users, and stopped. At {} MB it was stopped at once; longer responses were then \
                 skipped.\n\n![Memory against the length of the response](growth.svg)\n\n",
                grouped(self.arguments.memory_limit as f64)
            ),
        );
        let mut lengths: Vec<u64> = growth.iter().map(|grown| grown.users).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let titles: Vec<String> = lengths.iter().map(|users| grouped(*users as f64)).collect();
        let header: Vec<&str> = ["contender"].into_iter().chain(titles.iter().map(String::as_str)).collect();
        let rows = self.contenders.iter().filter_map(|contender| {
            let of: Vec<&Grown> = growth.iter().filter(|grown| grown.contender.name == contender.name).collect();
            let cell = |users: &u64| of.iter().find(|grown| grown.users == *users).map_or_else(String::new, outcome);
            let cells = [contender.name.to_owned()].into_iter().chain(lengths.iter().map(cell));
            (!of.is_empty()).then(|| cells.collect())
        });
        table(&header, rows, out);
        let failures: Vec<String> = growth.iter().filter_map(failure).collect();
        list("Responses that did not come", failures.iter(), out);
    }
}

fn row(runs: &Runs<'_>) -> Vec<String> {
    let median = |figure: fn(&Run) -> f64| runs.median(figure);
    let rate = runs.spread(|run| run.counts.rate());
    vec![
        runs.contender.name.to_owned(),
        grouped(rate.median),
        format!("{:.0} %", rate.percent()),
        megabytes(median(|run| run.counts.byte_rate())),
        milliseconds(median(|run| run.counts.p50)),
        milliseconds(median(|run| run.counts.p99)),
        milliseconds(median(|run| run.counts.max)),
        grouped(median(|run| run.counts.errors)),
        grouped(median(|run| run.counts.timeouts)),
        megabytes(median(|run| run.samples.highest_rss() as f64)),
        megabytes(median(|run| run.samples.highest_tcp() as f64)),
        grouped(median(|run| run.cpu)),
        grouped(median(|run| run.counts.response_size())),
    ]
}

fn outcome(grown: &&Grown) -> String {
    match &grown.outcome {
        Outcome::Whole(rss) => megabytes(*rss as f64),
        Outcome::OverLimit => "stopped".to_owned(),
        Outcome::Skipped => "–".to_owned(),
        Outcome::Failed(_) => "failed".to_owned(),
    }
}

fn failure(grown: &Grown) -> Option<String> {
    let Outcome::Failed(error) = &grown.outcome else { return None };
    Some(format!("{}, {} users: {error}", grown.contender.name, grouped(grown.users as f64)))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::contenders::ALL;
    use super::super::release::Response;
    use super::super::sample::{Sample, Samples};
    use super::super::sockets::Sockets;
    use super::super::wrk::Counts;
    use super::*;

    #[test]
    fn every_figure_has_its_cell() {
        let arguments = Arguments::parse_from(["load"]);
        let counts = Counts {
            responses: 2000.0,
            bytes: 4e6,
            duration: 1e6,
            p50: 1500.0,
            p99: 20_000.0,
            max: 300_000.0,
            errors: 3.0,
            timeouts: 4.0,
        };
        let list = vec![Sample { seconds: 0.0, rss: 14_000_000, tcp: 165_000_000 }];
        let samples = Samples { list, over_limit: false };
        let run = Run { contender: &ALL[0], connections: 1000, counts, samples, cpu: 45.0 };
        let throughput = Throughput {
            runs: vec![run],
            unanswered: vec!["round 1, 10000 connections, fastify".to_owned()],
            failures: vec!["a | b\nc".to_owned()],
        };
        let stalled =
            Stalled { contender: &ALL[1], rss: 4_100_000_000, tcp: 0, clients: 900, answered: 0, over_limit: true };
        let sockets = Sockets { count: 1000, memory: 33_000_000 };
        let release = Release {
            looks: vec![Look { seconds: 5.0, rss: 15_000_000, tcp: 166_000_000, sockets }],
            responses: vec![Response { seconds: 5.0, took: Some(2500.0) }, Response { seconds: 5.1, took: None }],
            arrivals: (3.0, 4.0),
        };
        let grown = |users, outcome| Grown { contender: &ALL[0], users, outcome };
        let growth = vec![grown(10, Outcome::Whole(5_000_000)), grown(1000, Outcome::Failed("cut".to_owned()))];
        let findings = Findings {
            arguments: &arguments,
            facts: vec![("CPU", "some".to_owned())],
            contenders: ALL[..2].iter().collect(),
            skipped: vec!["fastify: node is not installed".to_owned()],
            hash: "7c07".to_owned(),
            throughput: Some(throughput),
            stalled: Some((vec![stalled], Vec::new())),
            release: Some(Ok(release)),
            growth: Some(growth),
        };
        let report = findings.markdown();
        for line in [
            "| CPU | some |",
            "### 1,000 connections",
            "| chunkwire | 2,000 | 0 % | 4.00 | 1.50 | 20.0 | 300 | 3 | 4 | 14.0 | 165 | 45 | 2,000 |",
            "| fiber-array | stopped at 4,100 | 0.00 | 900 | 0 |",
            "| during | 1,000 | 15.0 | 166 | 33.0 | 33,000 | 2.50 | 2.50 | 1 |",
            "| after | 0 | 0.00 | 0.00 | 0.00 | 0 | – | – | 0 |",
            "| contender | 10 | 1,000 |",
            "| chunkwire | 5.00 | failed |",
            "- chunkwire, 1,000 users: cut",
            "## Runs without a response",
            "- round 1, 10000 connections, fastify",
            "## What failed",
            "- a | b c",
            "- fastify: node is not installed",
        ] {
            assert!(report.lines().any(|found| found == line), "{line} is not in\n{report}");
        }
    }
}
