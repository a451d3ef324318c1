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
