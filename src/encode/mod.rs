//! Values to JSON bytes.
//!
//! [`Encode`] is the trait of types that write themselves, [`Writer`] is what they write to, and
//! [`object!`](crate::object) gives a struct its encoding in a few lines. Nothing here knows of HTTP, of users, or of
//! what becomes of the bytes.

mod encode_trait;
pub use encode_trait::{Encode, to_vec};

mod collections;
mod cursor;
mod digits;
mod escapes;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use escapes::SCAN_PORTABLY;
mod numbers;
mod object;
#[doc(hidden)]
pub use object::assert_plain_key;
mod pointers;
mod raw_json;
pub use raw_json::RawJson;
#[cfg(feature = "serde")]
pub mod serde;
mod short;
pub use short::Short;
mod small;
mod text;
mod writer;
pub use writer::Writer;
