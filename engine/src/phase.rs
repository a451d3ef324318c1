//! What an engine tells its connections to do.

/// What an engine tells its connections to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Go on.
    Serve,
    /// Respond once more: another process accepts from the same sockets.
    Retire,
    /// End when nothing is under way.
    Drain,
    /// End.
    Cut,
}

impl Phase {
    /// Whether connections end on which no request has begun.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::Drain | Self::Cut)
    }
}
