//! How fast the encoder is, beside the alternatives.
//!
//! Every contender writes the same values as one JSON array into a buffer that it uses again, so that no allocation is
//! timed. Before anything is timed, their output is compared: byte for byte, except for floats, whose text may differ
//! but whose value may not. `copy` moves the finished bytes into the buffer: the floor.
//!
//! chunkwire's encoder runs a second time through `Serialize`: `chunkwire via serde`.

mod documents;
mod inputs;
mod random;

use bytes::BytesMut;
use chunkwire::{Encode, Writer};
use chunkwire_server::users::Users;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use documents::canada::canada;
use documents::citm_catalog::citm_catalog;
use documents::twitter::twitter;
use serde::Serialize;

/// Encodes into an emptied buffer, as the body does with its chunk.
fn chunkwire_encode(values: impl IntoIterator<Item: Encode>, buffer: &mut BytesMut) {
    buffer.clear();
    let mut out = Writer::new(buffer);
    let mut separator = "[";
    for value in values {
        out.raw(separator);
        value.encode(&mut out);
        separator = ",";
    }
    out.raw("]");
}

fn assert_same(name: &str, ours: &[u8], theirs: &[u8]) {
    if ours != theirs {
        let parse = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).expect("valid JSON");
        assert_eq!(parse(ours), parse(theirs), "{name} writes something else");
    }
}

fn copy(group: &mut BenchmarkGroup<'_, WallTime>, finished: &[u8]) {
    group.throughput(Throughput::Bytes(finished.len() as u64));
    let mut buffer = Vec::with_capacity(2 * finished.len());
    group.bench_function("copy", |bencher| {
        bencher.iter(|| {
            buffer.clear();
            buffer.extend_from_slice(std::hint::black_box(finished));
        });
    });
}

/// Users that exist only while they are encoded: no other contender can do that, so only the floor is beside it.
fn lazy_users(criterion: &mut Criterion) {
    let mut buffer = BytesMut::with_capacity(256 * 1024);
    chunkwire_encode(Users::range(0, 1000), &mut buffer);
    let finished = buffer.to_vec();

    let mut group = criterion.benchmark_group("a lazy users");
    copy(&mut group, &finished);
    group.bench_function("chunkwire", |bencher| {
        bencher.iter(|| chunkwire_encode(std::hint::black_box(Users::range(0, 1000)), &mut buffer));
    });
}

fn compare<T: Encode + Serialize>(criterion: &mut Criterion, name: &str, values: &[T]) {
    let mut ours = BytesMut::with_capacity(1 << 20);
    chunkwire_encode(values, &mut ours);
    let finished = ours.to_vec();
    let mut theirs = Vec::with_capacity(1 << 20);

    let mut group = criterion.benchmark_group(name);
    copy(&mut group, &finished);
    group.bench_function("chunkwire", |bencher| {
        bencher.iter(|| chunkwire_encode(std::hint::black_box(values), &mut ours));
    });
    let via_serde = |out: &mut BytesMut| {
        out.clear();
        chunkwire::serialize(std::hint::black_box(values), &mut Writer::new(out)).unwrap();
    };
    via_serde(&mut ours);
    assert!(ours == finished, "chunkwire via serde writes something else");
    group.bench_function("chunkwire via serde", |bencher| bencher.iter(|| via_serde(&mut ours)));
    let mut contender = |name: &str, write: &dyn Fn(&mut Vec<u8>)| {
        theirs.clear();
        write(&mut theirs);
        assert_same(name, &finished, &theirs);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                theirs.clear();
                write(&mut theirs);
            });
        });
    };
    contender("serde_json", &|out| serde_json::to_writer(out, std::hint::black_box(values)).unwrap());
    contender("sonic-rs", &|out| sonic_rs::to_writer(out, std::hint::black_box(values)).unwrap());
    contender("simd-json", &|out| simd_json::to_writer(out, std::hint::black_box(values)).unwrap());
}

fn contenders(criterion: &mut Criterion) {
    compare(criterion, "b owned users", &inputs::owned_users());
    compare(criterion, "c text ascii", &inputs::ascii());
    compare(criterion, "c text escapes", &inputs::escapes());
    compare(criterion, "c text cjk emoji", &inputs::cjk_and_emoji());
    compare(criterion, "d integers", &inputs::integers());
    compare(criterion, "e floats prices", &inputs::prices());
    compare(criterion, "e floats coordinates", &inputs::coordinates());
    compare(criterion, "e floats random", &inputs::random_floats());
    compare(criterion, "f nested", &inputs::nested());
    compare(criterion, "g twitter", &[twitter()]);
    compare(criterion, "g citm_catalog", &[citm_catalog()]);
    compare(criterion, "g canada", &[canada()]);
}

criterion_group!(benches, lazy_users, contenders);
criterion_main!(benches);
