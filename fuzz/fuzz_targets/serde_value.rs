//! Arbitrary values of the serde data model: this crate's bytes against serde_json's, with ryu's text for floats on
//! both sides, and an error if it has one.
#![no_main]

use chunkwire_fuzz::Input;
use libfuzzer_sys::fuzz_target;

/// Longer text is left to `encode_str`.
const BUDGET: usize = 1024;

fuzz_target!(|data: &[u8]| Input::new(data, BUDGET).value().check());
