//! The charts: SVG on a background of their own, so that they are legible on white and on dark pages.

mod canvas;

mod bars;
pub(crate) use bars::throughput;

mod lines;
pub(crate) use lines::{growth, memory};

mod release;
pub(crate) use release::release;
