//! The options of the log, and of proxies, which say which client a request is of.

use chunkwire_server::{Config, TrustedProxy};
use clap::Args;
use clap::builder::BoolishValueParser;

use super::log::LogFormat;

/// The options of the log, and of proxies.
#[derive(Debug, Args)]
pub(crate) struct LogOptions {
    /// Log a line for each response
    #[arg(long, env = "CHUNKWIRE_ACCESS_LOG", value_parser = BoolishValueParser::new())]
    pub(crate) access_log: bool,

    /// Path whose responses have no line if they succeed, such as that of a probe; more of them after commas
    #[arg(
        long,
        env = "CHUNKWIRE_ACCESS_LOG_SKIP",
        value_name = "PATH",
        value_delimiter = ',',
        value_parser = path
    )]
    access_log_skip: Vec<String>,

    /// What a line of the log looks like. In JSON, the addresses are in the log and not on stdout, but on a terminal
    #[arg(long, env = "CHUNKWIRE_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Proxy that is believed when it names its client, by X-Forwarded-For or else Forwarded: an address, a network such as
    /// 10.0.0.0/8, or unix for everybody at a Unix socket; more of them after commas
    #[arg(long, env = "CHUNKWIRE_TRUSTED_PROXIES", value_name = "PROXY", value_delimiter = ',')]
    trusted_proxies: Vec<TrustedProxy>,

    /// Let connections of trusted proxies begin with a header of the PROXY protocol, version 2, at every address of TCP
    /// but that of --admin-listen. Others don't
    #[arg(long, env = "CHUNKWIRE_PROXY_PROTOCOL", value_parser = BoolishValueParser::new())]
    proxy_protocol: bool,
}

impl LogOptions {
    /// Sets what they say of the server.
    pub(crate) fn configure(&self, config: &mut Config) {
        config.access_log_skip.clone_from(&self.access_log_skip);
        config.trusted_proxies.clone_from(&self.trusted_proxies);
        config.proxy_protocol = self.proxy_protocol;
    }

    /// The filter of events where `RUST_LOG` has none.
    pub(crate) fn filter(&self) -> &'static str {
        if self.access_log { "info" } else { "info,chunkwire::access=off" }
    }
}

fn path(text: &str) -> Result<String, String> {
    let is_path = text.starts_with('/') && !text.contains(['?', '#']);
    is_path.then(|| text.to_owned()).ok_or_else(|| "allowed is a path such as /healthz, without a query".to_owned())
}
