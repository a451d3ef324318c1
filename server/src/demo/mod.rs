//! `chunkwire demo`: the server with its page, and clients in a second process that read fast and slowly.

pub(crate) mod readers;
pub(crate) mod run;
mod summary;
