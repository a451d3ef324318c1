//! What is derived of a type.

use proc_macro2::TokenStream;

/// The bodies of its methods.
pub(crate) struct Derived {
    /// Of `Encode::encode`.
    pub(crate) encode: TokenStream,
    /// Of `EncodeFields::encode_fields`, if it has fields.
    pub(crate) fields: Option<TokenStream>,
    /// Whether it is a string, so that it can be a key as it is.
    pub(crate) is_string: bool,
}

impl Derived {
    /// A type that is one value.
    pub(crate) fn value(encode: TokenStream) -> Self {
        Self { encode, fields: None, is_string: false }
    }
}
