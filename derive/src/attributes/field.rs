//! The attributes of a field.

use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, ExprPath, Path, WherePredicate};

use super::meta::{self, Of, Once};
use crate::errors::Errors;

#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) rename: Once<String>,
    pub(crate) skip: Once<()>,
    pub(crate) skip_if: Once<ExprPath>,
    pub(crate) flatten: Once<()>,
    pub(crate) bound: Once<Vec<WherePredicate>>,
    serialize_with: Once<ExprPath>,
    by_serde: Once<()>,
    with: Once<ExprPath>,
}

/// How the value of a field is written.
pub(crate) enum Form<'a> {
    /// By its `Encode`.
    Encode,
    /// By its `Serialize`.
    Serialize(&'a Path),
    /// By a function of the form that serde's `serialize_with` takes.
    SerializeWith(&'a ExprPath),
    /// By a function that takes the value and the writer.
    With(&'a ExprPath),
}

impl FieldAttributes {
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut read = Self::default();
        meta::each(attributes, errors, |of, name, item| match of {
            Of::Serde => read.serde(name, item),
            Of::Encode => read.encode(name, item),
        });
        if let (Some(place), true) = (read.by_serde.place(), read.with.is_set()) {
            errors.at(place, "a field goes by way of `serde`, or of the function of `with`, but not of both");
        }
        if let (Some(place), true) = (read.with.place(), read.flatten.is_set()) {
            errors.at(
                place,
                "`with` writes one value, and `flatten` has several: implement `EncodeFields` for the type, or write \
                 the field by `#[encode(serde)]`",
            );
        }
        if !cfg!(feature = "serde") && !read.with.is_set() {
            for place in [read.by_serde.place(), read.serialize_with.place()].into_iter().flatten() {
                errors.push(needs_serde(place));
            }
        }
        read
    }

    /// Returns how the value is written.
    pub(crate) fn form(&self) -> Form<'_> {
        match (self.with.get(), self.serialize_with.get(), self.by_serde.place()) {
            (Some(function), ..) => Form::With(function),
            (None, Some(function), _) => Form::SerializeWith(function),
            (None, None, Some(place)) => Form::Serialize(place),
            (None, None, None) => Form::Encode,
        }
    }

    fn serde(&mut self, name: &str, item: &ParseNestedMeta<'_>) -> syn::Result<()> {
        match name {
            "rename" => meta::serialized(item)?.map_or(Ok(()), |text| self.rename.set(item, text.value())),
            "skip" | "skip_serializing" => self.skip.set(item, ()),
            "skip_serializing_if" => self.skip_if.set(item, meta::parsed(item)?),
            "flatten" => self.flatten.set(item, ()),
            "serialize_with" => self.serialize_with.set(item, meta::parsed(item)?),
            "with" => self.serialize_with.set(item, meta::function_in_module(item)?),
            "bound" => meta::predicates(item)?.map_or(Ok(()), |predicates| self.bound.set(item, predicates)),
            "alias" | "borrow" | "default" | "deserialize_with" | "skip_deserializing" => meta::ignore(item),
            "getter" => Err(syn::Error::new_spanned(
                &item.path,
                "`getter` is not supported, as `remote` is not: write the field by `#[encode(with = \"…\")]`",
            )),
            _ => Err(meta::unknown(
                item,
                Of::Serde,
                "a field",
                "serde's `rename`, `skip`, `skip_serializing`, `skip_serializing_if`, `flatten`, `serialize_with`, \
                 `with`, `bound`, and those for deserializing",
            )),
        }
    }

    fn encode(&mut self, name: &str, item: &ParseNestedMeta<'_>) -> syn::Result<()> {
        match name {
            "serde" => self.by_serde.set(item, ()),
            "with" => self.with.set(item, meta::parsed(item)?),
            _ => Err(meta::unknown(item, Of::Encode, "a field", "`serde` and `with`")),
        }
    }
}

/// Returns the error of an attribute without the feature that it needs.
pub(super) fn needs_serde(place: &Path) -> syn::Error {
    let name = quote!(#place);
    let message = format!(
        "`{name}` goes by way of serde: turn on the feature `serde` of chunkwire, or write fields by \
         `#[encode(with = \"…\")]` instead"
    );
    syn::Error::new_spanned(place, message)
}
