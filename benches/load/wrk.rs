//! The load generator: wrk, and what it counted.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::available_parallelism;

use super::{Result, programs};

/// A response that takes longer counts as a timeout, in seconds. wrk does not record the latency of those.
const TIMEOUT: u64 = 10;

/// The installed wrk.
#[derive(Debug)]
pub(crate) struct Wrk {
    program: PathBuf,
}

/// What wrk counted in one run. Times are in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// Responses that were complete.
    pub(crate) responses: f64,
    /// Bytes that were read, heads and chunk sizes included.
    pub(crate) bytes: f64,
    /// How long the run took.
    pub(crate) duration: f64,
    /// The latency that half of the responses did not exceed.
    pub(crate) p50: f64,
    /// The latency that 99 of 100 responses did not exceed.
    pub(crate) p99: f64,
    /// The longest latency.
    pub(crate) max: f64,
    /// Connections that could not be made or broke, and responses with another status than 2xx or 3xx.
    pub(crate) errors: f64,
    /// Responses that took longer than ten seconds.
    pub(crate) timeouts: f64,
}

impl Wrk {
    /// Finds wrk.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not installed; the message says how to install it.
    pub(crate) fn find() -> Result<Self> {
        Ok(Self { program: programs::find("wrk")? })
    }

    /// Returns its path.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Drives a server for some seconds over a number of connections.
    ///
    /// # Errors
    ///
    /// Returns an error if wrk fails, or prints anything but its script's output.
    pub(crate) fn run(&self, address: SocketAddr, target: &str, connections: u32, seconds: u64) -> Result<Counts> {
        let threads = available_parallelism()?.get().min(connections as usize);
        let output = Command::new(&self.program)
            .args([format!("-t{threads}"), format!("-c{connections}"), format!("-d{seconds}s")])
            .args(["--timeout", &format!("{TIMEOUT}s")])
            .args(["-s", concat!(env!("CARGO_MANIFEST_DIR"), "/load/wrk.lua")])
            .arg(format!("http://{address}{target}"))
            .output()
            .map_err(|error| format!("wrk can't be started: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        Counts::parse(&said).ok_or_else(|| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            format!("wrk ended with {} and counted nothing: {}", output.status, complaint.trim()).into()
        })
    }
}

impl Counts {
    fn parse(said: &str) -> Option<Self> {
        let figures: BTreeMap<&str, f64> = said
            .lines()
            .find_map(|line| line.strip_prefix("counted: "))?
            .split_whitespace()
            .map(|word| word.split_once('=').and_then(|(name, value)| Some((name, value.parse().ok()?))))
            .collect::<Option<_>>()?;
        let figure = |name| figures.get(name).copied();
        Some(Self {
            responses: figure("requests")?,
            bytes: figure("bytes")?,
            duration: figure("duration")?,
            p50: figure("p50")?,
            p99: figure("p99")?,
            max: figure("max")?,
            errors: figure("connect")? + figure("read")? + figure("write")? + figure("status")?,
            timeouts: figure("timeout")?,
        })
    }

    /// Returns the responses per second.
    pub(crate) fn rate(&self) -> f64 {
        self.responses / self.duration * 1e6
    }

    /// Returns the bytes per second.
    pub(crate) fn byte_rate(&self) -> f64 {
        self.bytes / self.duration * 1e6
    }

    /// Returns the mean size of a response with its head, in bytes.
    pub(crate) fn response_size(&self) -> f64 {
        if self.responses == 0.0 { 0.0 } else { self.bytes / self.responses }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_script_prints_is_read_in_any_order() {
        let said = "Running 2s test\n  Latency ...\ncounted: max=90 p50=10 p99=80 requests=200 bytes=4000 \
                    duration=2000000 connect=1 read=2 write=3 status=4 timeout=5\n";
        let counts = Counts::parse(said).unwrap();
        assert_eq!((counts.p50, counts.p99, counts.max), (10.0, 80.0, 90.0));
        assert_eq!((counts.errors, counts.timeouts), (10.0, 5.0));
        assert_eq!((counts.rate(), counts.byte_rate(), counts.response_size()), (100.0, 2000.0, 20.0));
    }

    #[test]
    fn anything_else_is_not_a_result() {
        for said in ["", "unable to connect", "counted: requests=1", "counted: requests=x"] {
            assert_eq!(Counts::parse(said), None, "{said}");
        }
    }

    #[test]
    fn a_wrk_that_can_not_run_is_an_error() {
        let wrk = Wrk { program: "/nonexistent/wrk".into() };
        let error = wrk.run("127.0.0.1:1".parse().unwrap(), "/", 1, 1).unwrap_err().to_string();
        assert!(error.starts_with("wrk can't be started: "), "{error}");
        let wrk = Wrk { program: "/bin/false".into() };
        let error = wrk.run("127.0.0.1:1".parse().unwrap(), "/", 1, 1).unwrap_err().to_string();
        assert!(error.contains("counted nothing"), "{error}");
    }
}
