//! Binaries of chunkwire that are not this one, as the command line names them.

/// A binary of chunkwire that is not this tree's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtherBinary {
    /// Its name in tables and charts.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) path: String,
}
