//! Paths, as strings.

use std::path::{Path, PathBuf};

use crate::encode::encode_key::EncodeKey;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

impl Encode for Path {
    fn encode(&self, out: &mut Writer<'_>) {
        match self.to_str() {
            Some(path) => out.string(path),
            None => out.fail(format!("the path {self:?} is not UTF-8; allowed are paths that are")),
        }
    }
}

impl Encode for PathBuf {
    fn encode(&self, out: &mut Writer<'_>) {
        self.as_path().encode(out);
    }
}

impl EncodeKey for Path {}
impl EncodeKey for PathBuf {}
