//! What serde's derive refuses of attributes that can't stand together.

use quote::quote;

use crate::attributes::container::ContainerAttributes;
use crate::errors::Errors;
use crate::model::{Container, Data, FieldList, Style, Tagging, Variant};

pub(crate) fn check(container: &Container<'_>, errors: &mut Errors) {
    check_transparent(container, errors);
    match &container.data {
        Data::Struct(fields) => {
            check_struct(&container.attributes, fields, errors);
            check_flatten(fields, errors);
        }
        Data::Enum(variants) => {
            check_tags(&container.attributes, errors);
            for variant in variants {
                check_flatten(&variant.fields, errors);
                check_serialize_with(variant, errors);
                check_internal(container, variant, errors);
            }
        }
    }
}

fn check_struct(attributes: &ContainerAttributes, fields: &FieldList<'_>, errors: &mut Errors) {
    let for_enums = [attributes.untagged.place(), attributes.content.place(), attributes.rename_all_fields.place()];
    for place in for_enums.into_iter().flatten() {
        errors.at(place, format!("`{}` is for enums", quote!(#place)));
    }
    if let (Some(place), true) = (attributes.tag.place(), fields.style != Style::Named) {
        errors.at(place, "a tag stands beside fields that have names: `tag` is for enums and such structs");
    }
}

fn check_tags(attributes: &ContainerAttributes, errors: &mut Errors) {
    let tag = attributes.tag.get();
    if let (Some(place), None) = (attributes.content.place(), tag) {
        errors.at(place, "`content` belongs to a `tag`: `#[serde(tag = \"…\", content = \"…\")]`");
    }
    if let (Some(place), Some(_)) = (attributes.untagged.place(), tag) {
        errors.at(place, "an enum is `untagged`, or it has a `tag`");
    }
    if let (Some(place), true) = (attributes.content.place(), tag.is_some() && tag == attributes.content.get()) {
        errors.at(place, "`tag` and `content` would be the same key");
    }
}

fn check_flatten(fields: &FieldList<'_>, errors: &mut Errors) {
    for field in &fields.all {
        if let (Some(place), true) = (field.attributes.flatten.place(), fields.style != Style::Named) {
            errors.at(place, "`flatten` is for fields that have names");
        }
    }
}

fn check_serialize_with(variant: &Variant<'_>, errors: &mut Errors) {
    let Some(place) = variant.attributes.serialize_with.place() else { return };
    if variant.is_skipped() {
        errors.at(place, "a variant that is skipped has no content that a function could write");
    }
    for field in &variant.fields.all {
        let skipped = [field.attributes.skip.place(), field.attributes.skip_if.place()];
        for place in skipped.into_iter().flatten() {
            errors.at(place, "the function of the variant takes all fields: none can be skipped");
        }
    }
}

fn check_internal(container: &Container<'_>, variant: &Variant<'_>, errors: &mut Errors) {
    let Tagging::Internal { tag } = container.tagging() else { return };
    if variant.fields.style == Style::Tuple {
        let message = "a tuple has no names that a `tag` could stand beside: add `content = \"…\"` to the enum";
        errors.at(variant.ident, message);
    }
    if variant.fields.style == Style::Named && !variant.attributes.untagged.is_set() && !variant.is_skipped() {
        for (_, field) in variant.fields.written().filter(|(_, field)| field.name == tag) {
            errors.at(&field.member, format!("this field and the tag would be the same key, `{tag}`"));
        }
    }
}

fn check_transparent(container: &Container<'_>, errors: &mut Errors) {
    let Some(place) = container.attributes.transparent.place() else { return };
    if container.attributes.into.is_set() {
        errors.at(place, "a type is `transparent`, or it is written `into` another");
    }
    if container.transparent_field().is_none() {
        errors.at(place, "`transparent` is for structs of which exactly one field is written");
    }
}
