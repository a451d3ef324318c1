//! Whether a file has changed.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// What tells one content of a file from another, without reading it: what is behind symbolic links, such as those by
/// which Kubernetes changes several files at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    inode: Option<u64>,
    modified: Option<SystemTime>,
    length: u64,
}

impl Version {
    /// Returns that of a file, if there is one.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = Some(std::os::unix::fs::MetadataExt::ino(&file));
        #[cfg(not(unix))]
        let inode = None;
        Some(Self { inode, modified: file.modified().ok(), length: file.len() })
    }
}
