//! What is read again while the server runs: all that can change, at SIGHUP, and the files of TLS also when they change.

#[cfg(feature = "tls")]
use std::time::Duration;

#[cfg(feature = "tls")]
use chunkwire_engine::Tls;
use chunkwire_server::Reload;
use tokio::signal::unix::Signal;
#[cfg(feature = "tls")]
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info, warn};

use super::log::Filter;
use super::settings::read::Settings;
use super::settings::setting::Setting;

/// How often the files are looked at.
#[cfg(feature = "tls")]
const LOOK: Duration = Duration::from_secs(3);

/// The options that can change while the server runs: that of the log, and those of
/// [`Config::changed_to`](chunkwire_server::Config::changed_to). Others need a restart.
const RELOADED: [&str; 22] = [
    "access-log",
    "allow-origin",
    "body-timeout",
    "compression-level",
    "digest",
    "half-close-timeout",
    "handover-timeout",
    "handshake-timeout",
    "head-timeout",
    "idle-timeout",
    "max-connections",
    "max-streams",
    "max-users",
    "min-rate",
    "no-compression",
    "no-http2",
    "pause-timeout",
    "shutdown-delay",
    "shutdown-timeout",
    "stall-timeout",
    "unbuffered",
    "users",
];

/// Reads the settings again at each SIGHUP, and says what has changed and what has not, and why.
pub(crate) async fn settings(mut running: Vec<Setting>, reload: Reload, filter: Filter, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        info!("SIGHUP: the file, files of TLS and routes of a database are read again, if there are any");
        let settings = match again(&reload).await {
            Ok(settings) => settings,
            Err(error) => {
                error!(error, "SIGHUP: all stays as it was");
                continue;
            }
        };
        filter.set(settings.options.log.filter());
        say_what_was_read(&running);
        for (running, read) in running.iter_mut().zip(settings.all) {
            if running.value == read.value {
                continue;
            }
            let (before, now, from) = (running.shown(), read.shown(), &read.source);
            if RELOADED.contains(&&*read.name) {
                info!(before, now, from, "SIGHUP: {} has changed", read.name);
                *running = read;
            } else {
                warn!(before, wanted = now, from, "SIGHUP: {} stays as it was, since it needs a restart", read.name);
            }
        }
    }
}

async fn again(reload: &Reload) -> Result<Settings, String> {
    let settings = Settings::read().map_err(|mistake| mistake.to_string())?;
    reload.apply(&settings.config).await.map_err(|error| error.to_string())?;
    Ok(settings)
}

fn say_what_was_read(running: &[Setting]) {
    if running.iter().any(|setting| setting.name == "tls-cert" && setting.value.is_some()) {
        info!("SIGHUP: new connections get the certificate that was read");
    }
}

/// Reads the files of TLS again when they have changed, and says so.
#[cfg(feature = "tls")]
pub(crate) async fn tls(tls: Tls) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        match tls.reload_if_changed() {
            Ok(false) => {}
            Ok(true) => info!("a file of TLS has changed: new connections get the certificate that was read"),
            Err(error) => error!(%error, "a file of TLS has changed: all stays as it was"),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use chunkwire_server::Config;

    use super::*;
    use crate::program::options::Options;

    #[test]
    fn what_is_said_to_change_does() {
        let numbers = [
            "body-timeout",
            "compression-level",
            "half-close-timeout",
            "handover-timeout",
            #[cfg(feature = "tls")]
            "handshake-timeout",
            "head-timeout",
            "idle-timeout",
            "max-connections",
            "max-streams",
            "max-users",
            "min-rate",
            "pause-timeout",
            "shutdown-delay",
            "shutdown-timeout",
            "stall-timeout",
            "users",
        ];
        let flags = ["digest", "no-compression", "no-http2", "unbuffered"];
        let arguments = numbers.map(|name| (name, format!("--{name}=9")));
        let arguments = arguments.into_iter().chain(flags.map(|name| (name, format!("--{name}"))));
        let arguments = arguments.chain([("allow-origin", "--allow-origin=*".to_owned())]);
        let default = Config::default();
        for (name, argument) in arguments {
            assert!(RELOADED.contains(&name), "{name}");
            let changed = default.changed_to(&Options::parse_from(["chunkwire", &argument]).config());
            assert_ne!(format!("{changed:?}"), format!("{default:?}"), "{name}");
        }
        for argument in ["--listen=:1", "--admin-listen=:1", "--workers=9"] {
            let changed = default.changed_to(&Options::parse_from(["chunkwire", argument]).config());
            assert_eq!(format!("{changed:?}"), format!("{default:?}"), "{argument}");
        }
    }
}
