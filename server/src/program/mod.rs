//! What the program has beside the server: its options, what it prints, and its log.

pub(crate) mod banner;
pub(crate) mod check;
pub(crate) mod demo_options;
mod escaped;
pub(crate) mod inherited;
mod json_lines;
pub(crate) mod log;
pub(crate) mod log_options;
pub(crate) mod options;
pub(crate) mod output;
pub(crate) mod reload;
pub(crate) mod service_manager;
pub(crate) mod settings;
pub(crate) mod successor;
