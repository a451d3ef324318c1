//! Routes that a real database answers, over real sockets.
#![cfg(feature = "postgres")]

#[path = "../support/mod.rs"]
mod support;

mod curl;
mod docs;
mod failures;
mod fixture;
mod live_page;
mod logs;
mod metrics;
mod openapi;
mod parameters;
mod pooler;
mod program;
mod rows;
mod snapshots;
#[cfg(feature = "tls")]
mod tls;
