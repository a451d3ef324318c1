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
//! ```
//! use chunkwire::{Encode, Format, JsonBody, Writer, object};
//! use http_body_util::BodyExt;
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
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let readings = (0..2).map(|i| Reading { sensor: "hall", celsius: 20.5 + f64::from(i) });
//! let body = JsonBody::new(Format::Array, readings);
//!
//! let bytes = body.collect().await.unwrap().to_bytes();
//! assert_eq!(bytes, r#"[{"sensor":"hall","celsius":20.5},{"sensor":"hall","celsius":21.5}]"#);
//! # }
//! ```
//!
//! # Features
//!
//! - `server` (on by default): the demonstration server and its binary. `default-features = false` gives the library
//!   alone, without hyper and tokio.
//! - `serde`: any `serde::Serialize` type as a record, by `Serde`.

#[cfg(feature = "server")]
pub mod server;

pub mod users;

#[cfg(feature = "hyper")]
pub mod tune;

mod response;
pub use response::NO_PROXY_BUFFERING;

mod impatient;
pub use impatient::Impatient;

mod one_chunk;
pub use one_chunk::{Alive, OneChunk};

mod chunk;

mod body;
pub use body::{CHUNK_SIZE, JsonBody};

mod on_end;
pub use on_end::OnEnd;

mod end;
pub use end::{End, Fate, Outcome};

mod layout;
pub use layout::Layout;

mod envelope;
pub use envelope::{Envelope, Fields};

mod format;
pub use format::{APPLICATION_JSON, APPLICATION_X_NDJSON, Format};

mod source;
pub use source::Iter;

mod record;
pub use record::Record;
#[cfg(feature = "serde")]
pub use record::Serde;

mod error;
pub use error::Error;

pub mod encode;
pub use encode::{Encode, RawJson, Short, Writer, to_vec};

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
