//! Why a body is dropped before its end, which only its connection can tell.

use std::sync::{Arc, Mutex, PoisonError};

use super::end::Outcome;

/// The outcome of bodies that are dropped before their end: [`Outcome::ClientGone`], unless a connection sets another.
///
/// Clones share the outcome. A connection keeps one, gives another to each body with
/// [`OnEnd::drop_outcome`](crate::OnEnd::drop_outcome), and sets the outcome before it drops the bodies.
///
/// # Examples
///
/// ```
/// use chunkwire::{DropOutcome, Format, JsonBody, Outcome};
///
/// let outcome = DropOutcome::default();
/// let body = JsonBody::new(Format::Array, 0..1000)
///     .on_end(|end| assert_eq!(end.outcome, Outcome::ShutDown))
///     .drop_outcome(outcome.clone());
/// outcome.set(Outcome::ShutDown);
/// drop(body);
/// ```
#[derive(Clone, Debug)]
pub struct DropOutcome(Arc<Mutex<Outcome>>);

impl Default for DropOutcome {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Outcome::ClientGone)))
    }
}

impl DropOutcome {
    /// Sets the outcome.
    pub fn set(&self, outcome: Outcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }

    /// Returns the outcome that was set last.
    pub fn get(&self) -> Outcome {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
