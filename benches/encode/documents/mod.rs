//! The documents by which JSON libraries are compared, as typed values: generated, in the shape and with about the
//! distribution of the originals.

pub(crate) mod canada;
pub(crate) mod citm_catalog;
pub(crate) mod twitter;
