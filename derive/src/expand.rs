//! From a type to its implementations.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Path, parse_quote};

use crate::bounds::inferred;
use crate::errors::Errors;
use crate::model::{Container, Data};
use crate::refusals;
use crate::write::derived::Derived;
use crate::write::{enums, structs};

pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let container = Container::of(input, &mut errors);
    if let Some(container) = &container {
        refusals::check(container, &mut errors);
    }
    match (errors.into_code(), container) {
        (None, Some(container)) => implementations(&container),
        (errors, _) => errors.unwrap_or_default(),
    }
}

fn implementations(container: &Container<'_>) -> TokenStream {
    let krate: &Path = &container.attributes.krate.get().cloned().unwrap_or_else(|| parse_quote!(::chunkwire));
    let Derived { encode, fields, is_string } = match (container.attributes.into.get(), &container.data) {
        (Some(ty), _) => {
            let copy = quote!(::core::clone::Clone::clone(self));
            let into = quote!(::core::convert::Into::<#ty>::into(#copy));
            Derived::value(quote!(#krate::Encode::encode(&#into, __out);))
        }
        (None, Data::Struct(fields)) => structs::write(container, fields, krate),
        (None, Data::Enum(variants)) => enums::write(container, variants, krate),
    };

    let ident = container.ident;
    let generics = inferred::generics(container, krate);
    let (parameters, arguments, predicates) = generics.split_for_impl();
    let fields = fields.map(|fields| {
        quote! {
            #[automatically_derived]
            #[allow(deprecated, unused_assignments, unused_mut, unused_variables, clippy::all)]
            impl #parameters #krate::EncodeFields for #ident #arguments #predicates {
                #[inline(always)]
                fn encode_fields(&self, __out: &mut #krate::Writer<'_>, mut __any: bool) -> bool {
                    #fields
                }
            }
        }
    });
    let key = is_string.then(|| {
        quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            impl #parameters #krate::EncodeKey for #ident #arguments #predicates {}
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated, unused_assignments, unused_mut, unused_variables, clippy::all)]
        impl #parameters #krate::Encode for #ident #arguments #predicates {
            #[inline]
            fn encode(&self, __out: &mut #krate::Writer<'_>) {
                #encode
            }
        }

        #fields
        #key
    }
}
