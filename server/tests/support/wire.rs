//! How clients and a server speak with each other: the same promises hold for plain connections and for TLS.

use std::net::SocketAddr;
use std::path::PathBuf;

#[cfg(feature = "tls")]
use chunkwire_engine::TlsFiles;
use chunkwire_server::Config;
#[cfg(feature = "tls")]
use chunkwire_test_support::certificates::{Authority, Identity};
use chunkwire_test_support::remote::Remote;

use super::server::serve;

/// How they speak.
#[derive(Debug)]
pub(crate) enum Wire {
    Plain,
    #[cfg(feature = "tls")]
    Tls {
        authority: Box<Authority>,
        server: Identity,
    },
}

impl Wire {
    /// TLS, by certificates of its own.
    #[cfg(feature = "tls")]
    pub(crate) fn tls() -> Self {
        let authority = Box::new(Authority::new());
        let server = authority.issue("server");
        Self::Tls { authority, server }
    }

    /// The settings of a server that speaks so.
    pub(crate) fn config(&self, config: &Config) -> Config {
        #[cfg_attr(not(feature = "tls"), allow(unused_mut, reason = "only TLS has settings"))]
        let mut config = config.clone();
        #[cfg(feature = "tls")]
        if let Self::Tls { server, .. } = self {
            config.tls = Some(TlsFiles::new(&server.chain, &server.key));
        }
        config
    }

    /// The options of a program that speaks so.
    pub(crate) fn options(&self, others: &[&str]) -> Vec<String> {
        let others = others.iter().map(|option| (*option).to_owned());
        match self {
            Self::Plain => others.collect(),
            #[cfg(feature = "tls")]
            Self::Tls { server, .. } => {
                let file = |option: &str, path: &std::path::Path| format!("{option}={}", path.display());
                others.chain([file("--tls-cert", &server.chain), file("--tls-key", &server.key)]).collect()
            }
        }
    }

    /// The file of the certificate by which other programs trust a server that speaks so, if they have to.
    pub(crate) fn trusted(&self) -> Option<PathBuf> {
        match self {
            Self::Plain => None,
            #[cfg(feature = "tls")]
            Self::Tls { authority, .. } => Some(authority.certificate()),
        }
    }

    pub(crate) fn is_tls(&self) -> bool {
        !matches!(self, Self::Plain)
    }

    /// The scheme of its addresses.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.is_tls() { "https" } else { "http" }
    }

    /// Where such a server is, for clients that speak so.
    pub(crate) fn remote(&self, address: SocketAddr) -> Remote {
        match self {
            Self::Plain => address.into(),
            #[cfg(feature = "tls")]
            Self::Tls { authority, .. } => authority.remote(address),
        }
    }

    /// Serves on the runtime of the test until that ends.
    pub(crate) fn serve(&self, config: &Config) -> Remote {
        self.remote(serve(&self.config(config)))
    }
}

/// Makes tests of functions that take a `&Wire`, for each that there is.
#[allow(unused_macros, reason = "each test uses a part")]
macro_rules! on_every_wire {
    ($($test:ident),+ $(,)?) => {
        mod plain {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(&crate::support::wire::Wire::Plain).await;
                }
            )+
        }

        #[cfg(feature = "tls")]
        mod tls {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(&crate::support::wire::Wire::tls()).await;
                }
            )+
        }
    };
}
