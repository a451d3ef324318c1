//! What a service manager is told (sd_notify(3)), if there is one.

use sd_notify::NotifyState;
use tracing::warn;

/// The program listens.
pub(crate) fn is_ready() {
    tell(NotifyState::Ready);
}

/// The program stops.
pub(crate) fn is_stopping() {
    tell(NotifyState::Stopping);
}

/// Another process goes on in the place of this one.
pub(crate) fn is_followed_by(pid: u32) {
    tell(NotifyState::MainPid(pid));
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        warn!(%error, "the service manager can't be told");
    }
}
