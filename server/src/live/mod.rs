//! What the server does, to be looked at while it does it: samples of it, a feed of them, and a page.

mod escaped;
mod feed;
pub(crate) mod figure;
pub(crate) mod handlers;
pub(crate) mod html;
pub(crate) mod live_samples;
pub(crate) mod sample;
pub(crate) mod sampler;
