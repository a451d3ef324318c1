//! How bodies end.

use std::time::Duration;

use crate::body::error::Error;
use crate::body::format::Format;

/// How a body ended: the argument of the hook of [`JsonBody::on_end`](crate::JsonBody::on_end).
///
/// # Examples
///
/// ```
/// use std::error::Error as _;
///
/// use chunkwire::{End, Format, JsonBody};
/// use http_body_util::BodyExt;
///
/// fn log(end: &End<'_>) {
///     println!("{:?}: {} records in {} bytes and {:?}", end.outcome, end.records, end.bytes, end.elapsed);
///     if let Some(cause) = end.error.and_then(|error| error.source()) {
///         assert_eq!(cause.to_string(), "the database went away");
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let rows = [Ok(1), Err("the database went away")];
/// let body = JsonBody::new(Format::Array, rows).on_end(log);
/// assert!(body.collect().await.is_err());
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct End<'a> {
    /// The kind of the end.
    pub outcome: Outcome,
    /// Why the body could not be completed, if its source failed or a record panicked.
    pub error: Option<&'a Error>,
    /// The format of the records.
    pub format: Format,
    /// How many records were encoded.
    pub records: u64,
    /// How many bytes were handed out, without what a transfer coding adds, and with what a failure leaves open.
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
/// let body = JsonBody::new(Format::Array, 0..1000).on_end(|end| assert_eq!(end.outcome, Outcome::Unpolled));
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
    /// Nobody asked for the body, which was dropped before it was polled: that of a response to `HEAD`, or with a
    /// status that has none, such as 304.
    Unpolled,
    /// The connection gave up on a client that did not read, and set a [`DropOutcome`](crate::DropOutcome).
    Stalled,
    /// The server was shut down before the end, and set a [`DropOutcome`](crate::DropOutcome).
    ShutDown,
}
