//! TLS: what a listener shows its clients, and where that comes from.

pub(crate) mod files;
pub(crate) mod loaded;
mod pem;
mod version;
