//! The attributes of a struct or an enum.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Path, Type, WherePredicate};

use super::meta::{self, Of, Once};
use crate::case::Case;
use crate::errors::Errors;

#[derive(Default)]
pub(crate) struct ContainerAttributes {
    pub(crate) rename: Once<String>,
    pub(crate) rename_all: Once<Case>,
    pub(crate) rename_all_fields: Once<Case>,
    pub(crate) tag: Once<String>,
    pub(crate) content: Once<String>,
    pub(crate) untagged: Once<()>,
    pub(crate) transparent: Once<()>,
    pub(crate) into: Once<Type>,
    pub(crate) bound: Once<Vec<WherePredicate>>,
    /// The same of `#[encode(…)]`, which counts instead.
    pub(crate) encode_bound: Once<Vec<WherePredicate>>,
    pub(crate) krate: Once<Path>,
    pub(crate) is_packed: bool,
}

impl ContainerAttributes {
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut read = Self { is_packed: attributes.iter().any(is_packed), ..Self::default() };
        meta::each(attributes, errors, |of, name, item| match of {
            Of::Serde => read.serde(name, item),
            Of::Encode => read.encode(name, item),
        });
        read
    }

    fn serde(&mut self, name: &str, item: &ParseNestedMeta<'_>) -> syn::Result<()> {
        match name {
            "rename" => meta::serialized(item)?.map_or(Ok(()), |text| self.rename.set(item, text.value())),
            "rename_all" => case(item)?.map_or(Ok(()), |case| self.rename_all.set(item, case)),
            "rename_all_fields" => case(item)?.map_or(Ok(()), |case| self.rename_all_fields.set(item, case)),
            "tag" => self.tag.set(item, meta::text(item)?.value()),
            "content" => self.content.set(item, meta::text(item)?.value()),
            "untagged" => self.untagged.set(item, ()),
            "transparent" => self.transparent.set(item, ()),
            "into" => self.into.set(item, meta::parsed(item)?),
            "bound" => meta::predicates(item)?.map_or(Ok(()), |predicates| self.bound.set(item, predicates)),
            "crate" | "default" | "deny_unknown_fields" | "expecting" | "from" | "try_from" => meta::ignore(item),
            "remote" => Err(syn::Error::new_spanned(
                &item.path,
                "`remote` is not supported: derive `Encode` for a type of your own that has the same fields, or write \
                 a field of the remote type by `#[serde(with = \"…\")]` or `#[encode(with = \"…\")]`",
            )),
            "field_identifier" | "variant_identifier" => Err(syn::Error::new_spanned(
                &item.path,
                format!("`{name}` is for types that are only deserialized: remove it or the derive of `Encode`"),
            )),
            _ => Err(meta::unknown(
                item,
                Of::Serde,
                "a struct or an enum",
                "serde's `rename`, `rename_all`, `rename_all_fields`, `tag`, `content`, `untagged`, `transparent`, \
                 `into`, `bound`, and those for deserializing",
            )),
        }
    }

    fn encode(&mut self, name: &str, item: &ParseNestedMeta<'_>) -> syn::Result<()> {
        match name {
            "bound" => meta::predicates(item)?.map_or(Ok(()), |predicates| self.encode_bound.set(item, predicates)),
            "crate" => self.krate.set(item, meta::parsed(item)?),
            _ => Err(meta::unknown(item, Of::Encode, "a struct or an enum", "`bound` and `crate`")),
        }
    }
}

/// Returns the case of a `rename_all`.
pub(super) fn case(item: &ParseNestedMeta<'_>) -> syn::Result<Option<Case>> {
    let Some(text) = meta::serialized(item)? else { return Ok(None) };
    Case::of(&text.value()).map(Some).map_err(|message| syn::Error::new_spanned(text, message))
}

/// Returns whether an attribute is `repr(packed)`, whose fields can't be referred to.
fn is_packed(attribute: &Attribute) -> bool {
    let mut packed = false;
    if attribute.path().is_ident("repr") {
        // What is wrong with a `repr` is for rustc to say.
        let _ = attribute.parse_nested_meta(|item| {
            packed |= item.path.is_ident("packed");
            meta::ignore(&item)
        });
    }
    packed
}
