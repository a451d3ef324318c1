//! How many connections may be open at once, which may change.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits of connections.
#[derive(Debug)]
pub(crate) struct Permits {
    semaphore: Arc<Semaphore>,
    /// How many there are, with those that connections have.
    total: usize,
    wanted: usize,
}

impl Permits {
    pub(crate) fn new(wanted: usize) -> Self {
        let wanted = wanted.min(Semaphore::MAX_PERMITS);
        Self { semaphore: Arc::new(Semaphore::new(wanted)), total: wanted, wanted }
    }

    /// Sets how many there should be. Those that are too many vanish when their connections have ended.
    pub(crate) fn set(&mut self, wanted: usize) {
        self.wanted = wanted.min(Semaphore::MAX_PERMITS);
        if let Some(more) = self.wanted.checked_sub(self.total) {
            self.semaphore.add_permits(more);
            self.total = self.wanted;
        }
    }

    /// Returns one, once there is one.
    pub(crate) async fn next(&mut self) -> OwnedSemaphorePermit {
        loop {
            let permit = Arc::clone(&self.semaphore).acquire_owned().await.expect("nobody closes it");
            if self.total <= self.wanted {
                return permit;
            }
            permit.forget();
            self.total -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    /// How many are there to be had.
    async fn taken(permits: &mut Permits) -> Vec<OwnedSemaphorePermit> {
        let mut taken = Vec::new();
        loop {
            let mut next = pin!(permits.next());
            match poll_fn(|cx| Poll::Ready(next.as_mut().poll(cx))).await {
                Poll::Ready(permit) => taken.push(permit),
                Poll::Pending => return taken,
            }
        }
    }

    #[tokio::test]
    async fn more_are_there_at_once_and_fewer_when_some_have_come_back() {
        let mut permits = Permits::new(3);
        let mut open = taken(&mut permits).await;
        assert_eq!(open.len(), 3);
        permits.set(5);
        open.extend(taken(&mut permits).await);
        assert_eq!(open.len(), 5);
        permits.set(2);
        open.truncate(3);
        assert_eq!(taken(&mut permits).await.len(), 0, "3 are open, and 2 may be");
        open.truncate(1);
        open.extend(taken(&mut permits).await);
        assert_eq!(open.len(), 2);
        permits.set(1);
        permits.set(4);
        open.extend(taken(&mut permits).await);
        assert_eq!(open.len(), 4, "none had come back before there were more");
        permits.set(usize::MAX);
        assert_eq!(permits.total, Semaphore::MAX_PERMITS);
    }
}
