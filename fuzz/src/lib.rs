//! What the fuzz targets share: bytes to values, and the checks that `cargo test` uses too.

/// Arbitrary values and what they have to look like as JSON.
#[path = "../../tests/support/tree.rs"]
pub mod tree;

/// Arbitrary values of the serde data model, and whether serde_json says the same about them.
#[path = "../../tests/support/data_model.rs"]
pub mod data_model;

/// A body whose source follows a script, with every promise that can be checked while it is read.
#[path = "../../tests/support/scripted_body.rs"]
pub mod scripted_body;

mod input;
pub use input::Input;
