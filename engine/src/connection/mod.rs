//! Connections, from the socket up.

mod deadline;
mod linger;
mod send_queue;
pub(crate) mod serve;
mod socket;
mod stall;
mod transport;
