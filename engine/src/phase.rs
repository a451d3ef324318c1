//! What an engine tells its connections to do.

/// What an engine tells its connections to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Go on.
    Serve,
    /// End when nothing is under way.
    Drain,
    /// End.
    Cut,
}
