//! Paths: the repository, and the folder under `target` for everything made here.

use std::fs;
use std::path::{Path, PathBuf};

use super::Result;

/// The folders that the benchmark reads from and writes to.
#[derive(Debug)]
pub(crate) struct Paths {
    work: PathBuf,
}

impl Paths {
    /// Returns the folder under cargo's target directory, and creates it if necessary.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be created.
    pub(crate) fn new() -> Result<Self> {
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
        fs::create_dir_all(&work)?;
        Ok(Self { work })
    }

    /// Returns the repository, which is the folder above this package.
    pub(crate) fn repository(&self) -> &Path {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        package.parent().unwrap_or(package)
    }

    /// Returns the sources of the contenders in a language.
    pub(crate) fn peers(&self, language: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(language)
    }

    /// Returns the folder of what is only needed while the benchmark runs.
    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    /// Returns the built contenders in Go.
    pub(crate) fn go_binary(&self) -> PathBuf {
        self.work.join("go-peers")
    }

    /// Returns cargo's target directory of the contenders in Rust.
    pub(crate) fn rust_target_dir(&self) -> PathBuf {
        self.work.join("rust")
    }

    /// Returns a built contender in Rust.
    pub(crate) fn rust_binary(&self, name: &str) -> PathBuf {
        self.rust_target_dir().join("release").join(name)
    }

    /// Returns what npm installed for the contender in Node.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.peers("node").join("node_modules")
    }
}
