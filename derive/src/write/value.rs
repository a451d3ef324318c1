//! The value of a field.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::parts::Parts;
use crate::attributes::field::Form;
use crate::model::{Field, FieldList, Style};

/// A field, and the expression that refers to it.
pub(super) struct Value<'f, 'a> {
    pub(super) field: &'f Field<'a>,
    pub(super) place: TokenStream,
}

impl Value<'_, '_> {
    /// Returns the code that writes it.
    pub(super) fn written(&self, krate: &Path) -> TokenStream {
        let place = &self.place;
        match self.field.attributes.form() {
            Form::Encode => {
                // The error of a type that is not `Encode` is at that type.
                let function = quote_spanned!(self.span()=> #krate::Encode::encode);
                quote!(#function(#place, __out);)
            }
            Form::With(function) => quote!(#function(#place, __out);),
            Form::Serialize(item) => {
                let function = serialize(krate, item.span());
                by_serde(krate, &function, &quote!(#place,), &self.field.name)
            }
            Form::SerializeWith(function) => by_serde(krate, function, &quote!(#place,), &self.field.name),
        }
    }

    /// Returns the expression that writes its fields after others, if `any` is true.
    pub(super) fn flat(&self, krate: &Path, any: &TokenStream, beside_a_tag: bool) -> TokenStream {
        let (place, name) = (&self.place, &self.field.name);
        let places = quote!(#place,);
        match self.field.attributes.form() {
            Form::Serialize(item) => {
                let function = serialize(krate, item.span());
                fields_by_serde(krate, &function, &places, name, any, beside_a_tag)
            }
            Form::SerializeWith(function) => fields_by_serde(krate, function, &places, name, any, beside_a_tag),
            Form::Encode | Form::With(_) => {
                let ty = self.field.ty;
                let span = self.span();
                let function = quote_spanned!(span=> #krate::EncodeFields::encode_fields);
                let checked = beside_a_tag.then(|| {
                    let message = "an option can't stand beside the tag of an internally tagged enum: serde fails, too";
                    quote_spanned!(span=> const {
                        ::core::assert!(<#ty as #krate::EncodeFields>::BESIDE_A_TAG, #message)
                    };)
                });
                quote!({ #checked #function(#place, __out, #any) })
            }
        }
    }

    /// Returns the expression that tells whether it is skipped, if it can be.
    fn skipped(&self) -> Option<TokenStream> {
        let function = self.field.attributes.skip_if.get()?;
        let place = &self.place;
        Some(quote!(#function(#place)))
    }

    fn span(&self) -> Span {
        self.field.ty.span()
    }
}

fn serialize(krate: &Path, span: Span) -> TokenStream {
    quote_spanned!(span=> #krate::__private::serde::Serialize::serialize)
}

/// Returns the code that writes one value by a function of serde's form.
pub(super) fn by_serde(krate: &Path, function: &impl ToTokens, places: &TokenStream, name: &str) -> TokenStream {
    quote! {{
        let __written = #function(#places #krate::__private::serde::value(&mut *__out));
        let _ = #krate::__private::serde::or_fail(__out, __written, #name);
    }}
}

/// Returns the expression that writes the fields of a value by a function of serde's form.
pub(super) fn fields_by_serde(
    krate: &Path,
    function: &impl ToTokens,
    places: &TokenStream,
    name: &str,
    any: &TokenStream,
    beside_a_tag: bool,
) -> TokenStream {
    quote! {{
        let __written = #function(#places #krate::__private::serde::fields(&mut *__out, #any, #beside_a_tag));
        #krate::__private::serde::or_fail(__out, __written, #name).unwrap_or(#any)
    }}
}

/// Writes the fields that are written, with their keys if they have names.
pub(super) fn write_each<'f, 'a: 'f>(
    parts: &mut Parts<'_, '_>,
    fields: &'f FieldList<'a>,
    place: impl Fn(usize, &Field<'a>) -> TokenStream,
) {
    let krate = parts.code.krate;
    for (index, field) in fields.written() {
        let value = Value { field, place: place(index, field) };
        let skipped = value.skipped();
        if field.attributes.flatten.is_set() {
            parts.flat(skipped.as_ref(), |any| value.flat(krate, &any, false));
            continue;
        }
        let key = (fields.style == Style::Named).then_some(&*field.name);
        match skipped {
            Some(skipped) => parts.begin_unless(&skipped, key, &value.written(krate)),
            None => {
                parts.begin(key);
                parts.code.run(value.written(krate));
            }
        }
    }
}
