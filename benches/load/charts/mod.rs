//! The charts: SVG on a background of their own, so that they are read on white and on dark pages alike.

mod canvas;

mod bars;
pub(crate) use bars::throughput;

mod lines;
pub(crate) use lines::{growth, memory};

mod release;
pub(crate) use release::release;
