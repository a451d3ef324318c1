//! The bounds of a type's parameters: inferred by serde's rules, or what `bound` says instead.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Path, TypeParamBound, WherePredicate, parse_quote};

use super::mentioned::Mentioned;
use crate::attributes::field::Form;
use crate::model::{Container, Data, Field, Style, Tagging, Variant};

/// Returns the generics of the implementations.
pub(crate) fn generics(container: &Container<'_>, krate: &Path) -> Generics {
    let mut generics = container.generics.clone();
    let predicates = &mut generics.make_where_clause().predicates;
    predicates.extend(said_of_parts(container).flatten().map(|predicate| of_encode(predicate, krate)));
    match (container.attributes.encode_bound.get(), container.attributes.bound.get()) {
        (Some(said), _) => predicates.extend(said.iter().cloned()),
        (None, Some(said)) => predicates.extend(said.iter().map(|predicate| of_encode(predicate, krate))),
        (None, None) => predicates.extend(inferred(container, krate)),
    }
    generics
}

/// Returns what `bound` says of fields and of variants.
fn said_of_parts<'c>(container: &'c Container<'_>) -> impl Iterator<Item = &'c Vec<WherePredicate>> {
    let of_variants = match &container.data {
        Data::Struct(_) => &[][..],
        Data::Enum(variants) => variants,
    };
    let of_variants = of_variants.iter().filter_map(|variant| variant.attributes.bound.get());
    fields(container).filter_map(|(_, field)| field.attributes.bound.get()).chain(of_variants)
}

/// Returns all fields, each with the variant that has it.
fn fields<'c, 'a>(
    container: &'c Container<'a>,
) -> Box<dyn Iterator<Item = (Option<&'c Variant<'a>>, &'c Field<'a>)> + 'c> {
    match &container.data {
        Data::Struct(fields) => Box::new(fields.all.iter().map(|field| (None, field))),
        Data::Enum(variants) => {
            let of = |variant: &'c Variant<'a>| variant.fields.all.iter().map(move |field| (Some(variant), field));
            Box::new(variants.iter().flat_map(of))
        }
    }
}

/// Returns a predicate in which `Encode` is in the place of `Serialize`, and nothing of deserializing.
fn of_encode(predicate: &WherePredicate, krate: &Path) -> WherePredicate {
    let mut predicate = predicate.clone();
    if let WherePredicate::Type(predicate) = &mut predicate {
        let bounds = std::mem::take(&mut predicate.bounds);
        predicate.bounds.extend(bounds.into_iter().filter_map(|mut bound| {
            if let TypeParamBound::Trait(of) = &mut bound {
                let last = of.path.segments.last().map(|last| last.ident.to_string());
                match last.as_deref() {
                    Some("Serialize") => of.path = parse_quote!(#krate::Encode),
                    Some("Deserialize" | "DeserializeOwned") => return None,
                    _ => {}
                }
            }
            Some(bound)
        }));
    }
    predicate
}

fn inferred(container: &Container<'_>, krate: &Path) -> Vec<WherePredicate> {
    let mut by_encode = Mentioned::nothing(container.generics);
    let mut by_serde = Mentioned::nothing(container.generics);
    let mut predicates: Vec<WherePredicate> = Vec::new();
    for (variant, field) in fields(container) {
        let is_for_us = variant.is_none_or(|variant| {
            let attributes = &variant.attributes;
            !variant.is_skipped() && !attributes.serialize_with.is_set() && !attributes.bound.is_set()
        });
        if !is_for_us || field.is_skipped() || field.attributes.bound.is_set() {
            continue;
        }
        match field.attributes.form() {
            Form::Encode if is_flat(container, variant, field) => {
                let mut mentioned = Mentioned::nothing(container.generics);
                mentioned.field(field.ty);
                if !mentioned.is_empty() {
                    let ty = field.ty;
                    predicates.push(parse_quote!(#ty: #krate::EncodeFields));
                }
            }
            Form::Encode => by_encode.field(field.ty),
            Form::Serialize(_) => by_serde.field(field.ty),
            Form::SerializeWith(_) | Form::With(_) => {}
        }
    }
    predicates.extend(bounded(&by_encode, &quote!(#krate::Encode)));
    predicates.extend(bounded(&by_serde, &quote!(#krate::__private::serde::Serialize)));
    predicates
}

fn bounded(mentioned: &Mentioned<'_>, bound: &TokenStream) -> Vec<WherePredicate> {
    let alone = mentioned.alone.iter().map(|parameter| parse_quote!(#parameter: #bound));
    let associated = mentioned.associated.iter().map(|ty| parse_quote!(#ty: #bound));
    alone.chain(associated).collect()
}

/// Returns whether the fields of a field stand beside others.
fn is_flat(container: &Container<'_>, variant: Option<&Variant<'_>>, field: &Field<'_>) -> bool {
    let beside_a_tag = variant.is_some_and(|variant| {
        let is_internal = matches!(container.tagging(), Tagging::Internal { .. });
        is_internal && variant.style() == Style::Newtype && !variant.attributes.untagged.is_set()
    });
    field.attributes.flatten.is_set() || beside_a_tag
}
