//! From records to frames: the body and its parts.

pub(crate) mod chunk;
pub(crate) mod cut;
mod document;
pub(crate) mod envelope;
pub(crate) mod error;
mod fill;
pub(crate) mod format;
pub(crate) mod job;
pub(crate) mod json_body;
pub(crate) mod layout;
#[cfg(feature = "negotiation")]
pub(crate) mod negotiation;
pub(crate) mod offload;
pub(crate) mod record;
pub(crate) mod records;
pub(crate) mod response;
pub(crate) mod source;
