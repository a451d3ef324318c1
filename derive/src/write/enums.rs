//! Enums.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

use super::code::Code;
use super::derived::Derived;
use super::parts::Parts;
use super::value::{Value, by_serde, fields_by_serde, write_each};
use crate::model::{Container, Style, Tagging, Variant};

pub(crate) fn write(container: &Container<'_>, variants: &[Variant<'_>], krate: &Path) -> Derived {
    let arms = |arm: fn(&Arm<'_, '_>) -> TokenStream| {
        let arms = variants.iter().map(|variant| {
            let pattern = pattern(variant);
            let body = arm(&Arm { container, variant, krate });
            quote!(Self::#pattern => { #body })
        });
        quote!(match *self { #(#arms)* })
    };
    let fields = variants.iter().all(|variant| has_fields(container, variant)).then(|| arms(|arm| arm.fields()));
    let encode = names(container, variants, krate).unwrap_or_else(|| arms(|arm| arm.value()));
    Derived {
        encode,
        fields,
        is_string: variants.iter().all(|variant| variant.is_skipped() || is_name(container, variant)),
    }
}

/// Returns the code for an enum that is only names, if they are short: one store, whichever it is.
fn names(container: &Container<'_>, variants: &[Variant<'_>], krate: &Path) -> Option<TokenStream> {
    const LONGEST: usize = 15;
    let short = |variant: &Variant<'_>| {
        let is_plain = variant.name.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\');
        let is_name = !variant.is_skipped() && is_name(container, variant);
        is_plain && is_name && variant.name.len() + "\"\"".len() <= LONGEST
    };
    if variants.is_empty() || !variants.iter().all(short) {
        return None;
    }
    let arms = variants.iter().map(|variant| {
        let (ident, text) = (variant.ident, format!("\"{}\"", variant.name));
        quote!(Self::#ident { .. } => const { &#krate::Short::new(#text) },)
    });
    Some(quote!(__out.short(match *self { #(#arms)* });))
}

/// Returns whether a variant is written as its name.
fn is_name(container: &Container<'_>, variant: &Variant<'_>) -> bool {
    let has_content = variant.style() != Style::Unit || variant.attributes.serialize_with.is_set();
    let is_external = matches!(container.tagging(), Tagging::External) && !variant.attributes.untagged.is_set();
    is_external && !has_content
}

/// Returns whether what a variant writes are fields that can stand beside others.
fn has_fields(container: &Container<'_>, variant: &Variant<'_>) -> bool {
    let is_untagged = variant.attributes.untagged.is_set() || matches!(container.tagging(), Tagging::Untagged);
    let content_has_fields = matches!(variant.style(), Style::Named | Style::Unit);
    variant.is_skipped() || !is_untagged || content_has_fields && !variant.attributes.serialize_with.is_set()
}

/// Returns the pattern that binds the fields which are written.
fn pattern(variant: &Variant<'_>) -> TokenStream {
    let ident = variant.ident;
    let bound = variant.fields.written().filter(|_| !variant.is_skipped()).map(|(index, field)| {
        let (member, name) = (&field.member, bound(index));
        quote!(#member: ref #name,)
    });
    quote!(#ident { #(#bound)* .. })
}

fn bound(index: usize) -> TokenStream {
    let name = format_ident!("__field{index}");
    quote!(#name)
}

/// A variant that is being written.
struct Arm<'v, 'a> {
    container: &'v Container<'a>,
    variant: &'v Variant<'a>,
    krate: &'v Path,
}

impl Arm<'_, '_> {
    /// Returns the code that writes it as a value.
    fn value(&self) -> TokenStream {
        if self.variant.is_skipped() {
            return self.fail();
        }
        let mut code = Code::new(self.krate);
        let has_content = self.variant.style() != Style::Unit || self.variant.attributes.serialize_with.is_set();
        match self.tagging() {
            Tagging::Untagged => self.content(&mut code),
            Tagging::External if !has_content => code.string(&self.variant.name),
            _ => {
                let mut parts = Parts::object(&mut code);
                self.tagged(&mut parts);
                parts.end();
            }
        }
        code.end(TokenStream::new())
    }

    /// Returns the code that writes it as fields beside others, and returns whether there are any.
    fn fields(&self) -> TokenStream {
        if self.variant.is_skipped() {
            let fail = self.fail();
            return quote!(#fail __any);
        }
        let mut code = Code::new(self.krate);
        let mut parts = Parts::fields(&mut code);
        match self.tagging() {
            Tagging::Untagged => write_each(&mut parts, &self.variant.fields, |index, _| bound(index)),
            _ => self.tagged(&mut parts),
        }
        let any = parts.any();
        code.end(any)
    }

    fn tagging(&self) -> Tagging<'_> {
        if self.variant.attributes.untagged.is_set() { Tagging::Untagged } else { self.container.tagging() }
    }

    /// Writes the fields that tell which variant it is, and what it has.
    fn tagged(&self, parts: &mut Parts<'_, '_>) {
        let name = &*self.variant.name;
        match self.tagging() {
            Tagging::External | Tagging::Untagged => {
                parts.begin(Some(name));
                self.content(parts.code);
            }
            Tagging::Adjacent { tag, content } => {
                parts.begin(Some(tag));
                parts.code.string(name);
                if self.variant.style() != Style::Unit || self.variant.attributes.serialize_with.is_set() {
                    parts.begin(Some(content));
                    self.content(parts.code);
                }
            }
            Tagging::Internal { tag } => {
                parts.begin(Some(tag));
                parts.code.string(name);
                self.content_beside_a_tag(parts);
            }
        }
    }

    /// Writes what the variant has as a value.
    fn content(&self, code: &mut Code<'_>) {
        let (variant, krate) = (self.variant, self.krate);
        if let Some(function) = variant.attributes.serialize_with.get() {
            return code.run(by_serde(krate, function, &self.places(), &variant.name));
        }
        match variant.style() {
            Style::Unit => code.text("null"),
            Style::Newtype => code.run(self.only_value().written(krate)),
            Style::Tuple | Style::Named => {
                let is_object = variant.style() == Style::Named;
                let mut parts = if is_object { Parts::object(code) } else { Parts::array(code) };
                write_each(&mut parts, &variant.fields, |index, _| bound(index));
                parts.end();
            }
        }
    }

    /// Writes what the variant has as fields.
    fn content_beside_a_tag(&self, parts: &mut Parts<'_, '_>) {
        let (variant, krate) = (self.variant, self.krate);
        if let Some(function) = variant.attributes.serialize_with.get() {
            let places = self.places();
            return parts.flat(None, |any| fields_by_serde(krate, function, &places, &variant.name, &any, true));
        }
        match variant.style() {
            Style::Newtype => parts.flat(None, |any| self.only_value().flat(krate, &any, true)),
            Style::Unit | Style::Tuple | Style::Named => {
                write_each(parts, &variant.fields, |index, _| bound(index));
            }
        }
    }

    fn only_value(&self) -> Value<'_, '_> {
        Value { field: &self.variant.fields.all[0], place: bound(0) }
    }

    /// Returns the expressions that refer to all fields, each with a comma.
    fn places(&self) -> TokenStream {
        let places = (0..self.variant.fields.all.len()).map(bound);
        quote!(#(#places,)*)
    }

    fn fail(&self) -> TokenStream {
        let message = format!("the variant `{}::{}` is skipped", self.container.ident, self.variant.ident);
        quote!(__out.fail(#message);)
    }
}
