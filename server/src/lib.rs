//! The server: users as JSON arrays of any length, by axum routes under chunkwire's engine.
//!
//! [`Server`] listens and serves; its [`router`](Server::router) is an axum `Router` whose handlers return a
//! [`JsonBody`](chunkwire::JsonBody), as those of any service would.

mod config;
pub use config::Config;
mod listen;
pub use listen::{Listen, ParseListenError};
mod handover;
pub use handover::Handover;
mod healthcheck;
pub use healthcheck::healthcheck;
mod reload;
pub use reload::Reload;
mod server;
mod unix_socket;
pub use server::Server;
mod trusted_proxy;
pub use trusted_proxy::{ParseTrustedProxyError, TrustedProxy};

#[cfg(any(feature = "postgres", feature = "tls"))]
mod any_host;

// What requests are answered by.
mod about;
mod compression;
#[cfg(feature = "postgres")]
mod database;
mod endpoint;
mod lasting;
mod layers;
mod link;
mod listing;
mod openapi;
mod part;
mod problem;
mod query;
mod replaceable;
mod request_id;
mod routes;
mod schema;
pub mod users;

#[cfg(feature = "postgres")]
pub use database::config::{Tables, TablesError};

// What is told of it.
mod live;
mod observe;
pub use live::figure::Figure;
pub use live::live_samples::Live;
pub use live::sample::Sample;
