//! How bodies end.

use std::time::Duration;

use crate::body::format::Format;

/// How a body ended: the argument of the hook of [`JsonBody::on_end`](crate::JsonBody::on_end).
///
/// # Examples
///
/// ```
/// use chunkwire::{End, Format, JsonBody};
///
/// fn log(end: &End) {
///     println!("{:?}: {} records in {} bytes and {:?}", end.outcome, end.records, end.bytes, end.elapsed);
/// }
///
/// let body = JsonBody::new(Format::Array, 0..1000).on_end(log);
/// # drop(body);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct End {
    /// The kind of the end.
    pub outcome: Outcome,
    /// The format of the records.
    pub format: Format,
    /// How many records were encoded.
    pub records: u64,
    /// How many bytes of the document were handed out, without what a transfer coding adds.
    pub bytes: u64,
    /// The time since the hook was set.
    pub elapsed: Duration,
}

/// How a body can end.
///
/// # Examples
///
/// ```
/// use chunkwire::{Format, JsonBody, Outcome};
///
/// let body = JsonBody::new(Format::Array, 0..1000).on_end(|end| assert_eq!(end.outcome, Outcome::ClientGone));
/// drop(body);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// All of the document was handed to the connection.
    Complete,
    /// The source failed, or a record panicked.
    SourceFailed,
    /// The body was dropped before its end, mostly because the client went away.
    ClientGone,
    /// The connection gave up on a client that did not read, and set a [`DropOutcome`](crate::DropOutcome).
    Stalled,
    /// The server was shut down before the end, and set a [`DropOutcome`](crate::DropOutcome).
    ShutDown,
}
