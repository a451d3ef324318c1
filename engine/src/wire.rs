//! How the bytes of a listener's connections travel.

use crate::proxies::Proxies;
#[cfg(feature = "tls")]
use crate::tls::loaded::Tls;

/// How the bytes of a listener's connections travel: as they are, if nothing else is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire {
    /// Which peers begin with a header of the PROXY protocol.
    pub(crate) proxies: Proxies,
    /// That they travel under TLS.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Tls>,
}

/// The first byte of a client that speaks TLS: the type of a record of its handshake (RFC 8446, section 5.1).
pub(crate) const HANDSHAKE: u8 = 22;
