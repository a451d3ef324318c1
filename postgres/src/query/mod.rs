//! What is asked of the database, and how it is split into pages.

mod asked;
mod catalog;
mod condition;
pub(crate) mod definition;
mod describe;
pub(crate) mod described;
pub(crate) mod error;
pub(crate) mod key;
mod origin;
pub(crate) mod plan;
pub(crate) mod statements;
pub(crate) mod value;
pub(crate) mod whole;
