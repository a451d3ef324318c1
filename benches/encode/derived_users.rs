//! The users of `inputs.rs`, with a derived implementation.

use chunkwire::Encode;
use chunkwire_server::users::{self, Users};
use serde::Serialize;

#[derive(Encode, Serialize)]
pub(crate) struct User {
    id: u64,
    name: String,
    email: String,
    age: u8,
    score: f64,
    active: bool,
}

pub(crate) fn derived_users() -> Vec<User> {
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
