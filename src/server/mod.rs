//! The demonstration server: users over HTTP/1.1 on hyper.
//!
//! [`Server`] accepts connections, [`Routes`] answer requests. The body of a long answer is a
//! [`JsonBody`](crate::JsonBody) under a [`OneChunk`](crate::OneChunk), so that each connection holds one chunk.

mod config;
pub use config::Config;

mod serve;
pub use serve::Server;

mod connection;

mod routes;
pub use routes::{Body, Routes};

mod accept;
mod page;
mod problem;
mod strict;
