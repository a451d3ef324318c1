//! What the fuzz targets share: bytes to values. The checks, which `cargo test` uses too, are in the test support.

mod input;
pub use input::Input;
