use chunkwire::Encode;

#[derive(Encode)]
#[serde(renamed_all = "camelCase")]
struct Container {
    #[serde(renamed = "a")]
    a: u8,
    #[encode(skip)]
    b: u8,
}

#[derive(Encode)]
#[encode(serde)]
enum Variants {
    #[serde(flatten)]
    One,
    #[encode(with = "f")]
    Two,
}

fn main() {}
