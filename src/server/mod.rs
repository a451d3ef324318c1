//! The demonstration server: users over HTTP/1.1 on hyper, or what a service of yours answers.
//!
//! [`Server`] accepts connections, [`Routes`] answer requests. The body of a long answer is a
//! [`JsonBody`](crate::JsonBody) under a [`OneChunk`](crate::OneChunk), so that each connection holds one chunk.

mod config;
pub use config::Config;

mod serve;
pub use serve::Server;

mod limits;
pub use limits::raise_open_files;

mod routes;
pub use routes::{Body, Routes};

// From the listener down to the socket.
mod acceptor;
mod answer;
mod connection;
mod guard;
mod linger;
mod outstanding;
mod socket;
mod stall;
mod transport;
mod workers;

// What they share.
mod access_log;
mod deadline;
mod metrics;
mod signals;
mod status;
mod system;

// What routes need.
mod accept;
mod page;
mod problem;
mod strict;
