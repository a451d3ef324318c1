//! The states of an exchange.
//!
//! ```text
//!              sent                handed_over
//! Requested ─────────▶ Responding ─────────────▶ HandedOver ──flushed──▶ over
//!     │                                              ▲
//!     └──────────────── handed_over ─────────────────┘
//! ```

use std::time::{Duration, Instant};

/// How far a request and its response have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// The request's head came, and the transport took nothing of the response.
    Requested {
        /// When the head came.
        at: Instant,
    },
    /// The transport took some of the response, and the end was not handed over.
    Responding,
    /// The whole response was handed over, and may wait for the transport.
    HandedOver {
        /// When the request's head came, while the transport took nothing of the response.
        unsent_since: Option<Instant>,
    },
}

impl Exchange {
    /// The transport took bytes. Returns how long after the request, if they are the first of the response.
    pub(crate) fn sent(&mut self) -> Option<Duration> {
        match *self {
            Self::Requested { at } => {
                *self = Self::Responding;
                Some(at.elapsed())
            }
            Self::HandedOver { unsent_since: Some(at) } => {
                *self = Self::HandedOver { unsent_since: None };
                Some(at.elapsed())
            }
            Self::Responding | Self::HandedOver { unsent_since: None } => None,
        }
    }

    /// The response was handed over to its end.
    pub(crate) fn handed_over(&mut self) {
        *self = match *self {
            Self::Requested { at } => Self::HandedOver { unsent_since: Some(at) },
            Self::Responding => Self::HandedOver { unsent_since: None },
            handed_over @ Self::HandedOver { .. } => handed_over,
        };
    }

    /// Whether the whole response was handed over, so that the exchange is over when the transport has taken that.
    pub(crate) fn is_handed_over(&self) -> bool {
        matches!(self, Self::HandedOver { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_of_many_chunks_is_over_when_its_end_was_flushed() {
        let mut exchange = Exchange::Requested { at: Instant::now() };
        assert!(!exchange.is_handed_over(), "nothing was handed over");
        assert!(exchange.sent().is_some());
        assert!(exchange.sent().is_none(), "only the first bytes are the first");
        assert!(!exchange.is_handed_over(), "more is to come");
        exchange.handed_over();
        assert!(exchange.sent().is_none() && exchange.is_handed_over());
    }

    #[test]
    fn a_response_that_is_handed_over_at_once_has_a_first_byte_too() {
        let mut exchange = Exchange::Requested { at: Instant::now() };
        exchange.handed_over();
        assert!(exchange.sent().is_some() && exchange.sent().is_none());
        assert!(exchange.is_handed_over());
    }
}
