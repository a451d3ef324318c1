//! What surrounds the records if they are one field of an object.
//!
//! The fields before the array are encoded when they are given. Those after it are computed when it has ended, and
//! never if the source failed.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use super::error::Error;
use super::record::{self, Record};
use crate::encode::encode_trait::to_vec;
use crate::encode::writer::Writer;

/// A JSON object with the array of records as one of its fields: `{"meta":…,"users":[…],"count":1000}`.
///
/// It is used in place of a [`Format`](crate::Format) in [`JsonBody::new`](crate::JsonBody::new); the records are a
/// [`Format::Array`](crate::Format::Array) in it. Keys are escaped if necessary. It is up to the caller that no two
/// keys are equal.
///
/// # Examples
///
/// ```
/// use chunkwire::{Envelope, JsonBody};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let envelope = Envelope::new("users")
///     .before("version", 2)
///     .after(|records, object| object.field("count", records));
/// let body = JsonBody::new(envelope, ["Ada", "Grace"]);
///
/// let bytes = body.collect().await.unwrap().to_bytes();
/// assert_eq!(bytes, r#"{"version":2,"users":["Ada","Grace"],"count":2}"#);
/// # }
/// ```
///
/// The source can share with the closure what only it knows, such as where the next page begins:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use chunkwire::{Envelope, JsonBody};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let last = Arc::new(AtomicU64::new(0));
/// let seen = Arc::clone(&last);
/// let ids = (7_u64..10).inspect(move |id| seen.store(*id, Ordering::Relaxed));
/// let envelope = Envelope::new("ids").after(move |_, object| object.field("next", last.load(Ordering::Relaxed) + 1));
///
/// let bytes = JsonBody::new(envelope, ids).collect().await.unwrap().to_bytes();
/// assert_eq!(bytes, r#"{"ids":[7,8,9],"next":10}"#);
/// # }
/// ```
#[must_use = "an envelope is for `JsonBody::new`"]
pub struct Envelope {
    /// The object up to the array.
    before: BytesMut,
    /// The key of the array and a colon.
    key: Vec<u8>,
    /// Never locked. The mutex keeps the body `Sync` although the closure is only `Send`.
    after: Option<Mutex<Box<After>>>,
    failure: Option<Error>,
}

type After = dyn FnOnce(u64, &mut Fields<'_, '_>) + Send;

impl Envelope {
    /// The least length in bytes of what [`close`](Self::close) writes.
    pub(crate) const CLOSING_LEN: usize = "]}".len();

    /// Returns an envelope whose field `key` is the array of records.
    pub fn new(key: &str) -> Self {
        let mut key = to_vec(key);
        key.push(b':');
        Self { before: BytesMut::from("{"), key, after: None, failure: None }
    }

    /// Adds a field before the array, after those that were added earlier.
    ///
    /// The value is encoded at once. It can be whatever a record can be: any [`Encode`](crate::Encode) value, or a
    /// serde value in a `Serde`. If it fails, the body fails before its first field, so that
    /// [`ready`](crate::JsonBody::ready) returns the error.
    pub fn before(mut self, key: &str, value: impl Record) -> Self {
        let mut out = Writer::new(&mut self.before);
        match field(key, value, &mut out) {
            Ok(()) => out.raw(","),
            Err(error) => {
                self.failure.get_or_insert(error);
            }
        }
        drop(out);
        self
    }

    /// Adds fields after the array, which `fields` writes when the source has no more records; it receives their
    /// number.
    ///
    /// The closure is called once, or never if the body does not get that far. It blocks the worker while it runs,
    /// unless the body is [offloaded](crate::JsonBody::offload); what it waits for should be done when the source is. A
    /// second call of `after` replaces the first.
    pub fn after<F>(mut self, fields: F) -> Self
    where
        F: FnOnce(u64, &mut Fields<'_, '_>) + Send + 'static,
    {
        self.after = Some(Mutex::new(Box::new(fields)));
        self
    }

    /// Takes the error of a field before the array, if one could not be encoded.
    pub(crate) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Returns what comes before the first record.
    pub(crate) fn opening(&self) -> Bytes {
        [&self.before[..], &self.key, b"["].concat().into()
    }

    /// Writes what comes after the last record.
    pub(crate) fn close(&mut self, records: u64, out: &mut Writer<'_>) -> Result<(), Error> {
        out.raw("]");
        if let Some(after) = self.after.take() {
            let after = after.into_inner().unwrap_or_else(PoisonError::into_inner);
            let mut fields = Fields { out, failure: None };
            after(records, &mut fields);
            fields.failure.map_or(Ok(()), Err)?;
        }
        out.raw("}");
        Ok(())
    }

    /// Returns the length of [`opening`](Self::opening) in bytes.
    pub(crate) fn opening_len(&self) -> usize {
        self.before.len() + self.key.len() + "[".len()
    }
}

/// The fields after the array: what the closure of [`Envelope::after`] writes to.
///
/// # Examples
///
/// ```
/// use chunkwire::{Envelope, Fields};
///
/// fn totals(records: u64, fields: &mut Fields<'_, '_>) {
///     fields.field("count", records);
///     fields.field("complete", true);
/// }
///
/// let envelope = Envelope::new("users").after(totals);
/// # drop(envelope);
/// ```
#[derive(Debug)]
pub struct Fields<'a, 'out> {
    out: &'a mut Writer<'out>,
    failure: Option<Error>,
}

impl Fields<'_, '_> {
    /// Appends a field.
    ///
    /// The value can be whatever a record can be. If it fails, the body ends with its error before the array is closed.
    pub fn field(&mut self, key: &str, value: impl Record) {
        self.out.raw(",");
        if let Err(error) = field(key, value, self.out) {
            self.failure.get_or_insert(error);
        }
    }
}

/// Writes one field without a comma.
fn field(key: &str, value: impl Record, out: &mut Writer<'_>) -> Result<(), Error> {
    out.string(key);
    out.raw(":");
    record::write(value, out).map_err(|error| error.in_field(key))
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, key, after, failure } = self;
        f.debug_struct("Envelope")
            .field("before", &format_args!("{} bytes", before.len()))
            .field("key", &String::from_utf8_lossy(key))
            .field("after", &after.is_some())
            .field("failure", failure)
            .finish()
    }
}
