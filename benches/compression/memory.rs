//! What a client costs that requests a long response and does not read it.

use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use super::paths::Paths;
use super::process::Server;
use super::sample::{settle, wait_until_idle};
use super::sockets::Sockets;
use super::usage::Usage;
use super::{Result, chunkwire_binary, http, numbers};

/// 100 MB, which no coding makes so short that it fits into the buffers of a socket.
pub(crate) const USERS: u64 = 930_000;

/// How many of the clients ask for what takes megabytes each.
const FEW: u32 = 10;

/// The server, the coding, and by how much fewer the clients are.
const ROWS: [(&str, &str, u32); 6] = [
    ("chunkwire", "identity", 1),
    ("chunkwire", "gzip", 1),
    ("CompressionLayer", "identity", 1),
    ("CompressionLayer", "gzip", 1),
    ("CompressionLayer", "br", FEW),
    ("CompressionLayer", "zstd", FEW),
];

/// Measures each with as many clients, and returns a table.
pub(crate) fn measure(clients: u32, paths: &Paths) -> Result<String> {
    let mut out = format!(
        "\n## Memory\n\n{} clients, or a tenth of them for br and zstd, that request 100 MB and read nothing: what the \
         process holds more for each than idle, and the kernel on the server's side (ss). CompressionLayer is \
         tower-http's at its settings, around the same body under the same engine.\n\n\
         | | coding | process kB | kernel kB |\n|---|---|--:|--:|\n",
        numbers::grouped(f64::from(clients))
    );
    for (name, coding, fewer) in ROWS {
        settle();
        let mut server = Server::start(name, paths.work(), |port| command(name, port))?;
        // What a thread makes once is not a client's.
        drop(stalled(server.address(), coding)?);
        wait_until_idle(server.pid(), Duration::from_secs(1), Duration::from_secs(20));
        let idle = Usage::of(server.pid()).rss;
        let clients = clients.div_ceil(fewer);
        let _stalled = (0..clients).map(|_| stalled(server.address(), coding)).collect::<Result<Vec<_>>>()?;
        wait_until_idle(server.pid(), Duration::from_secs(1), Duration::from_secs(60));
        let process = Usage::of(server.pid()).rss.saturating_sub(idle);
        let kernel = Sockets::of(server.address())?.memory;
        server.still_runs()?;
        let each = |bytes: u64| bytes as f64 / f64::from(clients) / 1000.0;
        eprintln!("{name}, {coding}: {:.1} kB and {:.1} kB", each(process), each(kernel));
        let _ = writeln!(out, "| {name} | {coding} | {:.1} | {:.1} |", each(process), each(kernel));
    }
    Ok(out)
}

fn command(name: &str, port: u16) -> Result<Command> {
    if name == "chunkwire" {
        return Ok(chunkwire_binary::command(&chunkwire_binary::path()?, port));
    }
    let mut command = Command::new(env::current_exe()?);
    command.arg(format!("--layer={port}"));
    Ok(command)
}

fn stalled(server: SocketAddr, coding: &str) -> Result<TcpStream> {
    let mut client = TcpStream::connect(server)?;
    let request = http::request_with(server, &http::target(USERS), &format!("Accept-Encoding: {coding}\r\n"));
    client.write_all(request.as_bytes())?;
    client.peek(&mut [0])?;
    Ok(client)
}
