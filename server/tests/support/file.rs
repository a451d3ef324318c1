//! Files of a test.

use std::fs;
use std::path::PathBuf;

/// A file that goes with this.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let file = Self(std::env::temp_dir().join(format!("chunkwire-{}-{name}", std::process::id())));
        file.write(text);
        file
    }

    pub(crate) fn write(&self, text: &str) {
        fs::write(&self.0, text).unwrap();
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// It as the option of the program.
    pub(crate) fn option(&self) -> String {
        format!("--config={}", self.path())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
