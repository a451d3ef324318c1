//! Why a body could not be completed.

use std::error::Error as StdError;
use std::{fmt, io, iter};

/// The error that ends a [`JsonBody`](crate::JsonBody) that could not be completed.
///
/// If the source failed, [`source`](StdError::source) returns its error. The same holds for a value that JSON can't
/// represent. The text says how many records came before.
///
/// # Examples
///
/// ```
/// use std::error::Error as _;
///
/// use chunkwire::{Format, JsonBody};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let rows = || [Ok(1), Ok(2), Err("no such table")];
/// let error = JsonBody::new(Format::Array, rows()).collect().await.unwrap_err();
/// assert_eq!(error.to_string(), "the source of the records failed after 2 records");
/// assert_eq!(error.source().unwrap().to_string(), "no such table");
///
/// let error = JsonBody::new(Format::Array, rows().into_iter().skip(2)).ready().await.unwrap_err();
/// assert_eq!(error.to_string(), "the source of the records failed");
/// # }
/// ```
#[derive(Debug)]
pub struct Error(Box<Failure>);

#[derive(Debug)]
struct Failure {
    kind: Kind,
    /// The field that failed, if it is known.
    field: String,
    /// How many records came before.
    records: u64,
}

#[derive(Debug)]
enum Kind {
    Source(Box<dyn StdError + Send + Sync>),
    Body(Box<dyn StdError + Send + Sync>),
    Panicked,
    Stalled,
    Cut,
}

impl Error {
    /// Returns the error of a source or a record that failed because of `cause`.
    ///
    /// # Examples
    ///
    /// A record that is read from a file while it is written, which blocks, so that the body is offloaded:
    ///
    /// ```
    /// use std::error::Error as _;
    /// use std::path::PathBuf;
    ///
    /// use chunkwire::{Error, Format, JsonBody, Record, Writer};
    ///
    /// struct Text(PathBuf);
    ///
    /// impl Record for Text {
    ///     fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
    ///         out.string(&std::fs::read_to_string(self.0).map_err(Error::new)?);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let texts = ["/nowhere".into()].map(Text);
    /// let body = JsonBody::new(Format::Array, texts).offload(|job| tokio::task::spawn_blocking(|| job.run()));
    /// let error = body.ready().await.unwrap_err();
    /// assert!(error.source().unwrap().is::<std::io::Error>());
    /// # }
    /// ```
    #[cold]
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(Kind::Source(cause.into()))
    }

    /// Returns the error of any body as one of ours, which it may be already.
    pub(crate) fn from_body(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        cause.into().downcast().map_or_else(|other| Self::of(Kind::Body(other)), |ours| *ours)
    }

    pub(crate) fn panicked() -> Self {
        Self::of(Kind::Panicked)
    }

    pub(crate) fn stalled() -> Self {
        Self::of(Kind::Stalled)
    }

    pub(crate) fn cut() -> Self {
        Self::of(Kind::Cut)
    }

    fn of(kind: Kind) -> Self {
        Self(Box::new(Failure { kind, field: String::new(), records: 0 }))
    }

    /// Returns the same error of the field `key`, which holds the field that failed, or is it.
    #[cold]
    pub(crate) fn in_field(mut self, key: &str) -> Self {
        let field = &mut self.0.field;
        *field = if field.is_empty() { key.to_owned() } else { format!("{key}.{field}") };
        self
    }

    /// Returns the same error of a body that has handed out `records` before.
    pub(crate) fn after(mut self, records: u64) -> Self {
        self.0.records = records;
        self
    }

    /// Returns what it is due to, from its nearest cause to its first.
    fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        iter::successors(self.source(), |cause| (*cause).source())
    }

    /// Logs that a body was cut, and why.
    #[cfg(feature = "tracing")]
    pub(crate) fn log(&self) {
        let cause = self.causes().map(ToString::to_string).collect::<Vec<_>>().join(": ");
        tracing::warn!(cause, "a response was cut: {self}");
    }

    /// Returns whether a frame was not taken in the time that [`OneChunk::timeout`](crate::OneChunk::timeout) sets,
    /// because the client does not read or a middleware collects the frames.
    pub fn is_stalled(&self) -> bool {
        matches!(self.0.kind, Kind::Stalled)
    }

    /// Returns whether the source is not to blame: the server had to end the response, by
    /// [`poll_cut`](crate::poll_cut).
    pub fn is_cut(&self) -> bool {
        matches!(self.0.kind, Kind::Cut)
    }

    /// Returns whether the source or a record panicked; the panic hook has reported it already.
    pub fn is_panic(&self) -> bool {
        matches!(self.0.kind, Kind::Panicked)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { kind, field, records } = &*self.0;
        match kind {
            Kind::Source(_) if field.is_empty() => f.write_str("the source of the records failed"),
            Kind::Source(_) => write!(f, "the field `{field}` failed"),
            Kind::Body(_) => f.write_str("the body failed"),
            Kind::Cut => f.write_str("the server ended the response"),
            Kind::Panicked => f.write_str("a record panicked while it was produced or encoded"),
            Kind::Stalled => {
                f.write_str("the last frame was not dropped in time: its client does not read, or frames are collected")
            }
        }?;
        match records {
            0 => Ok(()),
            1 => f.write_str(" after 1 record"),
            records => write!(f, " after {records} records"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            Kind::Source(cause) | Kind::Body(cause) => Some(&**cause),
            Kind::Panicked | Kind::Stalled | Kind::Cut => None,
        }
    }
}

/// An error of the kind of the [`io::Error`] among the causes, if one is; [`TimedOut`](io::ErrorKind::TimedOut) if
/// [the frame was not taken in time](Error::is_stalled); or else [`Other`](io::ErrorKind::Other).
///
/// Frameworks and adapters that take a stream of bytes mostly want its errors as these.
///
/// # Examples
///
/// ```
/// use std::error::Error as _;
/// use std::io;
///
/// use chunkwire::Error;
///
/// let lost = io::Error::new(io::ErrorKind::ConnectionReset, "the database went away");
/// let error = io::Error::from(Error::new(lost));
/// assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
/// assert_eq!(error.to_string(), "the source of the records failed");
/// assert_eq!(error.source().unwrap().to_string(), "the database went away");
/// assert!(error.get_ref().unwrap().is::<Error>());
/// ```
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = if error.is_stalled() {
            io::ErrorKind::TimedOut
        } else {
            let cause = error.causes().find_map(|cause| cause.downcast_ref::<Self>());
            cause.map_or(io::ErrorKind::Other, Self::kind)
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_its_cause_and_travels_between_threads() {
        fn travels<T: Send + Sync + 'static>(_: &T) {}

        let error = Error::new("no such table");
        travels(&error);
        assert_eq!(error.to_string(), "the source of the records failed");
        assert_eq!(error.source().unwrap().to_string(), "no such table");

        let error = error.in_field("rate").in_field("meta").after(1);
        assert_eq!(error.to_string(), "the field `meta.rate` failed after 1 record");
    }
    #[derive(Debug)]
    struct Driver(io::Error);

    impl fmt::Display for Driver {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the driver failed")
        }
    }

    impl StdError for Driver {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn is_an_io_error_of_the_kind_of_its_cause() {
        let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
        for (error, kind) in [
            (Error::new(reset()), io::ErrorKind::ConnectionReset),
            (Error::new(Driver(reset())), io::ErrorKind::ConnectionReset),
            (Error::from_body(reset()), io::ErrorKind::ConnectionReset),
            (Error::new("no such table"), io::ErrorKind::Other),
            (Error::panicked(), io::ErrorKind::Other),
            (Error::stalled(), io::ErrorKind::TimedOut),
        ] {
            let (text, cause) = (error.to_string(), error.source().map(ToString::to_string));
            let error = io::Error::from(error);
            assert_eq!((error.kind(), error.to_string()), (kind, text));
            assert_eq!(error.source().map(ToString::to_string), cause);
            assert!(error.get_ref().unwrap().is::<Error>());
        }
    }
}
