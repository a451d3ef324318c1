//! The fields of an object or the elements of an array, with what stands between them.

use proc_macro2::TokenStream;
use quote::quote;

use super::code::Code;

/// What was written before a part.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Before {
    /// No part.
    Nothing,
    /// A part.
    Parts,
    /// A part, if the variable `__any` is true.
    Unknown,
}

/// An object or an array that is being written.
pub(super) struct Parts<'c, 'a> {
    pub(super) code: &'c mut Code<'a>,
    before: Before,
    brackets: [&'static str; 2],
}

impl<'c, 'a> Parts<'c, 'a> {
    pub(super) fn object(code: &'c mut Code<'a>) -> Self {
        Self { code, before: Before::Nothing, brackets: ["{", "}"] }
    }

    pub(super) fn array(code: &'c mut Code<'a>) -> Self {
        Self { code, before: Before::Nothing, brackets: ["[", "]"] }
    }

    /// The fields of an object that others begin and end.
    pub(super) fn fields(code: &'c mut Code<'a>) -> Self {
        Self { code, before: Before::Unknown, brackets: ["{", "}"] }
    }

    /// Writes what comes before the value of a field or, without a key, before an element.
    pub(super) fn begin(&mut self, key: Option<&str>) {
        match self.before {
            Before::Nothing => self.code.text(self.brackets[0]),
            Before::Parts => self.code.text(","),
            Before::Unknown => self.code.comma_or(self.brackets[0]),
        }
        if let Some(key) = key {
            self.code.string(key);
            self.code.text(":");
        }
        self.before = Before::Parts;
    }

    /// Writes a part unless `skipped` is true.
    pub(super) fn begin_unless(&mut self, skipped: &TokenStream, key: Option<&str>, value: &TokenStream) {
        let before = self.count();
        let mut part = Code::new(self.code.krate);
        Parts { code: &mut part, before, brackets: self.brackets }.begin(key);
        let noted = (before == Before::Unknown).then(|| quote!(__any = true;));
        let part = part.end(quote!(#value #noted));
        self.code.run(quote!(if !#skipped { #part }));
    }

    /// Writes any number of fields, by an expression that is told whether there is one before, and returns whether there
    /// is one after.
    pub(super) fn flat(&mut self, skipped: Option<&TokenStream>, fields: impl Fn(TokenStream) -> TokenStream) {
        let written = match self.count() {
            Before::Unknown => {
                let fields = fields(quote!(__any));
                quote!(__any = #fields;)
            }
            _ => {
                let fields = fields(quote!(true));
                quote!(let _ = #fields;)
            }
        };
        self.code.run(match skipped {
            Some(skipped) => quote!(if !#skipped { #written }),
            None => written,
        });
    }

    /// Ends the object or array.
    pub(super) fn end(self) {
        let [open, close] = self.brackets;
        match self.before {
            Before::Nothing => {
                self.code.text(open);
                self.code.text(close);
            }
            Before::Parts => self.code.text(close),
            Before::Unknown => {
                let none = format!("{open}{close}");
                self.code.run(quote!(__out.raw(if __any { #close } else { #none });));
            }
        }
    }

    /// Returns the expression that tells whether there is a part.
    pub(super) fn any(&self) -> TokenStream {
        match self.before {
            Before::Nothing => quote!(false),
            Before::Parts => quote!(true),
            Before::Unknown => quote!(__any),
        }
    }

    /// Makes a variable of whether there is a part, if that is not known from now on.
    fn count(&mut self) -> Before {
        if self.before == Before::Nothing {
            self.code.run(quote!(let mut __any = false;));
            self.before = Before::Unknown;
        }
        self.before
    }
}
