//! How bodies end: what is told about it, and who may know better.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::Format;

/// How a body ended, as the hook of [`JsonBody::on_end`](crate::JsonBody::on_end) is told.
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
    /// What the end was.
    pub outcome: Outcome,
    /// The format that the records were put together in.
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
    /// The body was dropped before its end: mostly because the client went away.
    ClientGone,
    /// The connection gave up on a client that did not read, and said so by [`Fate::stalled`].
    Stalled,
    /// The server was shut down first, and said so by [`Fate::shut_down`].
    ShutDown,
}

/// What a connection knows of the end of its bodies and they can't: why it drops them.
///
/// Clones are the same fate. A connection keeps one, gives another to each body by
/// [`OnEnd::told_by`](crate::OnEnd::told_by), and says why it is about to end before it does.
///
/// # Examples
///
/// ```
/// use chunkwire::{Fate, Format, JsonBody, Outcome};
///
/// let fate = Fate::default();
/// let body = JsonBody::new(Format::Array, 0..1000)
///     .on_end(|end| assert_eq!(end.outcome, Outcome::ShutDown))
///     .told_by(fate.clone());
/// fate.shut_down();
/// drop(body);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fate(Arc<AtomicU8>);

const STALLED: u8 = 1;
const SHUT_DOWN: u8 = 2;

impl Fate {
    /// The connection ends because its client does not read.
    pub fn stalled(&self) {
        self.0.store(STALLED, Ordering::Relaxed);
    }

    /// The connection ends because the server does.
    pub fn shut_down(&self) {
        self.0.store(SHUT_DOWN, Ordering::Relaxed);
    }

    /// Why a body that was dropped was dropped.
    pub(crate) fn outcome(&self) -> Outcome {
        match self.0.load(Ordering::Relaxed) {
            STALLED => Outcome::Stalled,
            SHUT_DOWN => Outcome::ShutDown,
            _ => Outcome::ClientGone,
        }
    }
}
