//! Promise: the program bears with clients of HTTP/2 what it bears with those of HTTP/1.1, also under TLS.
#![cfg(target_os = "linux")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod heads;
mod limits;
mod memory;
mod shutdown;
mod slow_clients;
mod streams;
mod vanishing_clients;
