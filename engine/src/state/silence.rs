//! How long a client may be silent.

use std::time::Duration;

use chunkwire::LeastRate;

use crate::config::Config;

/// How long a client may be silent.
#[derive(Clone, Debug)]
pub(crate) struct Silence {
    #[cfg(feature = "tls")]
    pub(super) handshake: Duration,
    pub(super) head: Duration,
    pub(super) idle: Duration,
    pub(super) body: LeastRate,
}

impl Silence {
    pub(crate) fn of(config: &Config) -> Self {
        let body = LeastRate::new(config.body_timeout, config.min_rate);
        Self {
            #[cfg(feature = "tls")]
            handshake: config.handshake_timeout,
            head: config.head_timeout,
            idle: config.idle_timeout,
            body,
        }
    }
}
