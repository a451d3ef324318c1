//! What the contenders in Rust share: the users, and the settings from the environment.
//!
//! The users are those of chunkwire's `server/src/users.rs`, as a program holds them that got them from a database:
//! structs with strings of their own.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

pub mod rows;
mod service;
pub use service::{no_delay, serve};

/// Users of a response if the request does not say.
pub const DEFAULT_LIMIT: u64 = 1000;

/// Connections that may wait to be accepted: the same for every contender.
pub const BACKLOG: u32 = 4096;

/// Bytes that axum-streams buffers: the size of a chunk of chunkwire.
pub const BUFFERED: usize = 16 * 1024;

/// The query of a request.
#[derive(Deserialize)]
pub struct Page {
    /// How many users to send.
    pub limit: Option<u64>,
}

/// One record of a response.
#[derive(Serialize)]
pub struct User {
    id: u64,
    name: String,
    email: String,
    age: u8,
    score: f64,
    active: bool,
}

impl User {
    fn at(i: u64) -> Self {
        let id = i + 1;
        let first = (i % 32) as usize;
        let last = (7 * first + (i / 32 % 32) as usize) % 32;
        let ((first, mail_first), (last, mail_last)) = (FIRST[first], LAST[last]);
        let s = (9627 + 6133 * (i % 9900)) % 9900;
        Self {
            id,
            name: format!("{first} {last}"),
            email: format!("{mail_first}.{mail_last}{id}@example.com"),
            age: 18 + ((18 + 37 * (i % 63)) % 63) as u8,
            score: (100 * (s / 99) + s % 99 + 1) as f64 / 100.0,
            active: i % 3 != 2,
        }
    }
}

/// Returns users from id 1 on, made one at a time.
pub fn users(limit: u64) -> impl Iterator<Item = User> {
    (0..limit).map(User::at)
}

/// Returns the users of the one response of a contender that makes them at its start and keeps them.
pub fn kept() -> &'static [User] {
    users(fixed_limit()).collect::<Vec<_>>().leak()
}

/// Returns where to listen: on the port in the variable `PORT`, on this machine only.
pub fn address() -> SocketAddr {
    let port = number("PORT").expect("PORT must be the port to listen on");
    SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(port).expect("PORT must be a port")))
}

/// Returns the number of users of a contender that has only one response: the variable `USERS`.
pub fn fixed_limit() -> u64 {
    number("USERS").unwrap_or(DEFAULT_LIMIT)
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

const FIRST: [(&str, &str); 32] = [
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

const LAST: [(&str, &str); 32] = [
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
