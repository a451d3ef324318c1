//! Streams JSON arrays of any length while each connection holds one 16 KiB chunk.
//!
//! An endpoint that returns a big list usually builds the list, then the JSON, then writes it: memory is connections
//! × response. A [`JsonBody`] never builds either. It pulls one record after the other from its source, encodes it
//! straight into a chunk of [`CHUNK_SIZE`] bytes, and hands the chunk to the connection when it is full:
//!
//! ```text
//! source ──record──▶ encoder ──▶ [ one chunk, 16 KiB ] ──frame──▶ hyper ──writev──▶ socket
//!    ▲                                                                              │
//!    └─────────────── not polled again before the chunk was taken ◀─────────────────┘
//! ```
//!
//! # Examples
//!
//! A handler that returns records as an array. axum takes the response as is, under any layers, and with the feature
//! `axum` the body itself:
//!
//! ```
//! use chunkwire::{Format, JsonBody};
//! use http::Response;
//! use http_body::Body;
//!
//! fn numbers() -> Response<impl Body> {
//!     JsonBody::new(Format::Array, 1..=3).into_response()
//! }
//!
//! # use http_body_util::BodyExt;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let bytes = numbers().into_body().collect().await.ok().unwrap().to_bytes();
//! assert_eq!(bytes, "[1,2,3]");
//! # }
//! ```
//!
//! A type of your own becomes a record by [`Encode`]:
//!
//! ```
//! use chunkwire::{Encode, Format, JsonBody, Writer, object};
//! use http::Response;
//! use http_body::Body;
//!
//! struct Reading {
//!     sensor: &'static str,
//!     celsius: f64,
//! }
//!
//! impl Encode for Reading {
//!     fn encode(&self, out: &mut Writer<'_>) {
//!         object!(out, { "sensor": self.sensor, "celsius": self.celsius });
//!     }
//! }
//!
//! fn readings() -> Response<impl Body> {
//!     let readings = (0..2).map(|i| Reading { sensor: "hall", celsius: 20.5 + f64::from(i) });
//!     JsonBody::new(Format::Array, readings).into_response()
//! }
//!
//! # use http_body_util::BodyExt;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let bytes = readings().into_body().collect().await.ok().unwrap().to_bytes();
//! assert_eq!(bytes, r#"[{"sensor":"hall","celsius":20.5},{"sensor":"hall","celsius":21.5}]"#);
//! # }
//! ```
//!
//! In another framework than axum and hyper, the body is a stream of bytes by `into_data_stream`, whose errors are
//! `std::io::Error`s where that is asked for; the repository's FRAMEWORKS.md has the line for actix-web, warp, salvo,
//! poem and rocket:
//!
//! ```
//! use chunkwire::{Format, JsonBody};
//! use http_body_util::BodyExt;
//! use tokio_stream::StreamExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), chunkwire::Error> {
//! let mut stream = JsonBody::new(Format::Array, 1..=3).into_data_stream();
//! assert_eq!(stream.try_next().await?.unwrap(), "[1,2,3]");
//! # Ok(())
//! # }
//! ```
//!
//! # What goes in and what comes out
//!
//! - A source is an iterator ([`JsonBody::new`]) or a `Stream` ([`JsonBody::from_stream`]), of values or of `Result`s, or
//!   a [`Source`] of your own that fills a chunk when it is asked to ([`JsonBody::from_source`]). The values are [`Encode`], or any `Serialize` type in a `Serde` with the feature `serde`, or write both with
//!   [`object!`], and `Result`s with [`try_object!`]. Text that is JSON already goes in by [`RawJson::trusted`], and what is `Display` by [`display()`].
//! - A source should not block: while it waits for a disk, a database or a lock, its worker serves no other client.
//!   [`offload`](JsonBody::offload) pulls an iterator where it may block, and holds no thread while a client does not
//!   read. A stream of pages, each asked for from the key where the last one ended, needs none at all.
//! - The records become one array or lines, by [`Format`], or an array in an object with other fields, by [`Envelope`].
//! - When a source pauses, what it has yielded goes out at once, or waits for a [full chunk](JsonBody::full_chunks).
//! - [`ready`](JsonBody::ready) pulls the first record before the head is sent, so that the response can still be a 500
//!   if the source fails at once; [`on_end`](JsonBody::on_end) reports how each response ended, with a [`DropOutcome`]
//!   also why a body was dropped.
//! - [`into_response`](JsonBody::into_response) makes a response of the body, with its content type;
//!   [`NO_PROXY_BUFFERING`] is for nginx, and [`INCREMENTAL`] for all proxies that know it. A [`ChunkGauge`] counts the chunks that are alive.
//! - The format can be the one that a request's `Accept` prefers (feature `negotiation`); [`VARY_ACCEPT`] belongs on
//!   every response for which it was looked at.
//!
//! # Promises
//!
//! 1. **One chunk.** At most one chunk of a response is alive per connection, however slow the reader; an idle
//!    connection holds none.
//! 2. **Fixed.** Every data frame but the last is exactly [`CHUNK_SIZE`] (16,384) bytes, unless the source pauses.
//! 3. **Zero-copy.** A record is written once, in place; the bytes that `writev` gets are where the encoder wrote them.
//! 4. **Lazy.** No record is produced before there is room for it in the chunk being filled.
//! 5. **Same bytes.** The response does not depend on where chunks fall, on how slowly it is read, or on pauses of the
//!    source.
//! 6. **An honest end.** A response that could not be completed is cut without its final chunk, and its JSON is left
//!    open, so that no client takes a part for the whole, behind a proxy either.
//! 7. **Bounded in the kernel too.** What the kernel holds unsent for a stalled reader is about one more chunk, not
//!    megabytes.
//!
//! What they require, and their limits:
//!
//! - **One chunk** is kept by [`OneChunk`], around all layers: by `chunkwire-engine` for every response, under any
//!   other server by [a layer](JsonBody::into_response). The feature `hyper` adds `tune`: settings that avoid
//!   needless waits, and that the promise about the kernel needs. If hyper's builder can't be reached, as under
//!   `axum::serve`, [`OneChunk::timeout`] limits how long a client may stall: the body becomes a [`Timeout`]. Without
//!   [`OneChunk`], hyper with its default settings queues up to 16 chunks of an HTTP/1.1 response, and more than 25 of
//!   an HTTP/2 stream.
//! - **Open JSON** is left by a source that fails, and by a server that ends a response by [`poll_cut`], as
//!   `chunkwire-engine` does.
//! - **HTTP/2** keeps one chunk for each stream, not for each connection. What fits into the client's windows is sent,
//!   and the client then holds it.
//! - **TLS** encrypts data into a buffer of its own, and hyper copies too if a transport has no vectored writes. A
//!   frame is dropped when it has been copied; the transport decides how much such a buffer takes.
//! - **HTTP/1.0** has no chunked coding, so that a cut response looks complete unless the connection is reset. Send
//!   streams that can fail to HTTP/1.1 clients only, and set `proxy_http_version 1.1` in nginx.
//! - **A proxy that buffers** reads a response as fast as it comes, holds records back, and may store all of it: see
//!   [`NO_PROXY_BUFFERING`] and [`INCREMENTAL`].
//! - **Middleware that collects bodies** breaks these promises. Over a [`OneChunk`] that is not at the edge, it waits
//!   forever; [`OneChunk::timeout`] turns that into an error.
//! - **A long record** is encoded whole: a body holds what is left of it while it is sent.
//!
//! # Alternatives
//!
//! - `axum::Json` and `serde_json::to_vec` build all of a response. That is as good and simpler for what fits into a
//!   chunk or two, and the response can still be a 500 if the last record fails.
//! - [axum-streams] streams as well, and has CSV, Protobuf, Arrow and text besides JSON, and hooks for progress. Each
//!   record becomes a buffer of its own there, and hyper queues as many as its buffer takes. This crate writes only
//!   JSON, is about memory and cut responses, and is not tied to axum.
//!
//! Don't use it for documents that are one big object or arrays in arrays: it streams the records of one array. Nor if
//! clients must know the length beforehand: most streams have no `Content-Length`.
//!
//! [axum-streams]: https://docs.rs/axum-streams
//!
//! # Features
//!
//! None is on by default: the library then needs neither hyper nor tokio.
//!
//! | feature | adds |
//! |---|---|
//! | `axum` | `IntoResponse` for the bodies: a handler of axum can return them as they are |
//! | `compression` | `Compressed`: responses in gzip, at no cost for a connection that waits |
//! | `derive` | `#[derive(Encode)]`: types with serde's attributes write themselves |
//! | `serde` | any `serde::Serialize` type as a record or a field, in a `Serde` |
//! | `digest` | `ContentDigest`: the digest of a body as its trailer |
//! | `negotiation` | `Format::accepted`: the format that a request's `Accept` prefers |
//! | `hyper` | `tune`: settings of HTTP/1.1 connections and of sockets |
//! | `http2` | the same for HTTP/2; it includes `hyper` |
//! | `tracing` | an event of the level WARN for each body that fails, with its cause |
//! | `bigdecimal`, `chrono`, `indexmap`, `jiff`, `rust_decimal`, `serde_json`, `time`, `url`, `uuid` | [`Encode`] for the types of that crate |
//!
//! Two other packages are built on this one: `chunkwire-engine` serves any tower service over bounded connections, and
//! `chunkwire-server` is a server of JSON arrays that uses it.

#[cfg(feature = "derive")]
pub use chunkwire_derive::Encode;

mod encode;
pub use encode::display::{DisplayValue, display};
pub use encode::encode_fields::EncodeFields;
pub use encode::encode_key::EncodeKey;
pub use encode::encode_trait::{Encode, to_vec};
pub use encode::finite::Finite;
pub use encode::raw_json::RawJson;
#[cfg(feature = "serde")]
pub use encode::serde::{error::SerializeError, serializer::serialize, wrapper::Serde};
pub use encode::short::Short;
pub use encode::writer::Writer;

mod body;
pub use body::chunk::CHUNK_SIZE;
pub use body::cut::poll_cut;
pub use body::envelope::{Envelope, Fields};
pub use body::error::Error;
pub use body::format::{APPLICATION_JSON, APPLICATION_JSONL, APPLICATION_X_NDJSON, Format};
pub use body::job::{Filled, Job};
pub use body::json_body::JsonBody;
pub use body::layout::Layout;
#[cfg(feature = "negotiation")]
pub use body::negotiation::{Accepted, NotAcceptable};
pub use body::offload::Offload;
pub use body::record::Record;
pub use body::records::{Records, Stopped};
pub use body::response::{INCREMENTAL, NO_PROXY_BUFFERING, VARY_ACCEPT};
pub use body::source::{Iter, Movable, Source};

mod adapters;
pub use adapters::chunk_gauge::ChunkGauge;
#[cfg(feature = "compression")]
pub use adapters::compression::{accept_encoding::AcceptEncoding, compressed::Compressed};
#[cfg(feature = "digest")]
pub use adapters::content_digest::ContentDigest;
pub use adapters::drop_outcome::DropOutcome;
pub use adapters::end::{End, Outcome};
pub use adapters::least_rate::LeastRate;
pub use adapters::on_end::OnEnd;
pub use adapters::one_chunk::OneChunk;
pub use adapters::timeout::Timeout;

#[cfg(feature = "hyper")]
pub mod tune;

/// For macros and the fuzz targets only.
#[doc(hidden)]
pub mod __private {
    /// The way of derived fields through serde.
    #[cfg(feature = "serde")]
    pub mod serde {
        pub use crate::encode::serde::derived::{Serialize, fields, or_fail, value};
    }

    pub use crate::encode::literal::Literal;
    pub use crate::encode::object::assert_plain_key;

    /// Returns the error of a field whose value failed with `error`.
    #[cold]
    pub fn in_field(error: crate::Error, key: &str) -> crate::Error {
        error.in_field(key)
    }

    /// Sets whether this thread encodes with the portable form from now on.
    #[cfg(fuzzing)]
    pub fn take_portable(portable: bool) {
        crate::encode::arch::fastest::take_portable(portable);
    }
}
