//! Which route a response is of, which only the router knows.

use std::sync::Arc;

/// The path of a route: an extension of its responses, for the observer.
#[derive(Clone, Debug)]
pub(crate) struct RoutePath(Arc<str>);

impl RoutePath {
    pub(crate) fn new(path: &str) -> Self {
        Self(path.into())
    }

    pub(super) fn path(&self) -> &str {
        &self.0
    }
}
