//! What is read again while the server runs: the files of TLS, at SIGHUP and when they change.

use std::time::Duration;

use chunkwire_engine::Tls;
use tokio::signal::unix::Signal;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(3);

/// Reads them again whenever that is wanted, and says so.
pub(crate) async fn reload(tls: Tls, mut hangup: Signal) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (cause, reloaded) = tokio::select! {
            Some(()) = hangup.recv() => ("SIGHUP", tls.reload().map(|()| true)),
            _ = looks.tick() => ("a file of TLS has changed", tls.reload_if_changed()),
        };
        match reloaded {
            Ok(false) => {}
            Ok(true) => info!("{cause}: new connections get the certificate that was read"),
            Err(error) => error!(%error, "{cause}: all stays as it was"),
        }
    }
}
