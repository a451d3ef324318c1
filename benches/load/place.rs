//! Where things are: the repository, and the folder under `target` that everything made here goes to.

use std::fs;
use std::path::{Path, PathBuf};

use super::Result;

/// The folders that the benchmark reads from and writes to.
#[derive(Debug)]
pub(crate) struct Place {
    work: PathBuf,
}

impl Place {
    /// The folder under cargo's target directory, made where it is not there.
    ///
    /// # Errors
    ///
    /// Where it can't be made.
    pub(crate) fn new() -> Result<Self> {
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load");
        fs::create_dir_all(&work)?;
        Ok(Self { work })
    }

    /// The repository, which is the folder above this package.
    pub(crate) fn repository(&self) -> &Path {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        package.parent().unwrap_or(package)
    }

    /// The sources of the contenders in a language.
    pub(crate) fn peers(&self, language: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(language)
    }

    /// What is only needed while the benchmark runs.
    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    /// The contenders in Go, built.
    pub(crate) fn go_binary(&self) -> PathBuf {
        self.work.join("go-peers")
    }

    /// Cargo's target directory of the contenders in Rust.
    pub(crate) fn rust_target_dir(&self) -> PathBuf {
        self.work.join("rust")
    }

    /// A contender in Rust, built.
    pub(crate) fn rust_binary(&self, name: &str) -> PathBuf {
        self.rust_target_dir().join("release").join(name)
    }

    /// What npm installed for the contender in Node.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.peers("node").join("node_modules")
    }
}
