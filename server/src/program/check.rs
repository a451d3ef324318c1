//! What `--check` says: the options, and whether all of it can be served.

use std::io;
use std::process::ExitCode;

use super::output::say;
use super::settings::read::Settings;
use super::settings::setting::table;

/// Says what holds of each option, and what the database knows of the routes.
pub(crate) fn check(settings: &Settings) -> ExitCode {
    say(io::stdout(), table(&settings.all));
    match found(settings) {
        Ok(text) => {
            say(io::stdout(), text);
            ExitCode::SUCCESS
        }
        Err(text) => {
            say(io::stderr(), format!("chunkwire: {text}"));
            ExitCode::FAILURE
        }
    }
}

/// What is to be said, or what is wrong.
fn found(settings: &Settings) -> Result<String, String> {
    let config = &settings.config;
    let told = |error: io::Error| format!("{error}\n");
    config.check().map_err(told)?;
    #[cfg(feature = "tls")]
    if let Some(files) = &config.tls {
        files.clone().load().map_err(told)?;
    }
    #[cfg(feature = "postgres")]
    if let Some(tables) = &config.tables {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
        return runtime.block_on(tables.check()).map(|text| format!("\n{text}"));
    }
    Ok(String::new())
}
