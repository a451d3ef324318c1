//! Proxies, which say by the PROXY protocol whom they speak for.

use std::fmt;
use std::sync::Arc;

use crate::address::Address;

/// Which peers begin with a header of the PROXY protocol: none, if nothing else is said.
#[derive(Clone, Default)]
pub(crate) struct Proxies(Option<Arc<IsProxy>>);

type IsProxy = dyn Fn(&Address) -> bool + Send + Sync;

impl Proxies {
    pub(crate) fn new(is_proxy: impl Fn(&Address) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(is_proxy)))
    }

    pub(crate) fn contain(&self, peer: &Address) -> bool {
        self.0.as_ref().is_some_and(|is_proxy| is_proxy(peer))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxies")
    }
}
