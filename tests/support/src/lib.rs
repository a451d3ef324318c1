//! What tests, fuzz targets and benches share.
//!
//! - Values and their expected JSON: `tree`, `data_model`, `canary`.
//! - Sources and bodies: `records`, `scripted_body`, `allocations`.
//! - With the feature `net`, everything that speaks HTTP: `client`, `http2_client`, `transport`, `zero_copy`,
//!   `connection`, `axum`, `remote`, `port`, `tcp_table`, and programs: `process`, `example`.
//! - With the feature `postgres`, `postgres`: clusters of PostgreSQL.
//! - With the feature `tls`, `certificates`, and clients that speak TLS.
#![allow(missing_docs, missing_debug_implementations, reason = "names that say what they are, for tests alone")]

pub mod allocations;
pub mod canary;
pub mod data_model;
pub mod records;
pub mod scripted_body;
pub mod tree;

#[cfg(feature = "net")]
pub mod axum;
#[cfg(feature = "tls")]
pub mod certificates;
#[cfg(feature = "net")]
pub mod client;
#[cfg(feature = "net")]
pub mod connection;
#[cfg(feature = "net")]
pub mod example;
#[cfg(feature = "net")]
pub mod http2_client;
#[cfg(feature = "net")]
pub mod port;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "net")]
pub mod process;
#[cfg(feature = "net")]
pub mod remote;
#[cfg(feature = "net")]
pub mod tcp_table;
#[cfg(feature = "net")]
pub mod time;
#[cfg(feature = "net")]
pub mod transport;
#[cfg(feature = "net")]
pub mod zero_copy;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use bytes::Bytes;
use http_body::Body;

/// A waker that remembers that it was woken.
#[derive(Debug, Default)]
pub struct Woken(AtomicBool);

impl Woken {
    /// Returns whether it was woken since the last call.
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Returns all data frames of a body that can be completed, so that none is dropped before the end.
pub async fn frames<B: Body<Data = Bytes, Error: std::fmt::Debug>>(body: B) -> Vec<Bytes> {
    let mut body = std::pin::pin!(body);
    let mut frames = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::as_mut(&mut body).poll_frame(cx)).await {
        frames.push(frame.unwrap().into_data().unwrap());
    }
    frames
}
