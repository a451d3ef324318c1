//! How the bytes of a listener's connections travel.

#[cfg(feature = "tls")]
use crate::tls::loaded::Tls;

/// How the bytes of a listener's connections travel.
#[derive(Clone, Debug)]
pub(crate) enum Wire {
    /// As they are.
    Plain,
    /// Under TLS.
    #[cfg(feature = "tls")]
    Tls(Tls),
}

/// The first byte of a client that speaks TLS: the type of a record of its handshake (RFC 8446, section 5.1).
pub(crate) const HANDSHAKE: u8 = 22;
