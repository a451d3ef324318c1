//! Serves any tower service over connections that are bounded in every way.
//!
//! An [`Engine`] accepts connections and gives each request to a [`tower_service::Service`], such as an axum `Router`.
//! A connection holds one frame of a response at a time, whatever the service returns: 16 KiB, if that is a
//! [`JsonBody`](chunkwire::JsonBody). It ends when its client is too slow or silent for too long, as [`Config`] says.
//! The engine knows no JSON and no routes; what happens is told to an [`Observe`].
//!
//! # Examples
//!
//! [`serve`] in place of `axum::serve`:
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use chunkwire::{Format, JsonBody};
//! use tokio::net::TcpListener;
//!
//! async fn run() -> std::io::Result<()> {
//!     let squares = async || JsonBody::new(Format::Array, (0..1_000_000_u64).map(|n| n * n)).into_response();
//!     let router: Router = Router::new().route("/squares", get(squares));
//!     let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!     chunkwire_engine::serve(listener, router).await?;
//!     Ok(())
//! }
//! ```
//!
//! # What is logged
//!
//! By `tracing`, when a response has ended, one event of the target `chunkwire_engine::response` with the fields `peer`,
//! `request_id` (the `X-Request-Id` of the response, if it has one), `status`, `bytes` (of the body), `elapsed` (since the request's head) and `outcome`: a
//! [`chunkwire::Outcome`], such as `ClientGone` or `Stalled`. Its level is DEBUG, but ERROR if the outcome is
//! `SourceFailed`: the message then has the error, and the field `cause` what that comes from. tower-http's `TraceLayer`
//! tells of requests and the heads of responses; an error after the head it can't see.
//!
//! It costs nothing while nobody wants it. A request that is given up before its response has begun has none.

// From the outside in: the engine, its listeners and its workers.
mod serve;
pub use serve::{Serve, serve};
mod engine;
pub use engine::Engine;
mod config;
pub use config::Config;
mod handle;
pub use handle::Handle;
mod address;
pub use address::Address;
mod listener;
pub use listener::{IntoListener, Listener};
mod listeners;
mod listening;
mod open_files;
pub use open_files::raise_open_files;
mod peer;
pub use peer::Peer;
mod permits;
mod phase;
mod proxies;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
pub use tls::{files::TlsFiles, loaded::Tls};
mod wire;
mod workers;

// A connection, the exchanges of requests and responses on it, and the states of both.
mod connection;
mod exchange;
mod state;

// What is told of them.
mod observe;
pub use observe::{ConnectionEnd, Observe, ResponseEnd};

pub mod strict;

/// Compiles the examples of the repository's README, which take the engine.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
