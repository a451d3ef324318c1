//! Exchanges: a request and its response.

pub(crate) mod body;
mod catch_panic;
mod late_error;
pub(crate) mod report;
pub(crate) mod respond;
