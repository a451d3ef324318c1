//! The options of the log.

use clap::Args;
use clap::builder::BoolishValueParser;

use super::log::LogFormat;

/// The options of the log.
#[derive(Debug, Args)]
pub(crate) struct LogOptions {
    /// Log a line for each response
    #[arg(long, env = "CHUNKWIRE_ACCESS_LOG", value_parser = BoolishValueParser::new())]
    pub(crate) access_log: bool,

    /// What a line of the log looks like. In JSON, the addresses are in the log and not on stdout, but on a terminal
    #[arg(long, env = "CHUNKWIRE_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,
}

impl LogOptions {
    /// The filter of events where `RUST_LOG` has none.
    pub(crate) fn filter(&self) -> &'static str {
        if self.access_log { "info" } else { "info,chunkwire::access=off" }
    }
}
