//! What a server did in a second.

use chunkwire::{Encode, Writer, object};

/// What a server did in about a second, and what it holds at the end of that. Nothing of it is about a client.
///
/// A sample is a record of the feed at `/live`: an object whose fields have these names.
///
/// # Examples
///
/// ```
/// use chunkwire_server::Sample;
///
/// let sample = Sample { connections_open: 3, sent_bytes_per_second: 0.5, ..Sample::default() };
/// let json = String::from_utf8(chunkwire::to_vec(&sample)).unwrap();
/// assert!(json.contains(r#""sent_bytes_per_second":0.5"#) && json.contains(r#""connections_open":3"#));
/// assert!(json.contains(r#""process_memory_bytes":null"#), "the system does not tell");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// When it was taken, in seconds since the start of 1970.
    pub unix_time_seconds: f64,
    /// How long the server had been running.
    pub uptime_seconds: f64,
    /// How long the time was that the rates are of.
    pub interval_seconds: f64,
    /// Responses that ended, by second.
    pub responses_per_second: f64,
    /// Bytes that sockets took, by second: those of bodies, and what is around them.
    pub sent_bytes_per_second: f64,
    /// Responses that have ended since the start.
    pub responses_total: u64,
    /// Bytes that sockets have taken since the start.
    pub sent_bytes_total: u64,
    /// Connections that are open.
    pub connections_open: u64,
    /// Streams of HTTP/2 that are open, on all connections.
    pub streams_open: u64,
    /// Responses that have waited for their clients for more than a second.
    pub responses_stalled: u64,
    /// Chunks of 16 KiB on their way to sockets.
    pub chunks_alive: u64,
    /// Resident memory of the process, where the system tells.
    pub process_memory_bytes: Option<u64>,
    /// Memory of all TCP sockets of the system, where it tells.
    pub kernel_tcp_memory_bytes: Option<u64>,
    /// Connections of the database that are in use, if there is one.
    pub database_connections_leased: Option<u64>,
}

impl Encode for Sample {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, {
            "unix_time_seconds": self.unix_time_seconds,
            "uptime_seconds": self.uptime_seconds,
            "interval_seconds": self.interval_seconds,
            "responses_per_second": self.responses_per_second,
            "sent_bytes_per_second": self.sent_bytes_per_second,
            "responses_total": self.responses_total,
            "sent_bytes_total": self.sent_bytes_total,
            "connections_open": self.connections_open,
            "streams_open": self.streams_open,
            "responses_stalled": self.responses_stalled,
            "chunks_alive": self.chunks_alive,
            "process_memory_bytes": self.process_memory_bytes,
            "kernel_tcp_memory_bytes": self.kernel_tcp_memory_bytes,
            "database_connections_leased": self.database_connections_leased,
        });
    }
}
