//! Serves any tower service over connections that are bounded in every way.
//!
//! An [`Engine`] accepts connections and gives each request to a [`tower_service::Service`], such as an axum `Router`. A
//! connection holds one frame of a response at a time, whatever the service returns: 16 KiB, if that is a
//! [`JsonBody`](chunkwire::JsonBody). It ends when its client is too slow or silent for too long, as [`Config`] says. The engine knows no JSON and no routes; what happens is told to an
//! [`Observe`].
//!
//! # Examples
//!
//! ```
//! use std::convert::Infallible;
//! use std::future::{Ready, ready};
//! use std::task::{Context, Poll};
//!
//! use chunkwire::{Format, Iter, JsonBody};
//! use chunkwire_engine::{Config, Engine};
//! use http::{Request, Response};
//! use tower_service::Service;
//!
//! #[derive(Clone)]
//! struct Squares;
//!
//! impl<B> Service<Request<B>> for Squares {
//!     type Response = Response<JsonBody<Iter<std::vec::IntoIter<u64>>>>;
//!     type Error = Infallible;
//!     type Future = Ready<Result<Self::Response, Infallible>>;
//!
//!     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
//!         Poll::Ready(Ok(()))
//!     }
//!
//!     fn call(&mut self, _: Request<B>) -> Self::Future {
//!         let squares: Vec<u64> = (0..1000).map(|n| n * n).collect();
//!         ready(Ok(Response::new(JsonBody::new(Format::Array, squares))))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let engine = Engine::bind("127.0.0.1:0".parse().unwrap(), &Config::default())?;
//! println!("listening on {}", engine.local_addr()?);
//! let cut = engine.serve(Squares, (), async { /* the engine stops when this is done */ }).await;
//! assert_eq!(cut, 0);
//! # Ok(())
//! # }
//! ```

// From the outside in: the engine, its listener and its workers.
mod engine;
pub use engine::Engine;
mod config;
pub use config::Config;
mod handle;
pub use handle::Handle;
mod listener;
pub use listener::listen;
mod open_files;
pub use open_files::raise_open_files;
mod phase;
mod workers;

// A connection, the exchanges of requests and responses on it, and the states of both.
mod connection;
mod exchange;
mod state;

// What is told of them.
mod observe;
pub use observe::{ConnectionEnd, Observe, ResponseEnd};

pub mod strict;
