//! What a server counts, in the text format of Prometheus.
//!
//! Counting is a few atomic additions for each response; the text is made when it is asked for.

use std::time::Duration;

use chunkwire_engine::{ConnectionEnd, Handle, ResponseEnd};
use http::StatusCode;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TEXT_FORMAT,
    TextEncoder,
};

use super::access_log::{format_name, outcome_name};
use super::build_info::build_info;
use super::on_demand::OnDemand;
use super::record_count::RecordCount;
use super::route_path::RoutePath;
use super::tcp_memory::tcp_memory;

/// The classes of statuses (RFC 9110, section 15); those of no class count as the last.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What stands for the route of responses that are of none.
const NO_ROUTE: &str = "none";

/// From a tenth of a millisecond to a minute and more.
pub(crate) const SECONDS: [f64; 12] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0];

/// What a server counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    open: IntGauge,
    streams: IntGauge,
    /// By how they ended.
    connections: Vec<IntCounter>,
    /// By class, format, outcome and route.
    responses: IntCounterVec,
    /// By class.
    statuses: [IntCounter; CLASSES.len()],
    records: IntCounter,
    bytes: IntCounter,
    stalls: IntCounter,
    accept_errors: IntCounter,
    first_byte: Histogram,
    /// By route.
    duration: HistogramVec,
    chunks_alive: IntGauge,
    chunks_most: IntGauge,
    tcp_memory: IntGauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        let register = |metric: Box<dyn prometheus::core::Collector>| {
            registry.register(metric).expect("our metrics have different and valid names");
        };
        let gauge = |name, help| {
            let gauge = IntGauge::new(name, help).expect("a valid name");
            register(Box::new(gauge.clone()));
            gauge
        };
        let counter = |name, help| {
            let counter = IntCounter::new(name, help).expect("a valid name");
            register(Box::new(counter.clone()));
            counter
        };
        let counters = |name, help, labels: &[&str]| {
            let counters = IntCounterVec::new(Opts::new(name, help), labels).expect("valid names");
            register(Box::new(counters.clone()));
            counters
        };
        let seconds = |name, help| {
            let options = HistogramOpts::new(name, help).buckets(SECONDS.into());
            let histogram = Histogram::with_opts(options).expect("a valid name and rising buckets");
            register(Box::new(histogram.clone()));
            histogram
        };
        register(Box::new(build_info()));
        #[cfg(target_os = "linux")]
        register(Box::new(prometheus::process_collector::ProcessCollector::for_self()));

        let connections = counters("chunkwire_connections_total", "Connections that ended, by how.", &["outcome"]);
        let duration = HistogramOpts::new(
            "chunkwire_response_duration_seconds",
            "Time from a request's head to the end of the response's body, by route.",
        );
        let duration = HistogramVec::new(duration.buckets(SECONDS.into()), &["route"]).expect("valid names");
        register(Box::new(duration.clone()));
        let statuses = counters(
            "chunkwire_response_statuses_total",
            "Responses that ended, those to heads that could not be read included, by the class of their status.",
            &["class"],
        );
        Self {
            open: gauge("chunkwire_connections_open", "Connections that are open now."),
            streams: gauge("chunkwire_streams_open", "Streams of HTTP/2 that are open now, on all connections."),
            connections: ConnectionEnd::ALL
                .iter()
                .map(|end| connections.with_label_values(&[end_name(*end)]))
                .collect(),
            responses: counters(
                "chunkwire_responses_total",
                "Responses that ended, by the class of their status, what they were, how they ended, and their route.",
                &["class", "format", "outcome", "route"],
            ),
            statuses: CLASSES.map(|class| statuses.with_label_values(&[class])),
            records: counter("chunkwire_records_total", "Records that were encoded for responses that ended."),
            bytes: counter("chunkwire_body_bytes_total", "Bytes of the bodies of responses that ended."),
            stalls: counter("chunkwire_stalls_total", "Connections that were reset since their clients did not read."),
            accept_errors: counter("chunkwire_accept_errors_total", "Connections that could not be accepted."),
            first_byte: seconds(
                "chunkwire_time_to_first_byte_seconds",
                "Time from a request's head to the first byte of the response in the socket.",
            ),
            duration,
            chunks_alive: gauge("chunkwire_chunks_alive", "Chunks of 16 KiB on their way to sockets now."),
            chunks_most: gauge("chunkwire_chunks_alive_max", "Chunks of 16 KiB that were alive at once at most."),
            tcp_memory: gauge(
                "chunkwire_kernel_tcp_memory_bytes",
                "Memory that the kernel uses for all TCP sockets of the system.",
            ),
            registry,
        }
    }
}

impl Metrics {
    /// The media type of [`text`](Self::text).
    pub(crate) const MEDIA_TYPE: &'static str = TEXT_FORMAT;

    /// A connection has ended.
    pub(super) fn connection(&self, end: ConnectionEnd) {
        if let Some(index) = ConnectionEnd::ALL.iter().position(|other| *other == end) {
            self.connections[index].inc();
        }
        if end == ConnectionEnd::Stalled {
            self.stalls.inc();
        }
    }

    /// A response has ended.
    pub(super) fn response(&self, end: &ResponseEnd) {
        let records = end.extensions.get::<RecordCount>();
        let (format, outcome) = (format_name(records.map(|records| records.format)), outcome_name(end.outcome));
        let route = end.extensions.get::<RoutePath>().map_or(NO_ROUTE, RoutePath::path);
        self.responses.with_label_values(&[CLASSES[class(end.status)], format, outcome, route]).inc();
        self.status(end.status);
        self.records.inc_by(records.map_or(0, RecordCount::count));
        self.bytes.inc_by(end.bytes);
        self.duration.with_label_values(&[route]).observe(end.elapsed.as_secs_f64());
    }

    /// A response had a status.
    pub(super) fn status(&self, status: StatusCode) {
        self.statuses[class(status)].inc();
    }

    /// Adds what another part counts.
    pub(crate) fn register(&self, collectors: Vec<Box<dyn prometheus::core::Collector>>) {
        for collector in collectors {
            self.registry.register(collector).expect("our metrics have different and valid names");
        }
    }

    /// Adds what an engine knows of its clients, asked for when it is read.
    pub(crate) fn watch(&self, engine: &Handle) {
        let (sent_by, stalled_at) = (engine.clone(), engine.clone());
        let sent = OnDemand::new(move || {
            let help = "Bytes that sockets took, for bodies and all that is around them.";
            let counter = IntCounter::new("chunkwire_sent_bytes_total", help).expect("a valid name");
            counter.inc_by(sent_by.sent());
            counter
        });
        let stalled = OnDemand::new(move || {
            let help = "Responses that have waited for their clients for more than a second now.";
            let gauge = IntGauge::new("chunkwire_responses_stalled", help).expect("a valid name");
            gauge.set(i64::try_from(stalled_at.stalled()).unwrap_or(i64::MAX));
            gauge
        });
        self.register(vec![Box::new(sent), Box::new(stalled)]);
    }

    /// How many responses have ended.
    pub(crate) fn responses(&self) -> u64 {
        self.statuses.iter().map(IntCounter::get).sum()
    }

    /// Sets what tells how many lines the log has lost. The first one stays.
    pub(crate) fn count_lost_lines(&self, count: impl Fn() -> usize + Send + Sync + 'static) {
        let _ = self.registry.register(Box::new(OnDemand::new(move || {
            let (name, help) = ("chunkwire_log_lines_lost_total", "Lines of the log that nobody had read in time.");
            let counter = IntCounter::new(name, help).expect("a valid name");
            counter.inc_by(count() as u64);
            counter
        })));
    }

    /// The first byte of a response was sent.
    pub(super) fn first_byte(&self, time: Duration) {
        self.first_byte.observe(time.as_secs_f64());
    }

    /// A connection could not be accepted.
    pub(super) fn accept_error(&self) {
        self.accept_errors.inc();
    }

    /// Everything, as it is now.
    pub(crate) fn text(&self, engine: &Handle) -> Vec<u8> {
        let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.open.set(gauge(engine.connections() as u64));
        self.streams.set(gauge(engine.streams() as u64));
        self.chunks_alive.set(gauge(engine.chunks().alive() as u64));
        self.chunks_most.set(gauge(engine.chunks().peak() as u64));
        self.tcp_memory.set(gauge(tcp_memory().unwrap_or_default()));
        let mut text = Vec::with_capacity(8192);
        TextEncoder::new().encode(&self.registry.gather(), &mut text).expect("writing to memory does not fail");
        text
    }
}

/// The place of a status among the classes.
fn class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1
}

/// The name of an end in metrics.
const fn end_name(end: ConnectionEnd) -> &'static str {
    match end {
        ConnectionEnd::Closed => "closed",
        ConnectionEnd::HandshakeFailed => "handshake_failed",
        ConnectionEnd::HandshakeTimeout => "handshake_timeout",
        ConnectionEnd::ProxyHeaderFailed => "proxy_header_failed",
        ConnectionEnd::HeadTimeout => "head_timeout",
        ConnectionEnd::BodyTimeout => "body_timeout",
        ConnectionEnd::IdleTimeout => "idle_timeout",
        ConnectionEnd::Stalled => "stalled",
        ConnectionEnd::Paused => "paused",
        ConnectionEnd::Failed => "failed",
        ConnectionEnd::ShutDown => "shut_down",
        _ => "broken",
    }
}
