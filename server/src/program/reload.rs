//! What is read again while the server runs: the files of TLS, at SIGHUP and when they change, and what the database
//! knows of the routes, at SIGHUP.

#[cfg(feature = "postgres")]
use std::io;
#[cfg(feature = "tls")]
use std::time::Duration;

#[cfg(feature = "tls")]
use chunkwire_engine::Tls;
use tokio::signal::unix::Signal;
#[cfg(feature = "tls")]
use tokio::time::{MissedTickBehavior, interval};
#[cfg(any(feature = "tls", feature = "postgres"))]
use tracing::error;
use tracing::info;

/// How often the files are looked at.
#[cfg(feature = "tls")]
const LOOK: Duration = Duration::from_secs(3);

/// Reads the files of TLS again whenever that is wanted, and says so.
#[cfg(feature = "tls")]
pub(crate) async fn tls(tls: Tls, mut hangup: Signal) {
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

/// Asks about the routes again whenever that is wanted, and says so.
#[cfg(feature = "postgres")]
pub(crate) async fn routes<F: Future<Output = io::Result<()>>>(describe_again: impl Fn() -> F, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        match describe_again().await {
            Ok(()) => info!("SIGHUP: all routes are described again"),
            Err(error) => error!(%error, "SIGHUP: all routes stay as they were"),
        }
    }
}

/// Says that it was asked for, also where there is nothing to read again.
pub(crate) async fn tell(mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        info!("SIGHUP: files of TLS and routes of a database are read again, if there are any");
    }
}
