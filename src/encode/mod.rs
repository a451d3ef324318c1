//! From values to JSON bytes. Nothing here depends on HTTP or on where the bytes go.

// What users of the library see.
pub(crate) mod display;
pub(crate) mod encode_fields;
pub(crate) mod encode_key;
pub(crate) mod encode_trait;
pub(crate) mod finite;
pub(crate) mod literal;
pub(crate) mod object;
pub(crate) mod raw_json;
#[cfg(feature = "serde")]
pub(crate) mod serde;
pub(crate) mod short;
pub(crate) mod writer;
mod writer_numbers;
mod writer_strings;

// The types that encode themselves.
mod collections;
mod numbers;
mod pointers;
mod text;
mod types;

// How bytes get into the buffer.
mod abort_on_unwind;
pub(crate) mod arch;
mod block;
mod cursor;
mod digits;
mod escapes;
mod failure;
mod number_text;
mod small;
mod store;
