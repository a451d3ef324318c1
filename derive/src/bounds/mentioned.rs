//! Which type parameters a type mentions, by serde's rules.

use syn::{GenericArgument, Generics, Ident, Path, PathArguments, ReturnType, Type, TypeParamBound, TypePath};

/// What the types of fields mention.
pub(super) struct Mentioned<'a> {
    parameters: Vec<&'a Ident>,
    /// Those that are mentioned by themselves.
    pub(super) alone: Vec<&'a Ident>,
    /// Fields of an associated type of one.
    pub(super) associated: Vec<TypePath>,
}

impl<'a> Mentioned<'a> {
    pub(super) fn nothing(generics: &'a Generics) -> Self {
        let parameters = generics.type_params().map(|parameter| &parameter.ident).collect();
        Self { parameters, alone: Vec::new(), associated: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.alone.is_empty() && self.associated.is_empty()
    }

    /// Adds what the type of a field mentions.
    pub(super) fn field(&mut self, ty: &Type) {
        let mut inner = ty;
        while let Type::Group(group) = inner {
            inner = &group.elem;
        }
        if let Type::Path(path) = inner {
            let first = &path.path.segments[0].ident;
            if path.qself.is_none() && path.path.segments.len() > 1 && self.parameters.contains(&first) {
                self.associated.push(path.clone());
            }
        }
        self.ty(ty);
    }

    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Array(ty) => self.ty(&ty.elem),
            Type::FnPtr(ty) => {
                ty.inputs.iter().for_each(|input| self.ty(&input.ty));
                self.output(&ty.output);
            }
            Type::Group(ty) => self.ty(&ty.elem),
            Type::ImplTrait(ty) => ty.bounds.iter().for_each(|bound| self.bound(bound)),
            Type::Paren(ty) => self.ty(&ty.elem),
            Type::Path(ty) => {
                if let Some(qself) = &ty.qself {
                    self.ty(&qself.ty);
                }
                self.path(&ty.path);
            }
            Type::Ptr(ty) => self.ty(&ty.elem),
            Type::Reference(ty) => self.ty(&ty.elem),
            Type::Slice(ty) => self.ty(&ty.elem),
            Type::TraitObject(ty) => ty.bounds.iter().for_each(|bound| self.bound(bound)),
            Type::Tuple(ty) => ty.elems.iter().for_each(|element| self.ty(element)),
            _ => {}
        }
    }

    fn path(&mut self, path: &Path) {
        if path.segments.last().is_some_and(|last| last.ident == "PhantomData") {
            return;
        }
        if let Some(ident) = path.get_ident() {
            let parameter = self.parameters.iter().find(|parameter| **parameter == ident);
            self.alone.extend(parameter.filter(|parameter| !self.alone.contains(parameter)));
        }
        for segment in &path.segments {
            match &segment.arguments {
                PathArguments::None => {}
                PathArguments::AngleBracketed(arguments) => arguments.args.iter().for_each(|argument| match argument {
                    GenericArgument::Type(ty) => self.ty(ty),
                    GenericArgument::AssocType(ty) => self.ty(&ty.ty),
                    _ => {}
                }),
                PathArguments::Parenthesized(arguments) => {
                    arguments.inputs.iter().for_each(|input| self.ty(&input.ty));
                    self.output(&arguments.output);
                }
            }
        }
    }

    fn output(&mut self, output: &ReturnType) {
        if let ReturnType::Type(_, ty) = output {
            self.ty(ty);
        }
    }

    fn bound(&mut self, bound: &TypeParamBound) {
        if let TypeParamBound::Trait(bound) = bound {
            self.path(&bound.path);
        }
    }
}
