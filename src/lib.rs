//! Streams JSON arrays of any length while each connection holds one 16 KiB chunk.
//!
//! An endpoint that returns a big list usually builds the list, then the JSON, then writes it: memory is connections
//! × response. A [`JsonBody`] never builds either. It pulls one record after the other from its source, encodes it
//! straight into a chunk of [`CHUNK_SIZE`] bytes, and hands the chunk to the connection when it is full:
//!
//! ```text
//! source ──record──▶ encoder ──▶ [ one chunk, 16 KiB ] ──frame──▶ hyper ──writev──▶ socket
//!    ▲                                                                              │
//!    └──────────────── not asked again before the chunk was taken ◀─────────────────┘
//! ```
//!
//! # Examples
//!
//! The response of a handler, here over readings that encode themselves; axum takes it as it is:
//!
//! ```
//! use chunkwire::{Encode, Format, JsonBody, OneChunk, Writer, object};
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
//! # What goes in and what comes out
//!
//! - A source is an iterator ([`JsonBody::new`]) or a `Stream` ([`JsonBody::from_stream`]), of values or of `Result`s.
//!   What it yields is [`Encode`], or with the feature `serde` any `Serialize` type in a `Serde`.
//! - The records become one array or lines, as a [`Format`] says, or an array in an object with other fields, as an
//!   [`Envelope`] says.
//! - When a source pauses, what it yielded goes out at once, or waits for a [full chunk](JsonBody::full_chunks).
//! - [`ready`](JsonBody::ready) pulls the first record before the head is sent, so that a source that fails at once can
//!   be answered with a 500; [`on_end`](JsonBody::on_end) tells how each response ended.
//! - [`into_response`](JsonBody::into_response) puts the body under [`OneChunk`] and sets its content type;
//!   [`NO_PROXY_BUFFERING`] is for nginx.
//!
//! # Promises
//!
//! 1. **One chunk.** At most one chunk of a response is alive per connection, however slow the reader.
//! 2. **Fixed.** Every data frame but the last is exactly [`CHUNK_SIZE`] bytes, unless the source pauses.
//! 3. **Zero-copy.** A record is written once, in place; the transport gets the memory that it was encoded into.
//! 4. **Lazy.** No record is produced before there is room for it.
//! 5. **Same bytes.** What is sent does not depend on where chunks fall, on how slowly it is read, or on pauses.
//! 6. **An honest end.** A response that could not be completed is cut without its final chunk.
//! 7. **Bounded in the kernel too.** Unsent data of a reader that stalls is about one chunk there, not megabytes.
//!
//! What each takes, and where it ends:
//!
//! - **One chunk** is kept by [`OneChunk`] under any server. The feature `hyper` has the settings that spare waiting,
//!   and that the kernel's share needs, in `tune`. Where hyper's builder can't be reached, as under `axum::serve`,
//!   [`OneChunk::timeout`] bounds how long a client may stall. Without [`OneChunk`], hyper as it is set by default
//!   queues up to 16 chunks of an HTTP/1.1 response, and more than 25 of an HTTP/2 stream.
//! - **HTTP/2** keeps one chunk for each stream, not for each connection. What a client grants by its windows is sent,
//!   and is then the client's to hold.
//! - **TLS** encrypts what it is given into a buffer of its own, and where a transport has no vectored writes hyper copies
//!   too. A frame is gone when it has been copied; how much such a buffer takes is the transport's to say.
//! - **HTTP/1.0** has no chunked coding, so that a cut response looks complete, unless the connection is reset. Answer
//!   only HTTP/1.1 clients with streams that can fail, and set `proxy_http_version 1.1` in nginx.
//! - **A proxy that buffers** takes a response off the server as fast as it comes, holds records back, and may store
//!   all of it: see [`NO_PROXY_BUFFERING`].
//! - **Middleware that collects bodies** undoes all of it, and waits for ever where it keeps frames of [`OneChunk`];
//!   [`OneChunk::timeout`] makes that an error.
//! - **A long record** is encoded whole: a body holds what is left of it while it is sent.
//!
//! # What else there is
//!
//! - `axum::Json` and `serde_json::to_vec` build all of a response. That is as good and simpler for what fits into a
//!   chunk or two, and it can still answer 500 when the last record fails.
//! - [axum-streams] streams as well, and has CSV, Protobuf, Arrow and text besides JSON, and hooks for progress. Each record
//!   becomes a buffer of its own there, and hyper queues what its buffer takes. This crate does JSON alone and puts
//!   its care into memory and into cut responses; and it is not tied to axum.
//!
//! Don't use it for documents that are one big object or arrays in arrays: it streams the records of one array. Nor
//! where clients must know the length beforehand: most streams have no `Content-Length`.
//!
//! [axum-streams]: https://docs.rs/axum-streams
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | none | the library alone, without hyper and tokio: `default-features = false` |
//! | `serde` | any `serde::Serialize` type as a record or a field, by `Serde` |
//! | `hyper` | `tune`: settings of HTTP/1.1 connections and of sockets |
//! | `http2` | the same for HTTP/2 |
//! | `server` (default) | the demonstration server and its binary |
//! | `jemalloc` (default) | jemalloc for that binary, on Linux with glibc |

mod encode;
pub use encode::encode_trait::{Encode, to_vec};
pub use encode::raw_json::RawJson;
#[cfg(feature = "serde")]
pub use encode::serde::{error::SerializeError, serializer::serialize};
pub use encode::short::Short;
pub use encode::writer::Writer;

mod body;
pub use body::chunk::CHUNK_SIZE;
pub use body::envelope::{Envelope, Fields};
pub use body::error::Error;
pub use body::format::{APPLICATION_JSON, APPLICATION_X_NDJSON, Format};
pub use body::json_body::JsonBody;
pub use body::layout::Layout;
pub use body::record::Record;
#[cfg(feature = "serde")]
pub use body::record::Serde;
pub use body::response::NO_PROXY_BUFFERING;
pub use body::source::Iter;

mod adapters;
pub use adapters::chunk_gauge::ChunkGauge;
pub use adapters::drop_outcome::DropOutcome;
pub use adapters::end::{End, Outcome};
pub use adapters::on_end::OnEnd;
pub use adapters::one_chunk::OneChunk;
pub use adapters::timeout::Timeout;

#[cfg(feature = "hyper")]
pub mod tune;

/// What `object!` needs, and fuzz targets; nothing for users.
#[doc(hidden)]
pub mod __private {
    pub use crate::encode::object::assert_plain_key;

    /// Whether this thread encodes by the portable form from now on.
    #[cfg(fuzzing)]
    pub fn take_portable(portable: bool) {
        crate::encode::arch::fastest::take_portable(portable);
    }
}

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
