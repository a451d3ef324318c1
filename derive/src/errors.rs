//! What of a type is refused: everything at once, so that a user sees all of it in one go.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The errors so far.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Notes an error at the user's tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Returns the code that makes rustc report the errors, if there are any.
    pub(crate) fn into_code(self) -> Option<TokenStream> {
        self.0.map(syn::Error::into_compile_error)
    }
}
