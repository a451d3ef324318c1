//! Routes that a database answers: the file that names them, connections, requests.

pub(crate) mod check;
pub(crate) mod config;
mod failure;
pub(crate) mod handlers;
mod link;
mod metrics;
mod parameters;
mod password_file;
mod pools;
mod route_config;
pub(crate) mod served;
mod tls;
mod url;
