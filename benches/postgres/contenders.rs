//! The servers that take part.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::database::Database;
use super::paths::Paths;
use super::process::Server;
use super::{Result, build, chunkwire_binary, http, programs, readers};

/// How long a server may take until it responds with rows.
const READY_IN: Duration = Duration::from_secs(15);

/// How often to look again while waiting for that.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A server over the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    program: Program,
}

#[derive(Clone, Copy, Debug)]
enum Program {
    Chunkwire,
    Rust(&'static str),
    Go,
}

pub(crate) const PAGES: Contender = Contender { name: "chunkwire", program: Program::Chunkwire };
pub(crate) const JSON_AGG: Contender = Contender { name: "axum, json_agg", program: Program::Rust("axum-json-agg") };
pub(crate) const SQLX: Contender = Contender { name: "axum Json, sqlx", program: Program::Rust("axum-json-sqlx") };
pub(crate) const STREAMED: Contender =
    Contender { name: "axum-streams, sqlx: one query", program: Program::Rust("axum-streams-sqlx") };
pub(crate) const GO: Contender = Contender { name: "Go encoding-json, pgx", program: Program::Go };

/// All of them.
pub(crate) const ALL: [Contender; 5] = [PAGES, JSON_AGG, SQLX, GO, STREAMED];

impl Contender {
    /// Starts it, and waits until it responds with rows.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be started, dies, or does not respond in time.
    pub(crate) fn start(&self, paths: &Paths, database: &Database) -> Result<Server> {
        let mut server = self.listening(paths, database)?;
        let begin = Instant::now();
        while readers::healthy(server.address(), 10).is_none() {
            server.still_runs()?;
            if begin.elapsed() > READY_IN {
                return Err(format!("{} did not respond with rows within {READY_IN:?}", self.name).into());
            }
            sleep(LOOK_AGAIN);
        }
        Ok(server)
    }

    fn listening(&self, paths: &Paths, database: &Database) -> Result<Server> {
        Server::start(self.name, paths.work(), |port| {
            let mut command = match self.program {
                Program::Chunkwire => {
                    let file = paths.work().join("postgres.toml");
                    fs::write(
                        &file,
                        format!(
                            "[database]\nurl = \"{}\"\n\n[[route]]\npath = \"/api/v1/users\"\ntable = \"users\"\n",
                            database.url()
                        ),
                    )?;
                    let mut command = Command::new(chunkwire_binary::path()?);
                    command.args(["--listen", &format!("127.0.0.1:{port}"), "--config"]).arg(file);
                    command
                }
                Program::Rust(name) => Command::new(paths.rust_binary(name)),
                Program::Go => {
                    let mut command = Command::new(paths.go_binary());
                    command.args(["-step", "postgres"]);
                    command
                }
            };
            command.env("PORT", port.to_string()).env("DATABASE_URL", database.url());
            Ok(command)
        })
    }
}

/// Builds those that are not chunkwire.
///
/// # Errors
///
/// Returns an error if a tool is missing or fails.
pub(crate) fn build(paths: &Paths) -> Result<()> {
    let mut go = Command::new(programs::find("go")?);
    go.current_dir(paths.peers("go")).args(["build", "-o"]).arg(paths.go_binary()).arg(".");
    build::run(go)?;
    let mut cargo = Command::new(programs::find("cargo")?);
    cargo.current_dir(paths.peers("rust")).args(["build", "--release", "--locked", "--target-dir"]);
    cargo.arg(paths.rust_target_dir());
    for contender in ALL {
        if let Program::Rust(name) = contender.program {
            cargo.args(["--bin", name]);
        }
    }
    build::run(cargo)
}

/// Checks that all servers respond with the same rows.
///
/// # Errors
///
/// Names a server that does not.
pub(crate) fn check(paths: &Paths, database: &Database) -> Result<()> {
    let mut expected = None;
    for contender in ALL {
        let server = contender.start(paths, database)?;
        let mut json = Vec::new();
        http::get(server.address(), &http::target(1000), |piece| json.extend_from_slice(piece))
            .map_err(|error| format!("{}: {error}", contender.name))?;
        let rows = comparable(&json)?;
        if *expected.get_or_insert_with(|| rows.clone()) != rows {
            let first = rows.first();
            return Err(format!("{} responds with other rows than {}: {first:?}", contender.name, PAGES.name).into());
        }
        eprintln!("{}: {} bytes are as they should be", contender.name, json.len());
    }
    Ok(())
}

/// Returns rows in a form that is the same for all: structs have the balance as a string, and dates in other words.
fn comparable(json: &[u8]) -> Result<Vec<serde_json::Value>> {
    let mut rows: Vec<serde_json::Value> = serde_json::from_slice(json)?;
    for row in &mut rows {
        if let Some(balance) = row["balance"].as_str() {
            row["balance"] = serde_json::from_str(balance)?;
        }
        row["score"] = row["score"].as_f64().into();
        let created_at = row["created_at"].as_str().unwrap_or_default();
        let created_at = created_at.trim_end_matches("+00:00").trim_end_matches('Z').trim_end_matches('0');
        row["created_at"] = created_at.to_owned().into();
    }
    Ok(rows)
}
