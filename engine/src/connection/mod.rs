//! Connections, from the socket up.

pub(crate) mod context;
mod deadline;
#[cfg(feature = "tls")]
mod encrypted;
#[cfg(feature = "tls")]
mod handshake;
mod http1;
mod http2;
mod http_service;
mod linger;
mod preface;
mod presence;
mod proxy_header;
pub(crate) mod serve;
mod socket;
mod streams;
mod transport;
