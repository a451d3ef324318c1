//! How records are put together into one document.

use bytes::BytesMut;

use crate::encode::writer::Writer;

/// The media type of an array, and of an array in an envelope: `application/json` (RFC 8259, section 11).
pub const APPLICATION_JSON: &str = "application/json";

/// The media type of lines: `application/x-ndjson`, which is not registered, but is what most clients send.
pub const APPLICATION_X_NDJSON: &str = "application/x-ndjson";

/// Another media type of lines: `application/jsonl`, the one of JSON Lines.
pub const APPLICATION_JSONL: &str = "application/jsonl";

/// How records are put together into one document.
///
/// An array in an object with other fields is an [`Envelope`](crate::Envelope).
///
/// # Examples
///
/// ```
/// use chunkwire::{APPLICATION_X_NDJSON, Format, JsonBody};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let body = JsonBody::new(Format::Lines, 1..=3);
/// assert_eq!(body.collect().await.unwrap().to_bytes(), "1\n2\n3\n");
/// assert_eq!(Format::Lines.content_type(), APPLICATION_X_NDJSON);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON array (RFC 8259, section 5): `[1,2,3]`. Without records it is `[]`.
    Array,
    /// A newline after every record, the last included: `1\n2\n3\n`. Without records it is empty.
    ///
    /// If the source fails, a lone `{` follows the last whole line. No parser takes it for a record, so that a part is
    /// no whole even for a client from which a proxy hides the cut. A client must look at what follows the last newline.
    ///
    /// Also known as NDJSON and JSON Lines. Strings hold no line break of any kind: U+0085, U+2028 and U+2029 are
    /// escaped too, since the line iterators of some clients end a line there.
    Lines,
}

impl Format {
    /// Returns the media type that a response has unless its client prefers another: [`APPLICATION_JSON`] or
    /// [`APPLICATION_X_NDJSON`].
    pub const fn content_type(self) -> &'static str {
        self.media_types()[0]
    }

    /// Returns all media types by which clients know this format; the first is the [content type](Self::content_type).
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{APPLICATION_JSONL, Format};
    ///
    /// assert!(Format::Lines.media_types().contains(&APPLICATION_JSONL));
    /// assert_eq!(Format::Array.media_types(), ["application/json"]);
    /// ```
    pub const fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Array => &[APPLICATION_JSON],
            Self::Lines => &[APPLICATION_X_NDJSON, "application/ndjson", APPLICATION_JSONL],
        }
    }

    /// Returns a writer of records that appends to `out`.
    #[inline]
    pub(crate) fn writer(self, out: &mut BytesMut) -> Writer<'_> {
        match self {
            Self::Array => Writer::new(out),
            Self::Lines => Writer::for_lines(out),
        }
    }

    /// Returns what comes before the first record.
    pub(crate) const fn opening(self) -> &'static str {
        match self {
            Self::Array => "[",
            Self::Lines => "",
        }
    }

    /// Returns what comes after the last record.
    pub(crate) const fn closing(self) -> &'static str {
        match self {
            Self::Array => "]",
            Self::Lines => "",
        }
    }
}
