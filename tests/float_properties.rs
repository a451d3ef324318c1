//! Promise: a float is the shortest number that reads back as it. Ten million of every kind are compared with ryu,
//! which is proven to find it, and read back bit by bit.

use bytes::BytesMut;
use chunkwire::{Encode, Writer};

/// A random number generator that is the same on every machine (splitmix64).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ bits >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }

    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 0 { 1.0 } else { -1.0 }
    }
}

trait Float: Copy + Encode + std::str::FromStr + std::fmt::Debug {
    fn is_same(self, other: Self) -> bool;
    fn reference(self, buffer: &mut ryu::Buffer) -> &str;
}

impl Float for f64 {
    fn is_same(self, other: Self) -> bool {
        self.to_bits() == other.to_bits()
    }
    fn reference(self, buffer: &mut ryu::Buffer) -> &str {
        if self.is_finite() { buffer.format_finite(self) } else { "null" }
    }
}

impl Float for f32 {
    fn is_same(self, other: Self) -> bool {
        self.to_bits() == other.to_bits()
    }
    fn reference(self, buffer: &mut ryu::Buffer) -> &str {
        if self.is_finite() { buffer.format_finite(self) } else { "null" }
    }
}

fn check<F: Float>(values: impl IntoIterator<Item = F>) {
    let mut bytes = BytesMut::with_capacity(1024);
    let mut ryu = ryu::Buffer::new();
    for value in values {
        bytes.clear();
        value.encode(&mut Writer::new(&mut bytes));
        let expected = value.reference(&mut ryu);
        assert!(bytes == expected, "{value:?} is {bytes:?}");
        if expected != "null" {
            let read = expected.parse::<F>().unwrap_or_else(|_| panic!("{expected} is no number"));
            assert!(read.is_same(value), "{value:?} is {bytes:?}, which reads back as {read:?}");
        }
    }
}

/// Returns values that `make` makes of random numbers.
fn random<F>(seed: u64, count: usize, make: impl Fn(&mut Random) -> F) -> impl Iterator<Item = F> {
    let mut random = Random(seed);
    (0..count).map(move |_| make(&mut random))
}

fn with_neighbours(value: f64) -> [f64; 3] {
    [value.next_down(), value, value.next_up()]
}

const MILLION: usize = 1_000_000;

#[test]
fn two_million_prices() {
    check(random(1, 2 * MILLION, |random| random.sign() * random.below(10_000_000) as f64 / 100.0));
}

#[test]
fn two_million_coordinates() {
    check(random(2, 2 * MILLION, |random| random.sign() * random.below(180_000_000) as f64 / 1e6));
}

#[test]
fn a_million_whole_numbers_of_every_size() {
    check(random(3, MILLION, |random| random.sign() * (random.bits() >> random.below(64)) as f64));
}

#[test]
fn a_million_decimals_with_up_to_22_places() {
    check(random(4, MILLION, |random| {
        (random.bits() >> random.below(64)) as f64 / 10f64.powi(random.below(23) as i32)
    }));
}

#[test]
fn a_million_tiny_and_huge() {
    check(random(5, MILLION / 2, |random| {
        random.sign() * random.below(1000) as f64 * 10f64.powi(random.below(640) as i32 - 330)
    }));
    check(random(6, MILLION / 2, |random| f64::from_bits(random.bits() >> random.below(64))));
}

#[test]
fn two_million_random_bits() {
    check(random(7, 2 * MILLION, |random| f64::from_bits(random.bits())));
}

#[test]
fn a_million_neighbours_of_decimals() {
    // Not short decimals themselves, but next to one: a test for shortness must not take them for one.
    check(
        random(8, MILLION / 3 + 1, |random| {
            let places = random.below(8) as i32;
            with_neighbours(random.sign() * (random.bits() >> (11 + random.below(53))) as f64 / 10f64.powi(places))
        })
        .flatten(),
    );
}

#[test]
fn every_price_below_a_thousand_and_its_neighbours() {
    check((0..100_000u32).flat_map(|cents| with_neighbours(f64::from(cents) / 100.0)));
}

#[test]
fn bounds() {
    let powers = |base: f64| (-1100..1100).map(move |exponent| base.powi(exponent));
    let special = [0.0, f64::MIN_POSITIVE, f64::MAX, f64::EPSILON, f64::INFINITY, f64::NAN, 5e-324, 9007199254740991.0];
    // Where ryu changes its form: 1e16 has an exponent, and so have numbers below 1e-5.
    let forms = [999_999_999.0, 1e9, 1e15, 9_999_999_999_999_998.0, 1e16, 1e-5, 9.999e-6, 0.1, 0.001, 0.0001, 999.999];
    for value in powers(2.0).chain(powers(10.0)).chain(special).chain(forms) {
        for value in with_neighbours(value) {
            for scale in 1..10 {
                check([value, -value, value * f64::from(scale), -value / f64::from(scale)]);
            }
        }
    }
}

#[test]
fn a_million_of_single_precision() {
    check(random(9, MILLION / 2, |random| f32::from_bits(random.bits() as u32)));
    check(random(10, MILLION / 4, |random| random.below(10_000_000) as f32 / 100.0));
    check(
        random(11, MILLION / 12, |random| {
            let value = random.sign() as f32 * (random.bits() as u32 >> random.below(32)) as f32
                / 10f32.powi(random.below(8) as i32);
            [value.next_down(), value, value.next_up()]
        })
        .flatten(),
    );
    check([0.0, -0.0, f32::MAX, f32::MIN, f32::MIN_POSITIVE, f32::from_bits(1), f32::NAN, f32::INFINITY, 16_777_216.0]);
}
