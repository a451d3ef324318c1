//! What is told of the server: metrics and the access log.

mod access_log;
mod build_info;
pub(crate) mod metrics;
pub(crate) mod observer;
pub(crate) mod on_demand;
pub(crate) mod records;
mod tcp_memory;
