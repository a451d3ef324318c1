//! Why a body could not be completed.

use std::error::Error as StdError;
use std::fmt;

/// The error that ends a [`JsonBody`](crate::JsonBody) that could not be completed.
///
/// If the source failed, [`source`](StdError::source) returns its error. The same holds for a value that JSON can't
/// represent.
///
/// # Examples
///
/// ```
/// use std::error::Error as _;
///
/// use chunkwire::{Format, JsonBody};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let rows: [Result<u32, _>; 1] = [Err("no such table")];
/// let error = JsonBody::new(Format::Array, rows).ready().await.unwrap_err();
/// assert_eq!(error.to_string(), "the source of the records failed");
/// assert_eq!(error.source().unwrap().to_string(), "no such table");
/// # }
/// ```
#[derive(Debug)]
pub struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Source(Box<dyn StdError + Send + Sync>),
    Body(Box<dyn StdError + Send + Sync>),
    Panicked,
    Stalled,
}

impl Error {
    pub(crate) fn from_source(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Kind::Source(cause.into()))
    }

    /// Returns the error of any body as one of ours, which it may be already.
    pub(crate) fn from_body(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        cause.into().downcast().map_or_else(|other| Self(Kind::Body(other)), |ours| *ours)
    }

    pub(crate) const fn panicked() -> Self {
        Self(Kind::Panicked)
    }

    pub(crate) fn stalled() -> Self {
        Self(Kind::Stalled)
    }

    /// Logs that a body was cut, after how many records if that is known, and why.
    #[cfg(feature = "tracing")]
    pub(crate) fn log(&self, records: Option<u64>) {
        let causes = std::iter::successors(self.source(), |cause| (*cause).source());
        let cause = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        tracing::warn!(records, cause, "a response was cut: {self}");
    }

    /// Returns whether a frame was not taken in the time that [`OneChunk::timeout`](crate::OneChunk::timeout) sets,
    /// because the client does not read or a middleware collects the frames.
    pub fn is_stalled(&self) -> bool {
        matches!(self.0, Kind::Stalled)
    }

    /// Returns whether the source or a record panicked; the panic hook has reported it already.
    pub fn is_panic(&self) -> bool {
        matches!(self.0, Kind::Panicked)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Source(_) => "the source of the records failed",
            Kind::Body(_) => "the body failed",
            Kind::Panicked => "a record panicked while it was produced or encoded",
            Kind::Stalled => {
                "the last frame was not dropped in time: its client does not read, or frames are collected"
            }
        })
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Kind::Source(cause) | Kind::Body(cause) => Some(&**cause),
            Kind::Panicked | Kind::Stalled => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_its_cause_and_travels_between_threads() {
        fn travels<T: Send + Sync + 'static>(_: &T) {}

        let error = Error::from_source("no such table");
        travels(&error);
        assert_eq!(error.to_string(), "the source of the records failed");
        assert_eq!(error.source().unwrap().to_string(), "no such table");
    }
}
