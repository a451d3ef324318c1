//! What `#[serde(…)]` and `#[encode(…)]` say.

pub(crate) mod container;
pub(crate) mod field;
pub(crate) mod meta;
pub(crate) mod variant;
