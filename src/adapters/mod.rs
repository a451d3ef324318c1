//! Bodies around bodies.

#[cfg(feature = "axum")]
mod axum;
pub(crate) mod chunk_gauge;
#[cfg(feature = "compression")]
pub(crate) mod compression;
#[cfg(feature = "digest")]
pub(crate) mod content_digest;
pub(crate) mod drop_outcome;
pub(crate) mod end;
mod into_response;
pub(crate) mod least_rate;
pub(crate) mod on_end;
pub(crate) mod one_chunk;
pub(crate) mod timeout;
