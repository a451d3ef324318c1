//! Routes that a database answers: the file that names them, connections, requests.

mod about;
pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod current;
mod described;
mod failure;
pub(crate) mod handlers;
mod link;
mod metrics;
mod parameters;
mod password_file;
mod per_worker;
mod pools;
mod route_config;
pub(crate) mod served;
mod tls;
mod url;
