//! What the tests of the server share: the server in this process, and the program as a process of its own.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod described;
pub(crate) mod failing;
pub(crate) mod file;
pub(crate) mod program;
pub(crate) mod proxy;
pub(crate) mod server;
#[macro_use]
pub(crate) mod wire;
