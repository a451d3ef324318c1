//! The limit of open files, and how many connections fit under it.

use std::io;

/// Raises the limit of open files of this process as far as the system lets it, and returns it.
///
/// # Errors
///
/// What the system says.
pub fn raise_open_files() -> io::Result<u64> {
    #[cfg(unix)]
    {
        let (soft, hard) = rlimit::Resource::NOFILE.get()?;
        // Some systems report a hard limit that they don't grant.
        Ok(rlimit::increase_nofile_limit(hard).unwrap_or(soft))
    }
    #[cfg(not(unix))]
    Ok(u64::MAX)
}

/// How many connections leave enough open files for everything else.
pub(crate) fn connections() -> usize {
    #[cfg(unix)]
    let files = rlimit::Resource::NOFILE.get().map_or(1024, |(soft, _)| soft);
    #[cfg(not(unix))]
    let files = 8192_u64;
    usize::try_from(files - files.div_ceil(10)).unwrap_or(usize::MAX).max(1)
}
