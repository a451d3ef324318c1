use chunkwire::Encode;

#[derive(Encode)]
#[serde(tag = "t", untagged)]
enum TagAndUntagged {
    A,
}

#[derive(Encode)]
#[serde(content = "c")]
enum ContentAlone {
    A,
}

#[derive(Encode)]
#[serde(tag = "t", content = "t")]
enum SameKeys {
    A,
}

#[derive(Encode)]
#[serde(tag = "t")]
enum Tuple {
    A(u8, u8),
    B { t: u8 },
}

#[derive(Encode)]
#[serde(tag = "t", rename_all_fields = "camelCase")]
struct NoNames(u8);

#[derive(Encode)]
#[serde(transparent, into = "u8")]
struct TwoFields {
    a: u8,
    b: u8,
}

#[derive(Encode)]
#[serde(transparent)]
enum Transparent {
    A,
}

#[derive(Encode)]
struct Flat(#[serde(flatten)] u8);

#[derive(Encode)]
enum Function {
    #[serde(serialize_with = "f", skip)]
    A,
    #[serde(serialize_with = "f")]
    B {
        #[serde(skip)]
        b: u8,
    },
}

#[derive(Encode)]
struct TwoForms {
    #[encode(serde, with = "f")]
    a: u8,
    #[serde(flatten)]
    #[encode(with = "f")]
    b: u8,
}

#[derive(Encode)]
union Union {
    a: u8,
}

fn main() {}
