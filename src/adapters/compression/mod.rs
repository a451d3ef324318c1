//! Bodies that are compressed, at no cost for a connection that waits.

pub(crate) mod accept_encoding;
pub(crate) mod compressed;
mod deflate;
mod gzip;
mod response;
