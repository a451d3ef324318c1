//! What was read of the files of TLS.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio_rustls::rustls::ServerConfig;

use super::files::TlsFiles;
use super::version::Version;

/// What a listener shows its clients, for [`Listener::tls`](crate::Listener::tls): TLS 1.2 and 1.3, with a
/// certificate that can be read again.
///
/// Clones share what was read. A client that comes again may resume its session, by a ticket that it keeps and the
/// server doesn't. A ticket is of no use after what was read has changed.
///
/// # Examples
///
/// ```
/// use std::fs;
///
/// use chunkwire_engine::TlsFiles;
/// use chunkwire_test_support::certificates::Authority;
///
/// # fn main() -> std::io::Result<()> {
/// let authority = Authority::new();
/// let server = authority.issue("server");
/// let tls = TlsFiles::new(&server.chain, &server.key).load()?;
/// assert!(!tls.reload_if_changed()?);
///
/// authority.issue("server");
/// assert!(tls.reload_if_changed()?);
///
/// fs::write(&server.key, "what is no key")?;
/// assert!(tls.reload_if_changed().is_err());
/// assert!(!tls.reload_if_changed()?, "that was said");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls(Arc<Loaded>);

struct Loaded {
    files: TlsFiles,
    /// What they were when they were read last, of which perhaps nothing could be used.
    seen: Mutex<Vec<Option<Version>>>,
    configs: RwLock<Configs>,
}

/// What was read, and what is offered by ALPN (RFC 7301).
struct Configs {
    http1: Arc<ServerConfig>,
    /// With HTTP/2, which goes first.
    http2: Arc<ServerConfig>,
}

impl Configs {
    fn read(files: &TlsFiles) -> io::Result<Self> {
        let mut http1 = files.read()?;
        http1.alpn_protocols = vec![b"http/1.1".into()];
        let mut http2 = http1.clone();
        http2.alpn_protocols.insert(0, b"h2".into());
        Ok(Self { http1: Arc::new(http1), http2: Arc::new(http2) })
    }
}

impl TlsFiles {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// Which file can't be read, or has not what is needed, and what is allowed there.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_engine::TlsFiles;
    ///
    /// let error = TlsFiles::new("no/chain.pem", "no/key.pem").load().unwrap_err();
    /// assert!(error.to_string().starts_with("can't read no/chain.pem: "));
    /// ```
    pub fn load(self) -> io::Result<Tls> {
        // What changes after this is read again.
        let seen = self.versions();
        let configs = Configs::read(&self)?;
        Ok(Tls(Arc::new(Loaded { files: self, seen: Mutex::new(seen), configs: RwLock::new(configs) })))
    }
}

impl Tls {
    /// Reads the files again. Connections that are there go on as they are, and new ones get what was read. If that
    /// can't be used, all stays as it was.
    ///
    /// # Errors
    ///
    /// As [`TlsFiles::load`] has it.
    pub fn reload(&self) -> io::Result<()> {
        self.read(self.seen())
    }

    /// Reads the files again if one of them has changed since they were read last, which their lengths, their times
    /// and, on Unix, their inodes tell. Returns whether one had.
    ///
    /// A failure is told once: they are not read again before another change.
    ///
    /// # Errors
    ///
    /// As [`TlsFiles::load`] has it.
    pub fn reload_if_changed(&self) -> io::Result<bool> {
        let seen = self.seen();
        if *seen == self.0.files.versions() {
            return Ok(false);
        }
        self.read(seen).map(|()| true)
    }

    fn seen(&self) -> MutexGuard<'_, Vec<Option<Version>>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, mut seen: MutexGuard<'_, Vec<Option<Version>>>) -> io::Result<()> {
        *seen = self.0.files.versions();
        let configs = Configs::read(&self.0.files)?;
        *self.0.configs.write().unwrap_or_else(PoisonError::into_inner) = configs;
        Ok(())
    }

    /// What a new connection gets, which may be one of HTTP/2.
    pub(crate) fn config(&self, has_http2: bool) -> Arc<ServerConfig> {
        let configs = self.0.configs.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(if has_http2 { &configs.http2 } else { &configs.http1 })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.0.files).finish_non_exhaustive()
    }
}
