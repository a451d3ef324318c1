//! Connections, from the socket up.

pub(crate) mod context;
mod deadline;
mod http1;
mod http2;
mod io;
mod linger;
mod presence;
mod rewound;
pub(crate) mod serve;
mod socket;
mod streams;
mod transport;
