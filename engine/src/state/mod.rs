//! The states of a connection, and of the exchanges on it.

pub(crate) mod connection;
pub(crate) mod cut;
mod ending;
pub(crate) mod exchange;
#[cfg(feature = "tls")]
mod handshake;
pub(crate) mod overview;
pub(crate) mod silence;
pub(crate) mod stream;
mod streams;
