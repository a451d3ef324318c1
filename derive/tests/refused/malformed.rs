use chunkwire::Encode;

#[derive(Encode)]
#[serde(rename_all = "Train-Case", rename = 5)]
struct Malformed {
    #[serde(rename(serialise = "a"))]
    a: u8,
    #[serde(rename = "b", rename = "c")]
    b: u8,
    #[serde(skip_serializing_if = "not a path")]
    c: u8,
    #[serde(skip_serializing_if)]
    d: u8,
    #[serde(bound = "T; U")]
    e: u8,
}

fn main() {}
