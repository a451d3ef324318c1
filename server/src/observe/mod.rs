//! What is told of the server: metrics and the access log.

pub(crate) mod access_log;
mod build_info;
mod forwarded;
pub(crate) mod metrics;
pub(crate) mod observer;
pub(crate) mod on_demand;
pub(crate) mod process_memory;
pub(crate) mod record_count;
pub(crate) mod route_path;
pub(crate) mod tcp_memory;
