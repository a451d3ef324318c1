//! A type as its attributes describe it.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Data as SynData, DeriveInput, Field as SynField, Fields as SynFields, Generics, Ident, Member, Token, Type};

use crate::attributes::container::ContainerAttributes;
use crate::attributes::field::FieldAttributes;
use crate::attributes::variant::VariantAttributes;
use crate::case::Case;
use crate::errors::Errors;

pub(crate) struct Container<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) name: String,
    pub(crate) generics: &'a Generics,
    pub(crate) attributes: ContainerAttributes,
    pub(crate) data: Data<'a>,
}

pub(crate) enum Data<'a> {
    Struct(FieldList<'a>),
    Enum(Vec<Variant<'a>>),
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) name: String,
    pub(crate) attributes: VariantAttributes,
    pub(crate) fields: FieldList<'a>,
}

pub(crate) struct FieldList<'a> {
    pub(crate) style: Style,
    pub(crate) all: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) member: Member,
    pub(crate) name: String,
    pub(crate) ty: &'a Type,
    pub(crate) attributes: FieldAttributes,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Newtype,
    Unit,
}

/// How an enum says which variant it is.
pub(crate) enum Tagging<'a> {
    /// `{"variant": content}`
    External,
    /// `{"tag": "variant", fields of the content}`
    Internal { tag: &'a str },
    /// `{"tag": "variant", "content": content}`
    Adjacent { tag: &'a str, content: &'a str },
    /// `content`
    Untagged,
}

impl<'a> Container<'a> {
    pub(crate) fn of(input: &'a DeriveInput, errors: &mut Errors) -> Option<Self> {
        let attributes = ContainerAttributes::of(&input.attrs, errors);
        let rename_all = attributes.rename_all.get().copied();
        let data = match &input.data {
            SynData::Struct(data) => Data::Struct(FieldList::of(&data.fields, rename_all, errors)),
            SynData::Enum(data) => {
                let fields_case = attributes.rename_all_fields.get().copied();
                let variants = data.variants.iter();
                Data::Enum(variants.map(|variant| Variant::of(variant, rename_all, fields_case, errors)).collect())
            }
            SynData::Union(data) => {
                errors.at(
                    data.union_token,
                    "a union does not say which of its fields it has: `Encode` is for structs and enums",
                );
                return None;
            }
        };
        let name = attributes.rename.get().cloned().unwrap_or_else(|| input.ident.unraw().to_string());
        Some(Self { ident: &input.ident, name, generics: &input.generics, attributes, data })
    }

    pub(crate) fn tagging(&self) -> Tagging<'_> {
        match (self.attributes.tag.get(), self.attributes.content.get()) {
            (Some(tag), Some(content)) => Tagging::Adjacent { tag, content },
            (Some(tag), None) => Tagging::Internal { tag },
            _ if self.attributes.untagged.is_set() => Tagging::Untagged,
            _ => Tagging::External,
        }
    }

    /// Returns the only field of a transparent struct that is written.
    pub(crate) fn transparent_field(&self) -> Option<&Field<'a>> {
        let Data::Struct(fields) = &self.data else { return None };
        let mut written = fields.all.iter().filter(|field| !field.is_skipped() && !field.is_phantom());
        let only = written.next();
        if written.next().is_some() { None } else { only }
    }
}

impl<'a> Variant<'a> {
    fn of(variant: &'a syn::Variant, rename_all: Option<Case>, fields_case: Option<Case>, errors: &mut Errors) -> Self {
        let attributes = VariantAttributes::of(&variant.attrs, errors);
        let fields_case = attributes.rename_all.get().copied().or(fields_case);
        let name = attributes.rename.get().cloned().unwrap_or_else(|| {
            let name = variant.ident.unraw().to_string();
            rename_all.map_or_else(|| name.clone(), |case| case.of_variant(&name))
        });
        Self { ident: &variant.ident, name, fields: FieldList::of(&variant.fields, fields_case, errors), attributes }
    }

    pub(crate) fn is_skipped(&self) -> bool {
        self.attributes.skip.is_set()
    }

    /// Returns how the content is written: a newtype whose field is skipped has none.
    pub(crate) fn style(&self) -> Style {
        match self.fields.style {
            Style::Newtype if self.fields.all[0].is_skipped() => Style::Unit,
            style => style,
        }
    }
}

impl<'a> FieldList<'a> {
    fn of(fields: &'a SynFields, case: Option<Case>, errors: &mut Errors) -> Self {
        let mut each = |fields: &'a Punctuated<SynField, Token![,]>| {
            fields.iter().enumerate().map(|(index, field)| Field::of(index, field, case, errors)).collect()
        };
        match fields {
            SynFields::Named(fields) => Self { style: Style::Named, all: each(&fields.named) },
            SynFields::Unnamed(fields) => {
                let style = if fields.unnamed.len() == 1 { Style::Newtype } else { Style::Tuple };
                Self { style, all: each(&fields.unnamed) }
            }
            SynFields::Unit => Self { style: Style::Unit, all: Vec::new() },
        }
    }

    /// Returns the fields that are written, and the index of each.
    pub(crate) fn written(&self) -> impl Iterator<Item = (usize, &Field<'a>)> {
        self.all.iter().enumerate().filter(|(_, field)| !field.is_skipped())
    }
}

impl<'a> Field<'a> {
    fn of(index: usize, field: &'a SynField, case: Option<Case>, errors: &mut Errors) -> Self {
        let attributes = FieldAttributes::of(&field.attrs, errors);
        let member = field.ident.clone().map_or_else(|| index.into(), Member::Named);
        let name = attributes.rename.get().cloned().unwrap_or_else(|| {
            let name = field.ident.as_ref().map_or_else(|| index.to_string(), |ident| ident.unraw().to_string());
            case.map_or_else(|| name.clone(), |case| case.of_field(&name))
        });
        Self { member, name, ty: &field.ty, attributes }
    }

    pub(crate) fn is_skipped(&self) -> bool {
        self.attributes.skip.is_set()
    }

    fn is_phantom(&self) -> bool {
        let mut ty = self.ty;
        while let Type::Group(group) = ty {
            ty = &group.elem;
        }
        matches!(ty, Type::Path(ty) if ty.path.segments.last().is_some_and(|last| last.ident == "PhantomData"))
    }
}
