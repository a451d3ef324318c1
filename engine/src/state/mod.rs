//! The states of a connection and of the exchange on it.

pub(crate) mod connection;
pub(crate) mod exchange;
