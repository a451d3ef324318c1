//! Arbitrary values: this crate's bytes against serde_json's, with ryu's text for floats on both sides.
#![no_main]

use chunkwire_fuzz::Input;
use chunkwire_test_support::tree::check;
use libfuzzer_sys::fuzz_target;

/// Longer text is left to `encode_str`.
const BUDGET: usize = 1024;

fuzz_target!(|data: &[u8]| check(&Input::new(data, BUDGET).tree()));
