//! Promise: HTTP/2 has the limits of HTTP/1.1, by stream: one chunk, an honest end, and nothing that waits for ever.

#[path = "../support/mod.rs"]
mod support;

mod exchange;
mod floods;
mod frames;
mod preface;
mod service;
mod shutdown;
mod stalls;
mod windows;
