//! Rows that hold a connection of the database while their client reads, by pages or as one snapshot.

pub(crate) mod error;
mod lease;
pub(crate) mod lender;
pub(crate) mod observe;
mod page_size;
#[allow(clippy::module_inception, reason = "the file of `Pages`")]
pub(crate) mod pages;
mod reading;
pub(crate) mod resume;
mod retry;
pub(crate) mod snapshot;
