//! The states of a connection, and of the exchanges on it.

pub(crate) mod connection;
pub(crate) mod exchange;
pub(crate) mod stream;
