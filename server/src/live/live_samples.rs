//! The samples of the last ten minutes, and the clients that wait for the next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::sample::Sample;

/// How many samples are kept: ten minutes of them.
pub(super) const KEPT: usize = 600;

/// The samples that a server has taken of itself in the last ten minutes, one each second while it serves. Clones have
/// the same.
///
/// [`Server::live`](crate::Server::live) returns it; `/live` sends it to its clients.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    kept: Mutex<Kept>,
    /// Whether there are no more; it is sent with each sample.
    has_ended: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Kept {
    samples: VecDeque<Sample>,
    /// How many were taken before those.
    before: u64,
}

impl Live {
    /// Returns the samples of the last ten minutes, the oldest first.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_server::{Config, Server};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut config = Config::default();
    /// config.listen = vec!["127.0.0.1:0".parse().unwrap()];
    /// let server = Server::bind(&config)?;
    /// let live = server.live();
    /// assert!(live.samples().is_empty(), "it serves nobody yet");
    ///
    /// let first = async {
    ///     while live.samples().is_empty() {
    ///         tokio::task::yield_now().await;
    ///     }
    /// };
    /// server.serve(first).await;
    /// assert_eq!(live.samples()[0].connections_open, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn samples(&self) -> Vec<Sample> {
        self.kept().samples.iter().copied().collect()
    }

    /// Returns the newest sample, if there is one.
    pub(super) fn newest(&self) -> Option<Sample> {
        self.kept().samples.back().copied()
    }

    /// Returns the sample of a number, counted from the first that was taken, or the oldest after it that is kept; and
    /// its number.
    pub(super) fn from(&self, number: u64) -> Option<(u64, Sample)> {
        let kept = self.kept();
        let number = number.max(kept.before);
        let place = usize::try_from(number - kept.before).ok()?;
        Some((number, *kept.samples.get(place)?))
    }

    /// Adds a sample.
    pub(super) fn push(&self, sample: Sample) {
        {
            let kept = &mut *self.kept();
            if kept.samples.len() == KEPT {
                kept.samples.pop_front();
                kept.before += 1;
            }
            kept.samples.push_back(sample);
        }
        self.0.has_ended.send_modify(|_| {});
    }

    /// Says that there are no more, which ends every feed.
    pub(crate) fn end(&self) {
        self.0.has_ended.send_replace(true);
    }

    /// Returns what is told of each sample, and of the end.
    pub(super) fn told(&self) -> watch::Receiver<bool> {
        self.0.has_ended.subscribe()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ten_minutes_are_kept() {
        let live = Live::default();
        let numbered = |number: u64| Sample { responses_total: number, ..Sample::default() };
        assert_eq!((live.newest(), live.from(0)), (None, None));
        (0..KEPT as u64 + 2).for_each(|number| live.push(numbered(number)));
        assert_eq!(live.samples().len(), KEPT);
        assert_eq!(live.from(0), Some((2, numbered(2))), "the first two are gone");
        assert_eq!(live.from(601), Some((601, numbered(601))));
        assert_eq!((live.newest(), live.from(602)), (Some(numbered(601)), None));
    }
}
