//! How many instructions the encoder takes, under callgrind: a number that a busy machine does not change.
//!
//! Each count has a limit, 2 % above what was counted when it was last changed. What takes fewer instructions for good
//! gets a lower one, so that nothing is lost again. The processor must have AVX2: text takes more instructions without.
#![allow(missing_docs, unreachable_pub, reason = "gungraun's macros make items that are public")]

#[path = "../encode/documents/mod.rs"]
mod documents;
#[path = "../encode/inputs.rs"]
mod inputs;
#[path = "../encode/random.rs"]
mod random;
// The file and not the package, since the rest of the server would be compiled with it. cargo sets `test` for a bench
// without a harness, so that its tests are compiled as well.
#[path = "../../server/src/users.rs"]
#[allow(dead_code, unused_imports, reason = "what the server and the tests need")]
mod users;

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use chunkwire::{Encode, Format, JsonBody, Record, Writer};
use documents::canada::{FeatureCollection, canada};
use documents::citm_catalog::{Catalog, citm_catalog};
use documents::twitter::{SearchResults, twitter};
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use http_body::Body as _;
use serde::Serialize;
use users::Users;

/// Returns room for every document, so that no growth is counted.
fn room() -> BytesMut {
    BytesMut::with_capacity(8 << 20)
}

fn encode<T: Encode>(values: &[T], mut buffer: BytesMut) -> BytesMut {
    black_box(values).encode(&mut Writer::new(&mut buffer));
    buffer
}

fn serialize<T: Serialize>(values: &[T], mut buffer: BytesMut) -> BytesMut {
    chunkwire::serialize(black_box(values), &mut Writer::new(&mut buffer)).expect("valid values");
    buffer
}

/// Returns the length of the body of records that never pause.
fn body_len<R: Record>(records: impl Iterator<Item = R>) -> usize {
    let mut body = pin!(JsonBody::new(Format::Array, records));
    let mut cx = Context::from_waker(Waker::noop());
    let mut len = 0;
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut cx) {
        len += frame.expect("no record fails").into_data().expect("no trailers").len();
    }
    len
}

/// A benchmark that counts at most `instructions`, and 2 % more.
fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let limit = instructions + instructions / 50;
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(Callgrind::default().hard_limits([(EventKind::Ir, limit)]));
    config
}

// The users that the server generates, while they are encoded.
#[library_benchmark(config = at_most(198_752))]
#[bench::thousand(room())]
fn lazy_users(mut buffer: BytesMut) -> BytesMut {
    let mut out = Writer::new(&mut buffer);
    for user in black_box(Users::range(0, 1000)) {
        user.encode(&mut out);
    }
    drop(out);
    buffer
}

// The same as a body: with what stands between them, in chunks.
#[library_benchmark(config = at_most(173_015))]
#[bench::thousand()]
fn body_of_users() -> usize {
    body_len(black_box(Users::range(0, 1000)))
}

#[library_benchmark(config = at_most(61_532))]
#[bench::thousand()]
fn body_of_counters() -> usize {
    body_len(black_box(0_u64..1000))
}

/// Benchmarks of the same values, as they are and by way of serde.
macro_rules! documents {
    ($($name:ident, $by_serde:ident: $values:expr => [$type:ty], $native:literal, $serde:literal;)*) => {
        $(
            #[library_benchmark(config = at_most($native))]
            #[bench::native(($values, room()))]
            fn $name((values, buffer): (Vec<$type>, BytesMut)) -> (Vec<$type>, BytesMut) {
                let buffer = encode(&values, buffer);
                (values, buffer)
            }

            #[library_benchmark(config = at_most($serde))]
            #[bench::serde(($values, room()))]
            fn $by_serde((values, buffer): (Vec<$type>, BytesMut)) -> (Vec<$type>, BytesMut) {
                let buffer = serialize(&values, buffer);
                (values, buffer)
            }
        )*

        library_benchmark_group!(
            name = encoder,
            benchmarks = [lazy_users, body_of_users, body_of_counters, $($name, $by_serde),*]
        );
    };
}

documents! {
    owned_users, owned_users_by_serde: inputs::owned_users() => [inputs::User], 182_637, 230_601;
    nested, nested_by_serde: inputs::nested() => [inputs::Order], 1_344_390, 1_376_864;
    ascii, ascii_by_serde: inputs::ascii() => [String], 169_270, 164_422;
    escapes, escapes_by_serde: inputs::escapes() => [String], 703_640, 699_298;
    cjk_and_emoji, cjk_and_emoji_by_serde: inputs::cjk_and_emoji() => [String], 167_196, 162_934;
    integers, integers_by_serde: inputs::integers() => [i64], 71_473, 73_745;
    prices, prices_by_serde: inputs::prices() => [f64], 67_003, 59_947;
    coordinates, coordinates_by_serde: inputs::coordinates() => [f64], 120_668, 108_069;
    random_floats, random_floats_by_serde: inputs::random_floats() => [f64], 213_037, 200_452;
    twitter_results, twitter_results_by_serde: vec![twitter()] => [SearchResults], 167_646, 166_013;
    citm, citm_by_serde: vec![citm_catalog()] => [Catalog], 1_583_016, 1_546_309;
    canada_outline, canada_outline_by_serde: vec![canada()] => [FeatureCollection], 28_030_039, 25_057_761;
}

main!(library_benchmark_groups = encoder);
