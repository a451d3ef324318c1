//! A client that is too slow, told from one that is merely slow.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// Longer than anyone waits, and short enough for every clock.
const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The least rate at which a peer has to move bytes while it is waited for, kept as credit of time.
///
/// There is a `grace` to begin with, each byte that moves adds the time that it takes at the least rate, and each wait
/// takes off what it lasted. The peer is too slow when the credit is used up. So one that moves bytes at the least rate
/// or faster is never too slow, in whatever pieces they move, and one that moves nothing more is too slow after
/// a time that is known: the grace, and at the least rate the time of what has moved, of which no more than
/// [`MOST_HELD`](Self::MOST_HELD) counts.
///
/// **Bytes move for a client's kernel before they do for the client.** A kernel that has no more room tells the
/// sender so, and may tell of new room only when it has a good part of its buffer (RFC 9293, section 3.8.6.2.2): for a
/// client that reads slowly out of a large buffer, nothing moves for minutes. What counts is therefore what both
/// kernels may still hold, and not when the last byte moved.
///
/// # Examples
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::{Duration, Instant};
///
/// use chunkwire::LeastRate;
///
/// let thousand = NonZeroU32::new(1000).unwrap();
/// let mut rate = LeastRate::new(Duration::from_secs(30), thousand);
/// rate.moved(16_384);
///
/// let due = rate.due();
/// let left = due.duration_since(Instant::now());
/// // 30 s, and 16,384 bytes at 1,000 per second.
/// assert!(left > Duration::from_secs(46) && left < Duration::from_secs(47));
/// assert_eq!(rate.due(), due, "it is still waited for");
/// ```
#[derive(Clone, Debug)]
pub struct LeastRate {
    bytes_per_second: NonZeroU32,
    credit: Duration,
    most: Duration,
    /// Bytes that are not yet part of the credit.
    moved: u64,
    waiting_since: Option<Instant>,
}

impl LeastRate {
    /// How many bytes that have moved may count at once: 2 MiB.
    ///
    /// Linux tells of new room when a sixteenth of a receive buffer is free, and such a buffer grows to 6 MB by default
    /// (tcp(7), `tcp_rmem`) and is rarely allowed more than 32 MB.
    pub const MOST_HELD: u64 = 2 * 1024 * 1024;

    /// Begins with a grace, which is the shortest time after which a peer can be too slow. No more than 30 years of it
    /// count.
    pub fn new(grace: Duration, bytes_per_second: NonZeroU32) -> Self {
        let credit = grace.min(LONGEST);
        let most = credit + time_of(Self::MOST_HELD, bytes_per_second);
        Self { bytes_per_second, credit, most, moved: 0, waiting_since: None }
    }

    /// Notes that bytes have moved, which ends the wait for the peer.
    pub fn moved(&mut self, bytes: usize) {
        if let Some(since) = self.waiting_since.take() {
            self.credit = self.credit.saturating_sub(since.elapsed());
        }
        self.moved = self.moved.saturating_add(bytes as u64);
    }

    /// Notes that the peer is waited for. Returns when it is too slow if no more bytes move.
    pub fn due(&mut self) -> Instant {
        let since = *self.waiting_since.get_or_insert_with(|| {
            let earned = time_of(std::mem::take(&mut self.moved), self.bytes_per_second);
            self.credit = self.credit.saturating_add(earned).min(self.most);
            Instant::now()
        });
        since + self.credit
    }
}

/// The time of bytes at a rate.
fn time_of(bytes: u64, bytes_per_second: NonZeroU32) -> Duration {
    Duration::from_secs(bytes) / bytes_per_second.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    fn a_thousand() -> LeastRate {
        LeastRate::new(GRACE, NonZeroU32::new(1000).unwrap())
    }

    /// Lets a wait have lasted for so long.
    fn wait(rate: &mut LeastRate, time: Duration) {
        rate.due();
        rate.waiting_since = rate.waiting_since.map(|since| since - time);
    }

    fn left(rate: &mut LeastRate) -> Duration {
        rate.due().saturating_duration_since(Instant::now())
    }

    fn about(time: Duration, secs: u64) -> bool {
        time.abs_diff(Duration::from_secs(secs)) < Duration::from_secs(1)
    }

    #[test]
    fn waits_take_off_what_they_last_and_bytes_add_their_time() {
        let mut rate = a_thousand();
        assert!(about(left(&mut rate), 30));
        wait(&mut rate, Duration::from_secs(20));
        assert!(about(left(&mut rate), 10));
        rate.moved(5000);
        assert!(about(left(&mut rate), 15));
        rate.moved(0);
        assert!(about(left(&mut rate), 15), "no bytes are worth no time");
        wait(&mut rate, Duration::from_secs(16));
        assert_eq!(left(&mut rate), Duration::ZERO);
    }

    /// A byte in each grace would else keep a connection for ever.
    #[test]
    fn a_peer_that_drips_is_too_slow_in_the_end() {
        let mut rate = a_thousand();
        let drips = (0..100).take_while(|_| {
            wait(&mut rate, Duration::from_secs(5));
            let is_in_time = left(&mut rate) > Duration::ZERO;
            rate.moved(1);
            is_in_time
        });
        assert_eq!(drips.count(), 6);
    }

    #[test]
    fn a_peer_at_the_least_rate_lives_in_whatever_pieces_it_moves() {
        for piece in [1, 400, 16_384, 400_000, LeastRate::MOST_HELD] {
            let mut rate = a_thousand();
            rate.moved(piece as usize);
            for round in 0..1000 {
                let time = time_of(piece, rate.bytes_per_second);
                wait(&mut rate, time);
                assert!(left(&mut rate) > Duration::ZERO, "pieces of {piece}, round {round}");
                rate.moved(piece as usize);
            }
        }
    }

    #[test]
    fn what_counts_is_bounded_and_no_grace_is_too_long() {
        let mut rate = a_thousand();
        rate.moved(usize::MAX);
        assert!(about(left(&mut rate), 30 + LeastRate::MOST_HELD / 1000));
        rate.moved(usize::MAX);
        rate.moved(usize::MAX);
        assert!(left(&mut rate) <= GRACE + Duration::from_secs(LeastRate::MOST_HELD / 1000 + 1));
        let mut patient = LeastRate::new(Duration::MAX, NonZeroU32::MIN);
        patient.moved(usize::MAX);
        assert!(left(&mut patient) >= LONGEST - GRACE);
    }
}
