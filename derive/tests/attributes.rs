//! Every attribute of serde, alone and with each other that it goes with: the bytes are serde_json's.

#![allow(dead_code, reason = "fields that are skipped are never read")]

mod common;

use std::collections::BTreeMap;

use chunkwire::Encode;
use common::{same, types};
use serde::{Serialize, Serializer};

/// Calls a macro with each row of a table, or with each combination of rows of several tables.
macro_rules! each {
    ($then:ident $($tables:tt)+) => {
        each!(@tables $then [] $($tables)+)
    };
    (@tables $then:ident $chosen:tt [$($row:tt)*] $($tables:tt)*) => {
        each!(@rows $then $chosen [$($row)*] [$($tables)*])
    };
    (@tables $then:ident [$($chosen:tt)*]) => {
        $then!($($chosen)*)
    };
    (@rows $then:ident $chosen:tt [$($row:tt)*] $tables:tt) => {{
        $(each!(@row $then $chosen $row $tables);)*
    }};
    (@row $then:ident [$($chosen:tt)*] $row:tt [$($tables:tt)*]) => {
        each!(@tables $then [$($chosen)* $row] $($tables)*)
    };
}

fn in_hex<S: Serializer>(value: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:x?}"))
}

mod hex {
    pub(super) use super::in_hex as serialize;
}

/// A field of `$name`, `$presence` and `$form` between two others, in a struct of `$container`.
macro_rules! named {
    ({$($container:tt)*} {$($name:tt)*} {$($form:tt)*} {$($presence:tt)*}) => {{
        #[derive(Serialize, Encode)]
        #[serde($($container)*)]
        struct Named {
            before_it: u8,
            #[serde($($name)*)]
            #[serde($($presence)*)]
            $($form)*
            the_field: Option<u32>,
            r#in: &'static str,
        }
        same([None, Some(255)].map(|the_field| Named { before_it: 1, the_field, r#in: "x" }));
    }};
    ($name:tt $form:tt $presence:tt) => { named!({} $name $form $presence) };
}

macro_rules! renamed {
    ($container:tt $name:tt) => {
        named!($container $name {} {skip_serializing_if = "Option::is_none"})
    };
}

/// A struct of which a field decides how it begins.
macro_rules! first {
    ($form:tt $presence:tt) => {
        first!(@ $form $presence $presence);
    };
    (@ {$($form:tt)*} {$($presence:tt)*} {$($other:tt)*}) => {{
        #[derive(Serialize, Encode)]
        struct First {
            #[serde($($presence)*)]
            $($form)*
            first: Option<u32>,
            #[serde($($other)*)]
            second: Option<u32>,
        }
        same([(None, None), (Some(1), None), (None, Some(2)), (Some(1), Some(2))]
            .map(|(first, second)| First { first, second }));

        #[derive(Serialize, Encode)]
        struct Tuple(
            #[serde($($presence)*)]
            $($form)*
            Option<u32>,
            #[serde($($other)*)]
            Option<u32>,
        );
        same([(None, None), (Some(1), None), (None, Some(2)), (Some(1), Some(2))].map(|(a, b)| Tuple(a, b)));

        #[derive(Serialize, Encode)]
        struct Newtype(
            #[serde($($presence)*)]
            $($form)*
            Option<u32>,
        );
        same([None, Some(1)].map(Newtype));

        #[derive(Serialize, Encode)]
        struct One {
            #[serde($($presence)*)]
            $($form)*
            one: Option<u32>,
        }
        same([None, Some(1)].map(|one| One { one }));
    }};
}

/// An enum of a representation.
macro_rules! variants {
    ({$($container:tt)*} {$($form:tt)*} {$($presence:tt)*}) => {{
        #[derive(Serialize, Encode)]
        #[serde($($container)*)]
        #[allow(clippy::enum_variant_names)]
        enum Variants {
            UnitOne,
            NamedOne {
                #[serde($($presence)*)]
                $($form)*
                the_field: Option<u32>,
                other_field: u8,
            },
            #[serde(rename = "öther")]
            Optional {
                #[serde($($presence)*)]
                $($form)*
                the_field: Option<u32>,
            },
            #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
            Nothing {},
        }
        let fields = [None, Some(17)];
        same(
            fields.map(|the_field| Variants::NamedOne { the_field, other_field: 3 }).into_iter()
                .chain(fields.map(|the_field| Variants::Optional { the_field }))
                .chain([Variants::UnitOne, Variants::Nothing {}]),
        );
    }};
}

/// An enum of a representation that can hold values without names.
macro_rules! unnamed_variants {
    ({$($container:tt)*} {$($form:tt)*} {$($presence:tt)*}) => {{
        #[derive(Serialize, Encode)]
        #[serde($($container)*)]
        enum Unnamed {
            Newtype(
                #[serde($($presence)*)]
                $($form)*
                Option<u32>,
            ),
            Tuple(
                #[serde($($presence)*)]
                $($form)*
                Option<u32>,
                u8,
            ),
            Empty(),
            #[serde(skip_serializing)]
            Skipped(#[allow(dead_code)] u8),
        }
        let fields = [None, Some(17)];
        same(
            fields.map(Unnamed::Newtype).into_iter()
                .chain(fields.map(|field| Unnamed::Tuple(field, 3)))
                .chain([Unnamed::Empty(), Unnamed::Skipped(1)]),
        );
    }};
}

macro_rules! cases {
    ({$($container:tt)*}) => {{
        #[derive(Clone, Copy, Serialize, Encode)]
        #[serde(rename_all = $($container)*)]
        enum Names {
            One,
            TwoWords,
            HTTPCode,
            #[serde(rename = "Kept_As-It is")]
            Renamed,
        }
        same([Names::One, Names::TwoWords, Names::HTTPCode, Names::Renamed]);

        #[derive(Serialize, Encode)]
        #[serde(rename_all_fields = $($container)*)]
        enum Fields {
            One { two_words: Names, _led: u8 },
            #[serde(rename_all(serialize = "lowercase", deserialize = "UPPERCASE"))]
            TwoWords { two_words: u8, r#type: u8 },
        }
        same([Fields::One { two_words: Names::TwoWords, _led: 1 }, Fields::TwoWords { two_words: 1, r#type: 2 }]);

        #[derive(Serialize, Encode)]
        #[serde(rename_all(serialize = $($container)*))]
        struct Struct {
            two_words: u8,
            three_words_2_x: u8,
            #[serde(rename = "kept As_it-is")]
            renamed: u8,
        }
        same([Struct { two_words: 1, three_words_2_x: 2, renamed: 3 }]);
    }};
}

#[test]
fn attributes_of_fields() {
    each!(named
        [
            {} {rename = "né w"} {rename(serialize = "s", deserialize = "d")} {alias = "z"}
            {rename = "q\"\\\n"} {rename = "line\u{2028}break"}
        ]
        [
            {} {#[serde(serialize_with = "in_hex")]} {#[serde(with = "hex")]} {#[encode(serde)]}
            {#[serde(deserialize_with = "never")]} {#[serde(bound = "")]}
        ]
        [
            {} {skip_serializing_if = "Option::is_none"} {skip_serializing} {skip} {skip_deserializing}
            {skip, default, skip_serializing_if = "Option::is_some"}
        ]
    );
    each!(first
        [{} {#[serde(serialize_with = "in_hex")]} {#[encode(serde)]}]
        [{} {skip_serializing_if = "Option::is_none"} {skip_serializing}]
    );
    assert!(types() >= 200, "{}", types());
}

#[test]
fn attributes_of_structs() {
    each!(renamed
        [
            {} {tag = "t"} {tag = "is a \"tag\"", rename = "Another"} {deny_unknown_fields} {default}
            {rename_all = "camelCase", tag = "type"} {rename(serialize = "S", deserialize = "D"), tag = "type"}
            {expecting = "a struct"} {bound = ""} {from = "u8"}
        ]
        [{} {rename = "other"}]
    );
    assert!(types() >= 20, "{}", types());
}

#[test]
fn attributes_of_enums() {
    each!(variants
        [
            {} {tag = "t"} {tag = "t", content = "c"} {untagged} {rename_all = "snake_case"}
            {tag = "the \"tag\"", rename_all = "kebab-case", rename_all_fields = "camelCase"}
            {tag = "t", content = "c", rename_all_fields = "UPPERCASE"}
        ]
        [{} {#[serde(serialize_with = "in_hex")]} {#[encode(serde)]} {#[serde(rename = "né")]}]
        [{} {skip_serializing_if = "Option::is_none"} {skip}]
    );
    each!(unnamed_variants
        [{} {tag = "t", content = "c"} {untagged} {rename_all = "snake_case"}]
        [{} {#[serde(serialize_with = "in_hex")]} {#[encode(serde)]}]
        [{} {skip_serializing_if = "Option::is_none"} {skip}]
    );
    each!(cases [
        {"lowercase"} {"UPPERCASE"} {"PascalCase"} {"camelCase"} {"snake_case"} {"SCREAMING_SNAKE_CASE"}
        {"kebab-case"} {"SCREAMING-KEBAB-CASE"}
    ]);
    assert!(types() >= 100, "{}", types());
}

#[test]
fn attributes_of_variants() {
    fn three<S: Serializer>(a: &u8, b: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("a", a), ("b", b)])
    }
    fn nothing<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
    macro_rules! functions {
        ({$($container:tt)*}) => {{
            #[derive(Serialize, Encode)]
            #[serde($($container)*)]
            enum Functions {
                #[serde(serialize_with = "three")]
                Named { a: u8, b: u8 },
                #[serde(serialize_with = "nothing", rename = "nö")]
                Unit,
                #[serde(skip)]
                Skipped,
                #[serde(other)]
                Other,
            }
            same([Functions::Named { a: 1, b: 2 }, Functions::Unit, Functions::Skipped, Functions::Other]);
        }};
    }
    each!(functions [{} {tag = "t"} {tag = "t", content = "c"}]);

    macro_rules! untagged {
        ({$($container:tt)*}) => {{
            #[derive(Serialize, Encode)]
            #[serde($($container)*)]
            enum Some {
                Tagged { a: u8 },
                Unit,
                #[serde(untagged)]
                Named { b: u8 },
                #[serde(untagged)]
                Newtype(u8),
                #[serde(untagged)]
                UnitToo,
            }
            same([Some::Tagged { a: 1 }, Some::Unit, Some::Named { b: 2 }, Some::Newtype(3), Some::UnitToo]);
        }};
    }
    each!(untagged [{} {tag = "t"} {tag = "t", content = "c"} {untagged}]);
}

#[test]
fn a_type_that_is_written_as_another() {
    #[derive(Clone, Serialize, Encode)]
    #[serde(into = "(u8, String)")]
    struct Into {
        number: u8,
    }
    impl From<Into> for (u8, String) {
        fn from(Into { number }: Into) -> Self {
            (number, number.to_string())
        }
    }
    same([Into { number: 1 }]);

    #[derive(Serialize, Encode)]
    #[serde(transparent)]
    struct Named {
        _phantom: std::marker::PhantomData<u8>,
        #[serde(skip)]
        _skipped: u8,
        only: BTreeMap<String, u8>,
    }
    same([Named { _phantom: std::marker::PhantomData, _skipped: 1, only: BTreeMap::from([("a".into(), 1)]) }]);

    #[derive(Serialize, Encode)]
    #[serde(transparent)]
    struct With(#[serde(serialize_with = "in_hex", skip_serializing_if = "Option::is_none")] Option<u32>);
    same([With(None), With(Some(15))]);

    #[derive(Serialize, Encode)]
    #[serde(rename = "ignored", rename_all = "UPPERCASE")]
    struct Unit;
    same([Unit]);

    #[derive(Serialize, Encode)]
    struct Nothing {}
    same([Nothing {}]);

    #[derive(Serialize, Encode)]
    struct NoElements();
    same([NoElements()]);

    #[derive(Serialize, Encode)]
    enum Never {}
    same(Vec::<Never>::new());

    #[derive(Clone, Copy, Serialize, Encode)]
    #[repr(C, packed)]
    struct Packed {
        small: u8,
        large: u64,
    }
    same([Packed { small: 1, large: 2 }]);
}
