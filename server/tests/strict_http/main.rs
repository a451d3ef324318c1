//! Strict HTTP/1.1: what an origin server has to refuse is refused, in raw bytes on a real socket, however they are
//! cut into segments, and what comes after a request is taken for the next one only where that is safe.
//!
//! Each rule has a file with its requests, the statuses of their responses, and what becomes of the connection;
//! `exchange` sends them in all ways.

#[path = "../support/mod.rs"]
mod support;

mod exchange;

// The rules, in the order in which a request has to satisfy them.
mod head;
mod host;
mod syntax;
mod target;

mod body;
mod method;

mod expect;

// And what follows none.
mod broken;
