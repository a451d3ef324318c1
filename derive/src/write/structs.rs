//! Structs.

use proc_macro2::TokenStream;
use quote::quote;

use super::code::Code;
use super::derived::Derived;
use super::parts::Parts;
use super::value::{Value, write_each};
use crate::model::{Container, Field, FieldList, Style};

pub(crate) fn write(container: &Container<'_>, fields: &FieldList<'_>, krate: &syn::Path) -> Derived {
    let mut code = Code::new(krate);
    let place = |field: &Field<'_>| {
        let member = &field.member;
        // A field of a packed struct can't be referred to, but copied.
        if container.attributes.is_packed { quote!(&{ self.#member }) } else { quote!(&self.#member) }
    };
    let only = match fields.style {
        _ if container.attributes.transparent.is_set() => container.transparent_field(),
        Style::Newtype => fields.all.first(),
        _ => None,
    };
    if let Some(field) = only {
        code.run(Value { field, place: place(field) }.written(krate));
        return Derived::value(code.end(TokenStream::new()));
    }
    match fields.style {
        Style::Named => {
            let mut parts = Parts::fields(&mut code);
            if let Some(tag) = container.attributes.tag.get() {
                parts.begin(Some(tag));
                parts.code.string(&container.name);
            }
            write_each(&mut parts, fields, |_, field| place(field));
            let any = parts.any();
            let encode = quote! {
                let __any = #krate::EncodeFields::encode_fields(self, __out, false);
                __out.raw(if __any { "}" } else { "{}" });
            };
            Derived { encode, fields: Some(code.end(any)), is_string: false }
        }
        Style::Unit => {
            code.text("null");
            Derived { encode: code.end(TokenStream::new()), fields: Some(quote!(__any)), is_string: false }
        }
        Style::Tuple | Style::Newtype => {
            let mut parts = Parts::array(&mut code);
            write_each(&mut parts, fields, |_, field| place(field));
            parts.end();
            Derived::value(code.end(TokenStream::new()))
        }
    }
}
