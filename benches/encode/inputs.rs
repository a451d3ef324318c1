//! What is encoded: the same values on every machine and in every run.

use std::collections::BTreeMap;

use chunkwire::{Encode, Writer, object};
use serde::Serialize;

use crate::random::Random;
use crate::users::{self, Users};

fn thousand<T>(mut make: impl FnMut(&mut Random) -> T) -> Vec<T> {
    let mut random = Random::new(1);
    (0..1000).map(|_| make(&mut random)).collect()
}

#[derive(Serialize)]
pub(crate) struct User {
    id: u64,
    name: String,
    email: String,
    age: u8,
    score: f64,
    active: bool,
}

impl Encode for User {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "age": self.age,
            "score": self.score,
            "active": self.active,
        });
    }
}

pub(crate) fn owned_users() -> Vec<User> {
    let own = |user: users::User| User {
        id: user.id,
        name: user.name.to_string(),
        email: user.email.to_string(),
        age: user.age,
        score: user.score,
        active: user.active,
    };
    Users::range(0, 1000).map(own).collect()
}

pub(crate) fn ascii() -> Vec<String> {
    const TEXT: &str =
        "The quick brown fox jumps over the lazy dog, and nobody in the whole wide forest is surprised. ";
    thousand(|random| TEXT.chars().cycle().skip(random.below(90) as usize).take(random.below(400) as usize).collect())
}

/// A character to escape every 20 bytes.
pub(crate) fn escapes() -> Vec<String> {
    thousand(|random| {
        let pieces = random.below(20);
        (0..pieces)
            .map(|_| format!("nineteen plain bytes{}", ['"', '\\', '\n', '\t'][random.below(4) as usize]))
            .collect()
    })
}

pub(crate) fn cjk_and_emoji() -> Vec<String> {
    const TEXT: &str = "春の夜の夢ばかりなる手枕に🌸かひなく立たむ名こそ惜しけれ🎴花の色は移りにけりないたづらに🦀";
    thousand(|random| TEXT.chars().cycle().skip(random.below(40) as usize).take(random.below(130) as usize).collect())
}

/// Integers whose number of bits is uniformly distributed, of either sign.
pub(crate) fn integers() -> Vec<i64> {
    thousand(|random| {
        let bits = random.below(64);
        random.next() as i64 >> bits
    })
}

pub(crate) fn prices() -> Vec<f64> {
    thousand(|random| random.below(1_000_000) as f64 / 100.0)
}

pub(crate) fn coordinates() -> Vec<f64> {
    thousand(|random| (random.below(360_000_001) as f64 - 180_000_000.0) / 1e6)
}

pub(crate) fn random_floats() -> Vec<f64> {
    thousand(|random| {
        std::iter::repeat_with(|| f64::from_bits(random.next()))
            .find(|float| float.is_finite())
            .expect("most are finite")
    })
}

#[derive(Serialize)]
pub(crate) struct Order {
    number: u64,
    customer: Customer,
    lines: Vec<Line>,
    note: Option<String>,
    discount: Option<f64>,
    tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Customer {
    name: String,
    company: Option<String>,
    location: (f64, f64),
}

#[derive(Serialize)]
struct Line {
    article: String,
    count: u32,
    price: f64,
}

impl Encode for Order {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, {
            "number": self.number,
            "customer": self.customer,
            "lines": self.lines,
            "note": self.note,
            "discount": self.discount,
            "tags": self.tags,
        });
    }
}

impl Encode for Customer {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "name": self.name, "company": self.company, "location": self.location });
    }
}

impl Encode for Line {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "article": self.article, "count": self.count, "price": self.price });
    }
}

/// Nested objects with optional fields and maps.
pub(crate) fn nested() -> Vec<Order> {
    let mut users = Users::range(0, 1000);
    thousand(|random| {
        let lines = 1 + random.below(4);
        let line = |random: &mut Random| Line {
            article: format!("article {}", random.below(100_000)),
            count: random.below(100) as u32,
            price: random.below(100_000) as f64 / 100.0,
        };
        Order {
            number: random.next() >> 20,
            customer: Customer {
                name: users.next().expect("as many users as orders").name.to_string(),
                company: (random.below(2) == 0).then(|| "Analytical Engines & Co.".to_owned()),
                location: (random.below(180_000_000) as f64 / 1e6, random.below(90_000_000) as f64 / 1e6),
            },
            lines: (0..lines).map(|_| line(random)).collect(),
            note: (random.below(3) == 0).then(|| "please ring twice, \"loudly\"".to_owned()),
            discount: (random.below(4) == 0).then_some(0.05),
            tags: [("channel", "web"), ("priority", "normal"), ("region", "eu")]
                .into_iter()
                .take(random.below(4) as usize)
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        }
    })
}
