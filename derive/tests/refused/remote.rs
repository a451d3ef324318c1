use chunkwire::Encode;

#[derive(Encode)]
#[serde(remote = "std::time::Duration")]
struct Remote {
    #[serde(getter = "std::time::Duration::as_secs")]
    seconds: u64,
}

#[derive(Encode)]
#[serde(field_identifier)]
enum Identifier {
    Name,
}

fn main() {}
