//! How long a test waits.

use std::time::Duration;

/// How long anything may take before a test gives up: far longer than on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Awaits a future that must complete in that time.
#[track_caller]
pub fn soon<F: Future>(event: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        let in_time = tokio::time::timeout(PATIENCE, event).await;
        in_time.unwrap_or_else(|_| panic!("what {caller} waits for did not happen in {PATIENCE:?}"))
    }
}
