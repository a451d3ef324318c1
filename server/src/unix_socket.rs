//! Unix sockets in the file system.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// Listens on a path, also if another process has left its socket there and listens no more.
pub(crate) fn bind(path: &Path) -> io::Result<UnixListener> {
    UnixListener::bind(path).or_else(|error| {
        // Nobody listens on a file that is no socket either.
        let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
        let is_refused =
            || UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if error.kind() != io::ErrorKind::AddrInUse || !is_socket || !is_refused() {
            return Err(error);
        }
        fs::remove_file(path)?;
        UnixListener::bind(path)
    })
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::*;

    #[test]
    fn a_path_is_taken_only_from_a_socket_that_nobody_listens_on() {
        let path = std::env::temp_dir().join(format!("chunkwire-{}.sock", process::id()));
        let first = bind(&path).unwrap();
        assert_eq!(bind(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(first);
        bind(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "a file of somebody").unwrap();
        assert_eq!(bind(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        assert_eq!(fs::read(&path).unwrap(), b"a file of somebody");
        fs::remove_file(&path).unwrap();
    }
}
