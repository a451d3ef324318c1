//! Promise: what `deploy/` has works: two servers behind each balancer are restarted one after the other, and a replica
//! of their database is stopped, and no client is told anything but the whole of its response.
//!
//! `.ci/run scale` installs what it needs.
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod balancer;
mod clients;
mod files;
mod rolling;
