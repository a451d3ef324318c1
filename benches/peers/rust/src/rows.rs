//! Rows of PostgreSQL, for the contenders that get their users there.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::postgres::PgPoolOptions;
use sqlx::types::JsonValue;
use sqlx::{FromRow, PgPool};

/// Connections to the database: the same for every contender.
const CONNECTIONS: u32 = 8;

/// The first rows of the table; `$1` says how many.
pub const SELECT: &str = "SELECT id, name, email, age, balance::text, score, active, created_at, profile, tags \
                          FROM users ORDER BY id LIMIT $1";

/// A user of the database.
#[derive(FromRow, Serialize)]
pub struct Row {
    id: i64,
    name: String,
    email: String,
    age: i32,
    balance: String,
    score: f64,
    active: bool,
    created_at: DateTime<Utc>,
    profile: JsonValue,
    tags: Vec<String>,
}

/// Returns connections to the database that the variable `DATABASE_URL` names, which are kept for ever.
///
/// # Errors
///
/// Returns an error if there is no such variable, or no such database.
pub async fn pool() -> Result<&'static PgPool, Box<dyn std::error::Error>> {
    let database = std::env::var("DATABASE_URL")?;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(&database).await?;
    Ok(Box::leak(Box::new(pool)))
}

/// Returns a number of rows as a parameter.
pub fn rows(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
