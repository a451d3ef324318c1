//! The attributes of a variant.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, ExprPath, WherePredicate};

use super::container::case;
use super::field::needs_serde;
use super::meta::{self, Of, Once};
use crate::case::Case;
use crate::errors::Errors;

#[derive(Default)]
pub(crate) struct VariantAttributes {
    pub(crate) rename: Once<String>,
    pub(crate) rename_all: Once<Case>,
    pub(crate) skip: Once<()>,
    pub(crate) untagged: Once<()>,
    pub(crate) serialize_with: Once<ExprPath>,
    pub(crate) bound: Once<Vec<WherePredicate>>,
}

impl VariantAttributes {
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut read = Self::default();
        meta::each(attributes, errors, |of, name, item| match of {
            Of::Serde => read.serde(name, item),
            Of::Encode => {
                let message = "`#[encode(…)]` is for types and fields: the fields of a variant take `serde` and `with`";
                Err(syn::Error::new_spanned(&item.path, message))
            }
        });
        if let (false, Some(place)) = (cfg!(feature = "serde"), read.serialize_with.place()) {
            errors.push(needs_serde(place));
        }
        read
    }

    fn serde(&mut self, name: &str, item: &ParseNestedMeta<'_>) -> syn::Result<()> {
        match name {
            "rename" => meta::serialized(item)?.map_or(Ok(()), |text| self.rename.set(item, text.value())),
            "rename_all" => case(item)?.map_or(Ok(()), |case| self.rename_all.set(item, case)),
            "skip" | "skip_serializing" => self.skip.set(item, ()),
            "untagged" => self.untagged.set(item, ()),
            "serialize_with" => self.serialize_with.set(item, meta::parsed(item)?),
            "with" => self.serialize_with.set(item, meta::function_in_module(item)?),
            "bound" => meta::predicates(item)?.map_or(Ok(()), |predicates| self.bound.set(item, predicates)),
            "alias" | "borrow" | "deserialize_with" | "other" | "skip_deserializing" => meta::ignore(item),
            _ => Err(meta::unknown(
                item,
                Of::Serde,
                "a variant",
                "serde's `rename`, `rename_all`, `skip`, `skip_serializing`, `untagged`, `serialize_with`, `with`, \
                 `bound`, and those for deserializing",
            )),
        }
    }
}
