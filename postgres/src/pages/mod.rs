//! Leased pages: rows that hold a connection of the database only while their client reads.

pub(crate) mod error;
mod lease;
pub(crate) mod observe;
mod page_size;
#[allow(clippy::module_inception, reason = "the file of `Pages`")]
pub(crate) mod pages;
mod retry;
