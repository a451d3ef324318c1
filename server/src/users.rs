//! The lazy user generator: deterministic, random access, no allocation.
//!
//! Each user is a pure function of its id, so that any program in any language can make the same bytes. Ids run from 1
//! to 2^64 − 1. With `i = id − 1`, all arithmetic on unsigned integers, `div` rounding down:
//!
//! | field | value |
//! |---|---|
//! | `id` | `id` |
//! | `name` | `FIRST[i mod 32]`, a space, `LAST[(7 × (i mod 32) + (i div 32) mod 32) mod 32]` |
//! | `email` | the mail forms of the same two joined by `.`, then `id`, then `@example.com` |
//! | `age` | `18 + (18 + 37 × (i mod 63)) mod 63`, that is 18 to 80 |
//! | `score` | with `s = (9627 + 6133 × (i mod 9900)) mod 9900`: `(100 × (s div 99) + s mod 99 + 1) / 100` |
//! | `active` | whether `i mod 3` is not 2 |
//!
//! `score` is a quotient of two integers whose hundredths are never zero: 0.01 to 99.99, never a whole number, so that
//! the shortest decimal text that reads back as it has one or two decimals, and every language prints the same.
//! [`FIRST`] and [`LAST`] are the tables. A user is rendered with its fields in the order above and without spaces:
//!
//! ```
//! use chunkwire_server::users::User;
//!
//! let json = br#"{"id":1,"name":"Ada Lovelace","email":"ada.lovelace1@example.com","age":36,"score":97.25,"active":true}"#;
//! assert_eq!(chunkwire::to_vec(&User::with_id(1).unwrap()), json);
//! ```

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;

use chunkwire::{Encode, Short, Writer, object};

/// First names: as written, and in their mail form.
pub const FIRST: [(&str, &str); 32] = [
    ("Ada", "ada"),
    ("Alan", "alan"),
    ("Grace", "grace"),
    ("Edsger", "edsger"),
    ("Barbara", "barbara"),
    ("Donald", "donald"),
    ("Margaret", "margaret"),
    ("Dennis", "dennis"),
    ("Radia", "radia"),
    ("Ken", "ken"),
    ("Frances", "frances"),
    ("Linus", "linus"),
    ("Hedy", "hedy"),
    ("Tim", "tim"),
    ("Karen", "karen"),
    ("Claude", "claude"),
    ("Emmy", "emmy"),
    ("Kurt", "kurt"),
    ("Sofia", "sofia"),
    ("José", "jose"),
    ("Zoë", "zoe"),
    ("Niklaus", "niklaus"),
    ("Mary", "mary"),
    ("Vint", "vint"),
    ("Jean", "jean"),
    ("Leslie", "leslie"),
    ("Annie", "annie"),
    ("Yukihiro", "yukihiro"),
    ("Anita", "anita"),
    ("Bjarne", "bjarne"),
    ("Lynn", "lynn"),
    ("Søren", "soren"),
];

/// Last names: as written, and in their mail form.
pub const LAST: [(&str, &str); 32] = [
    ("Lovelace", "lovelace"),
    ("Turing", "turing"),
    ("Hopper", "hopper"),
    ("Dijkstra", "dijkstra"),
    ("Liskov", "liskov"),
    ("Knuth", "knuth"),
    ("Hamilton", "hamilton"),
    ("Ritchie", "ritchie"),
    ("Perlman", "perlman"),
    ("Thompson", "thompson"),
    ("Allen", "allen"),
    ("Torvalds", "torvalds"),
    ("Lamarr", "lamarr"),
    ("Lee", "lee"),
    ("Jones", "jones"),
    ("Shannon", "shannon"),
    ("Noether", "noether"),
    ("Gödel", "godel"),
    ("Núñez", "nunez"),
    ("Wirth", "wirth"),
    ("Cerf", "cerf"),
    ("Bartik", "bartik"),
    ("Lamport", "lamport"),
    ("Åström", "astrom"),
    ("Matsumoto", "matsumoto"),
    ("Borg", "borg"),
    ("Conway", "conway"),
    ("Łoś", "los"),
    ("Erdős", "erdos"),
    ("Rossi", "rossi"),
    ("Kim", "kim"),
    ("Müller", "muller"),
];

/// The names as JSON, with what stands round them there: `"Ada ` and `Lovelace"`, `"ada.` and `lovelace`.
static FIRST_JSON: [(Short, Short); 32] = json(&FIRST, ("\"", " "), ("\"", "."));
static LAST_JSON: [(Short, Short); 32] = json(&LAST, ("", "\""), ("", ""));

const fn json(names: &[(&str, &str); 32], round_name: (&str, &str), round_mail: (&str, &str)) -> [(Short, Short); 32] {
    let mut table = [(Short::new(""), Short::new("")); 32];
    let mut at = 0;
    while at < 32 {
        let (name, mail) = names[at];
        table[at] =
            (Short::joined(&[round_name.0, name, round_name.1]), Short::joined(&[round_mail.0, mail, round_mail.1]));
        at += 1;
    }
    table
}

/// One user, made from its id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct User {
    /// From 1 on.
    pub id: u64,
    /// First and last name.
    pub name: Name,
    /// An address of its own for every id.
    pub email: Email,
    /// In years, 18 to 80.
    pub age: u8,
    /// 0.01 to 99.99, never a whole number.
    pub score: f64,
    /// True for two of three.
    pub active: bool,
}

impl User {
    /// The version of the formula, and of how a user is rendered: another one for other bytes.
    ///
    /// ```
    /// # use chunkwire_server::users::User;
    /// assert_eq!(User::FORMULA, 1);
    /// ```
    pub const FORMULA: u32 = 1;

    /// How many users there are, one for each id.
    ///
    /// ```
    /// # use chunkwire_server::users::User;
    /// assert!(User::with_id(User::COUNT).is_some());
    /// ```
    pub const COUNT: u64 = u64::MAX;

    /// Returns the user with this id, or `None` for 0, which no user has.
    #[inline]
    pub fn with_id(id: u64) -> Option<Self> {
        let index = id.checked_sub(1)?;
        Some(Self::at(index, Cycles::at(index)))
    }

    /// The user at an index from 0 on, which is one less than its id.
    #[inline]
    fn at(i: u64, Cycles { age, score }: Cycles) -> Self {
        let id = i + 1;
        let first = (i % 32) as usize;
        let last = (7 * first + (i / 32 % 32) as usize) % 32;
        let name = Name { first, last };
        Self {
            id,
            name,
            email: Email { name, id },
            age: age as u8,
            // s + s div 99 is 100 × (s div 99) + s mod 99.
            score: f64::from(score + score / 99 + 1) / 100.0,
            // The age leaves what i does: 18 and 63 are multiples of 3, and 37 is one more than that.
            active: age % 3 != 2,
        }
    }
}

/// What begins anew after some users: the age, and the score before it is made a decimal.
#[derive(Clone, Copy, Debug)]
struct Cycles {
    age: u16,
    score: u16,
}

impl Cycles {
    #[inline]
    fn at(i: u64) -> Self {
        // 63 and 9900 divide it. What is left is small, as are the products below.
        let j = (i % 69_300) as u32;
        Self { age: 18 + ((18 + 37 * j) % 63) as u16, score: ((9627 + 6133 * j) % 9900) as u16 }
    }

    /// Those of the next user, without a division.
    #[inline(always)]
    fn next(self) -> Self {
        let back = |to: u16, end, length| if to < end { to } else { to - length };
        Self { age: back(self.age + 37, 18 + 63, 63), score: back(self.score + 6133, 9900, 9900) }
    }
}

impl Encode for User {
    #[inline(always)]
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

/// A first and a last name, kept as places in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    first: usize,
    last: usize,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", FIRST[self.first].0, LAST[self.last].0)
    }
}

impl Encode for Name {
    #[inline(always)]
    fn encode(&self, out: &mut Writer<'_>) {
        out.short(&FIRST_JSON[self.first % 32].0);
        out.short(&LAST_JSON[self.last % 32].0);
    }
}

/// A mail address under `example.com`, which is reserved for examples (RFC 2606, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Email {
    name: Name,
    id: u64,
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}{}@example.com", FIRST[self.name.first].1, LAST[self.name.last].1, self.id)
    }
}

impl Encode for Email {
    #[inline(always)]
    fn encode(&self, out: &mut Writer<'_>) {
        out.short(&FIRST_JSON[self.name.first % 32].1);
        out.short(&LAST_JSON[self.name.last % 32].1);
        out.unsigned(self.id);
        out.raw("@example.com\"");
    }
}

/// Users in the order of their ids, made one at a time.
#[derive(Clone, Debug)]
pub struct Users {
    indices: Range<u64>,
    /// Those of the first of them.
    cycles: Cycles,
}

impl Users {
    /// Returns the `limit` users that follow the first `offset`: ids `offset + 1` to `offset + limit`, and none beyond 2^64 −
    /// 1.
    ///
    /// It costs the same at any offset.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_server::users::Users;
    ///
    /// let ids: Vec<u64> = Users::range(1_000_000_000_000, 2).map(|user| user.id).collect();
    /// assert_eq!(ids, [1_000_000_000_001, 1_000_000_000_002]);
    /// ```
    pub fn range(offset: u64, limit: u64) -> Self {
        Self { indices: offset..offset.saturating_add(limit), cycles: Cycles::at(offset) }
    }
}

impl Iterator for Users {
    type Item = User;

    #[inline(always)]
    fn next(&mut self) -> Option<User> {
        let user = User::at(self.indices.next()?, self.cycles);
        self.cycles = self.cycles.next();
        Some(user)
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<User> {
        let user = self.indices.nth(n).map(|i| User::at(i, Cycles::at(i)));
        self.cycles = Cycles::at(self.indices.start);
        user
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.indices.size_hint()
    }
}

impl FusedIterator for Users {}

#[cfg(test)]
mod tests {
    use super::*;
    use chunkwire::to_vec;
    use sha2::{Digest as _, Sha256};

    /// If this fails, caches and clients hold what they would not get any more: raise [`User::FORMULA`].
    #[test]
    fn the_version_of_the_formula_is_that_of_its_bytes() {
        let users: Vec<User> = Users::range(0, 70_000).chain(Users::range(User::COUNT - 1000, 1000)).collect();
        let digest = Sha256::digest(to_vec(&users));
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((User::FORMULA, &*digest), (1, "4f11c15cebefbd06"));
    }

    #[test]
    fn the_default_response_has_the_size_of_the_write_up() {
        let users: Vec<User> = Users::range(0, 1000).collect();
        let size = to_vec(&users).len();
        assert!((103_499..=109_901).contains(&size), "{size} bytes are not within 3 % of 106,700");
    }

    #[test]
    fn encoding_is_that_of_the_fields_as_text() {
        for user in Users::range(0, 20_000).chain(Users::range(u64::MAX - 100, 100)) {
            let expected = serde_json::json!({
                "id": user.id,
                "name": user.name.to_string(),
                "email": user.email.to_string(),
                "age": user.age,
                "score": user.score,
                "active": user.active,
            });
            let json = to_vec(&user);
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&json).unwrap(), expected);
            assert!(user.email.to_string().is_ascii());
            assert!((18..=80).contains(&user.age));
            assert!(user.score.fract() != 0.0 && (0.01..=99.99).contains(&user.score));
        }
    }

    #[test]
    fn any_user_is_reached_from_anywhere() {
        let all: Vec<User> = Users::range(0, 300).collect();
        for (offset, user) in all.iter().enumerate() {
            assert_eq!(Users::range(offset as u64, 1).next(), Some(*user));
            assert_eq!(Users::range(0, 300).nth(offset), Some(*user));
            assert_eq!(User::with_id(offset as u64 + 1), Some(*user));
        }
        assert_eq!(User::with_id(0), None);
    }

    #[test]
    fn each_is_the_same_after_the_one_before_it_and_by_its_id() {
        for offset in [0, 69_299, u64::MAX - 80_000] {
            let mut users = Users::range(offset, 75_000);
            assert!(users.by_ref().zip(offset + 1..).all(|(user, id)| User::with_id(id) == Some(user)));
            assert_eq!(users.next(), None);
        }
        let mut users = Users::range(5, 1_000_000);
        assert_eq!(users.nth(69_299), User::with_id(69_305));
        assert_eq!(users.next(), User::with_id(69_306));
        assert_eq!(users.nth(1_000_000), None);
        assert_eq!(users.next(), None);
    }

    #[test]
    fn ids_end_at_the_largest() {
        let last: Vec<u64> = Users::range(u64::MAX - 2, 10).map(|user| user.id).collect();
        assert_eq!(last, [u64::MAX - 1, u64::MAX]);
        assert_eq!(User::with_id(u64::MAX).unwrap().id, u64::MAX);
    }
}
