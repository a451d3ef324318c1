//! Connections, from the socket up.

mod deadline;
mod linger;
mod presence;
pub(crate) mod serve;
mod socket;
mod transport;
