//! Promise: what other programs make of the server, those that speak with it and those that stand between.
//!
//! `.ci/run peers` installs them. Whatever is missing is left out, but never in CI.

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod browser;
mod chromium;
mod clients;
mod decoders;
mod h2load;
mod h2spec;
mod live_page;
mod openapi;
mod proxies;
