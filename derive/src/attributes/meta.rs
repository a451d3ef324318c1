//! One item of an attribute: its name, and what it is set to.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprPath, Lit, LitStr, Meta, Path, Token, WherePredicate, token};

use crate::errors::Errors;

/// An item that may be given once, and where it was.
pub(crate) struct Once<T>(Option<(Path, T)>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Once<T> {
    /// Takes what an item says, unless it was said before.
    pub(crate) fn set(&mut self, item: &ParseNestedMeta<'_>, value: T) -> syn::Result<()> {
        if self.0.is_some() {
            return Err(syn::Error::new_spanned(&item.path, format!("`{}` is here twice", name(&item.path))));
        }
        self.0 = Some((item.path.clone(), value));
        Ok(())
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    pub(crate) fn into_value(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }

    /// Returns the user's name of the item, for an error about it.
    pub(crate) fn place(&self) -> Option<&Path> {
        self.0.as_ref().map(|(path, _)| path)
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }
}

/// Which attribute an item is of.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Of {
    Serde,
    Encode,
}

/// Gives each item of the attributes that are ours to `read`, and notes what it has against it.
pub(crate) fn each(
    attributes: &[Attribute],
    errors: &mut Errors,
    mut read: impl FnMut(Of, &str, &ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes {
        let of = if attribute.path().is_ident("serde") {
            Of::Serde
        } else if attribute.path().is_ident("encode") {
            Of::Encode
        } else {
            continue;
        };
        if matches!(&attribute.meta, Meta::List(list) if list.tokens.is_empty()) {
            continue;
        }
        let result = attribute.parse_nested_meta(|item| {
            let result = read(of, &name(&item.path), &item);
            if let Err(error) = result {
                errors.push(error);
                ignore(&item)?;
            }
            Ok(())
        });
        if let Err(error) = result {
            errors.push(error);
        }
    }
}

fn name(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// Passes over what an item is set to.
pub(crate) fn ignore(item: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if item.input.peek(Token![=]) {
        item.value()?.parse::<Expr>()?;
    } else if item.input.peek(token::Paren) {
        let inner;
        syn::parenthesized!(inner in item.input);
        inner.parse::<TokenStream>()?;
    }
    Ok(())
}

/// Returns the error of an item that there isn't.
pub(crate) fn unknown(item: &ParseNestedMeta<'_>, of: Of, on: &str, known: &str) -> syn::Error {
    let attribute = if of == Of::Serde { "serde" } else { "encode" };
    let message = format!("`#[{attribute}({})]` is not known on {on}; known are {known}", name(&item.path));
    syn::Error::new_spanned(&item.path, message)
}

/// Returns the text that an item is set to.
pub(crate) fn text(item: &ParseNestedMeta<'_>) -> syn::Result<LitStr> {
    let expected = || format!("`{0}` is set to a text: `{0} = \"…\"`", name(&item.path));
    if !item.input.peek(Token![=]) {
        return Err(syn::Error::new_spanned(&item.path, expected()));
    }
    let value = item.value()?.parse()?;
    text_of(&value).cloned().ok_or_else(|| syn::Error::new_spanned(&value, expected()))
}

fn text_of(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        Expr::Group(group) => text_of(&group.expr),
        _ => None,
    }
}

/// Returns what is in the text that an item is set to.
pub(crate) fn parsed<T: Parse>(item: &ParseNestedMeta<'_>) -> syn::Result<T> {
    parsed_with(item, &text(item)?, T::parse)
}

fn parsed_with<P: Parser>(item: &ParseNestedMeta<'_>, text: &LitStr, parser: P) -> syn::Result<P::Output> {
    text.parse_with(parser).map_err(|error| {
        let message = format!("what `{}` is set to can't be read: {error}", name(&item.path));
        syn::Error::new_spanned(text, message)
    })
}

/// Returns the function `serialize` of the module that an item is set to.
pub(crate) fn function_in_module(item: &ParseNestedMeta<'_>) -> syn::Result<ExprPath> {
    let module = text(item)?;
    let mut function: ExprPath = parsed_with(item, &module, ExprPath::parse)?;
    function.path.segments.push(syn::Ident::new("serialize", module.span()).into());
    Ok(function)
}

/// Returns what an item says of serializing: of `item = "a"` and of `item(serialize = "a", deserialize = "b")` the `a`.
pub(crate) fn serialized(item: &ParseNestedMeta<'_>) -> syn::Result<Option<LitStr>> {
    if !item.input.peek(token::Paren) {
        return text(item).map(Some);
    }
    let mut serialized = Once::default();
    item.parse_nested_meta(|inner| {
        if inner.path.is_ident("serialize") {
            serialized.set(&inner, text(&inner)?)
        } else if inner.path.is_ident("deserialize") {
            ignore(&inner)
        } else {
            ignore(&inner)?;
            let expected = format!("`{0}` has the forms `{0} = \"…\"` and `{0}(serialize = \"…\")`", name(&item.path));
            Err(syn::Error::new_spanned(&inner.path, expected))
        }
    })?;
    Ok(serialized.into_value())
}

/// Returns the predicates that a `bound` says.
pub(crate) fn predicates(item: &ParseNestedMeta<'_>) -> syn::Result<Option<Vec<WherePredicate>>> {
    let Some(text) = serialized(item)? else { return Ok(None) };
    let predicates = parsed_with(item, &text, Punctuated::<WherePredicate, Token![,]>::parse_terminated)?;
    Ok(Some(predicates.into_iter().collect()))
}
