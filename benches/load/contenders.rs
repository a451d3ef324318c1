//! What is measured, and how each contender is started.

use std::path::Path;
use std::process::Command;

use super::other_binary::OtherBinary;
use super::paths::Paths;
use super::{Result, chunkwire_binary, nginx, programs};

/// A server that sends the same response as the others in its own way.
#[derive(Debug)]
pub(crate) struct Contender {
    /// Its name in arguments, tables and charts.
    pub(crate) name: &'static str,
    /// What it is, in a few words.
    pub(crate) what: &'static str,
    /// Its colour in charts.
    pub(crate) colour: (u8, u8, u8),
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// This tree's chunkwire.
    Chunkwire,
    /// Another binary of chunkwire, with its path.
    OtherChunkwire(&'static str),
    /// A step of the Go program.
    Go(&'static str),
    /// A program of the package of Rust contenders with the contender's name.
    Rust,
    /// Such a program that makes its users at its start and keeps them.
    Kept,
    Node,
    Nginx,
}

/// All of them, in the order of tables and charts.
pub(crate) const ALL: [Contender; 14] = [
    Contender {
        name: "chunkwire",
        what: "one 16 KiB chunk per connection",
        colour: (214, 39, 40),
        kind: Kind::Chunkwire,
    },
    Contender {
        name: "fiber-array",
        what: "Go, Fiber: an array by value (the write-up's start)",
        colour: (8, 48, 107),
        kind: Kind::Go("array"),
    },
    Contender { name: "fiber-slice", what: "Go, Fiber: a slice", colour: (33, 113, 181), kind: Kind::Go("slice") },
    Contender {
        name: "fiber-semaphore",
        what: "Go, Fiber: a slice and a semaphore (the write-up's end)",
        colour: (107, 174, 214),
        kind: Kind::Go("semaphore"),
    },
    Contender {
        name: "go-encoder",
        what: "Go, net/http: a json.Encoder that streams",
        colour: (23, 190, 207),
        kind: Kind::Go("stream"),
    },
    Contender {
        name: "axum-chunkwire",
        what: "axum: a body of chunkwire, by way of serde",
        colour: (255, 127, 14),
        kind: Kind::Rust,
    },
    Contender { name: "axum-json", what: "axum: `Json<Vec<User>>`", colour: (140, 86, 75), kind: Kind::Rust },
    Contender {
        name: "axum-streams",
        what: "axum-streams: an array with 16 KiB buffered",
        colour: (230, 160, 46),
        kind: Kind::Rust,
    },
    Contender {
        name: "axum-chunkwire-kept",
        what: "axum-chunkwire over users made at its start",
        colour: (227, 119, 194),
        kind: Kind::Kept,
    },
    Contender {
        name: "axum-streams-kept",
        what: "axum-streams over users made at its start",
        colour: (188, 189, 34),
        kind: Kind::Kept,
    },
    Contender { name: "actix-json", what: "actix-web: `.json(Vec<User>)`", colour: (148, 103, 189), kind: Kind::Rust },
    Contender {
        name: "fastify",
        what: "Node, Fastify: an array and a response schema",
        colour: (44, 160, 44),
        kind: Kind::Node,
    },
    Contender {
        name: "hyper-static",
        what: "the limit: hyper sends bytes made beforehand",
        colour: (70, 70, 70),
        kind: Kind::Rust,
    },
    Contender {
        name: "nginx-file",
        what: "the limit: nginx sends a file with sendfile",
        colour: (165, 165, 165),
        kind: Kind::Nginx,
    },
];

/// Returns the names of all contenders.
pub(crate) fn names() -> [&'static str; ALL.len()] {
    ALL.each_ref().map(|contender| contender.name)
}

/// Returns the contenders that were chosen, or all if none was.
pub(crate) fn chosen(names: &[String]) -> Vec<&'static Contender> {
    ALL.iter().filter(|contender| names.is_empty() || names.iter().any(|name| name == contender.name)).collect()
}

/// Returns other binaries of chunkwire. The command line names them, and they live as long as the program.
pub(crate) fn other_binaries(given: &[OtherBinary]) -> Vec<&'static Contender> {
    let contender = |(index, OtherBinary { name, path }): (usize, &OtherBinary)| {
        // A later one is nearer to chunkwire's own colour.
        let pale = (200 * (given.len() - index) / (given.len() + 1)) as u8;
        &*Box::leak(Box::new(Contender {
            name: name.clone().leak(),
            what: "another binary of chunkwire",
            colour: (214, 39 + pale, 40 + pale),
            kind: Kind::OtherChunkwire(path.clone().leak()),
        }))
    };
    given.iter().enumerate().map(contender).collect()
}

/// Returns each contender once, in order of appearance.
pub(crate) fn distinct(contenders: impl Iterator<Item = &'static Contender>) -> Vec<&'static Contender> {
    let mut seen = Vec::new();
    for contender in contenders {
        if seen.iter().all(|other: &&Contender| other.name != contender.name) {
            seen.push(contender);
        }
    }
    seen
}

impl Contender {
    /// Checks that it can be started.
    ///
    /// # Errors
    ///
    /// Returns an error that names what is not installed or not built.
    pub(crate) fn is_ready(&self, paths: &Paths) -> Result<()> {
        let (built, builder) = match self.kind {
            Kind::Chunkwire => return chunkwire_binary::path().map(|_| ()),
            Kind::OtherChunkwire(binary) if Path::new(binary).is_file() => return Ok(()),
            Kind::OtherChunkwire(binary) => return Err(format!("there is no file {binary}").into()),
            Kind::Nginx => return programs::find("nginx").map(|_| ()),
            Kind::Go(_) => (paths.go_binary(), "go"),
            Kind::Rust | Kind::Kept => (paths.rust_binary(self.name), "cargo"),
            Kind::Node => {
                programs::find("node")?;
                (paths.node_modules(), "npm")
            }
        };
        if built.exists() {
            return Ok(());
        }
        programs::find(builder)?;
        Err("it is not built; run cargo bench --bench load -- --build".into())
    }

    /// Returns whether the length of its response can be chosen.
    pub(crate) fn any_length(&self) -> bool {
        !matches!(self.kind, Kind::Go("array") | Kind::Kept)
    }

    /// Returns the command that makes it listen on a port, ready to send a number of users.
    ///
    /// # Errors
    ///
    /// Returns an error if what it needs to start can't be found or written.
    pub(crate) fn command(&self, paths: &Paths, port: u16, users: u64) -> Result<Command> {
        let mut command = match self.kind {
            Kind::Chunkwire => chunkwire_binary::command(&chunkwire_binary::path()?, port),
            Kind::OtherChunkwire(binary) => chunkwire_binary::command(binary.as_ref(), port),
            Kind::Go(step) => {
                let mut command = Command::new(paths.go_binary());
                command.args(["-step", step]);
                command
            }
            Kind::Rust | Kind::Kept => Command::new(paths.rust_binary(self.name)),
            Kind::Node => {
                let mut command = Command::new(programs::find("node")?);
                command.arg(paths.peers("node").join("fastify.js")).env("NODE_ENV", "production");
                command
            }
            Kind::Nginx => nginx::command(paths, port, users, None, false)?,
        };
        command.env("PORT", port.to_string()).env("USERS", users.to_string());
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::check::Reference;
    use super::super::process::Server;
    use super::super::sample::Sampler;
    use super::*;

    #[test]
    fn names_are_chosen_in_the_order_of_the_table() {
        let names = |contenders: &[String]| chosen(contenders).iter().map(|c| c.name).collect::<Vec<_>>();
        assert_eq!(names(&["nginx-file".into(), "chunkwire".into()]), ["chunkwire", "nginx-file"]);
        assert_eq!(names(&[]), super::names());
    }

    #[test]
    fn another_binary_is_a_contender_of_its_own() {
        let binary = |name: &str, path: &str| OtherBinary { name: name.to_owned(), path: path.to_owned() };
        let there = chunkwire_binary::path().unwrap().display().to_string();
        let given = [binary("old", &there), binary("gone", "target/no-such-file")];
        let [old, gone] = other_binaries(&given)[..] else { panic!("two were given") };
        let paths = Paths::new().unwrap();
        old.is_ready(&paths).unwrap();
        assert!(gone.is_ready(&paths).unwrap_err().to_string().contains("target/no-such-file"));
        let server = Server::start(old.name, paths.work(), |port| old.command(&paths, port, 1000)).unwrap();
        Reference::new(1000).check(old.name, server.address()).unwrap();
        let names = distinct([old, &ALL[0], old].into_iter()).iter().map(|c| c.name).collect::<Vec<_>>();
        assert_eq!(names, ["old", "chunkwire"]);
    }

    #[test]
    fn what_is_installed_serves_the_right_bytes() {
        let paths = Paths::new().unwrap();
        let reference = Reference::new(1000);
        for contender in &ALL {
            if let Err(reason) = contender.is_ready(&paths) {
                eprintln!("{} is skipped: {reason}", contender.name);
                continue;
            }
            let server = Server::start(contender.name, paths.work(), |port| contender.command(&paths, port, 1000));
            let server = server.unwrap();
            let sampler = Sampler::start(server.pid(), Duration::from_millis(5), u64::MAX);
            reference.check(contender.name, server.address()).unwrap();
            assert!(sampler.stop().unwrap().highest_rss() > 100_000, "{}", contender.name);
        }
    }
}
