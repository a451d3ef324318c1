//! What the program says about itself when it listens.

use chunkwire::CHUNK_SIZE;
use chunkwire_engine::Address;
use std::fmt::Write as _;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One line with the addresses, for programs that read it.
pub(crate) fn line(addresses: &[Address], scheme: &str) -> String {
    let mut line = "listening on".to_owned();
    for address in addresses {
        let _ = write!(line, " {}", shown(address, scheme));
    }
    line + "\n"
}

/// A box, for people at a terminal. The page is at the first address, or at one of its own.
pub(crate) fn drawn(addresses: &[Address], admin: Option<&Address>, scheme: &str, workers: usize) -> String {
    let mut rows = vec![format!("{:^48}", format!("chunkwire {VERSION}"))];
    rows.extend(addresses.iter().map(|address| format!("{:^48}", shown(address, scheme))));
    rows.push(String::new());
    rows.push(format!("Workers {workers:.>15}   PID {:.>18}", std::process::id()));
    rows.push(format!("Chunk {:.>17}", format!("{CHUNK_SIZE} B")));

    let edge = "─".repeat(50);
    let mut text = format!(" ┌{edge}┐\n");
    for row in rows {
        let _ = writeln!(text, " │ {row:48} │");
    }
    let _ = writeln!(text, " └{edge}┘");
    let page = admin.map(|admin| (admin, "http")).or_else(|| addresses.first().map(|first| (first, scheme)));
    if let Some((Address::Tcp(page), scheme)) = page {
        let _ = writeln!(text, " What it does: {scheme}://localhost:{}/", page.port());
    }
    let _ = match addresses.first() {
        Some(Address::Tcp(first)) => {
            writeln!(text, " curl -N '{scheme}://localhost:{}/api/v1/users?limit=3'", first.port())
        }
        Some(Address::Unix(Some(path))) => {
            let path = path.display();
            writeln!(text, " curl -N --unix-socket {path} 'http://localhost/api/v1/users?limit=3'")
        }
        _ => Ok(()),
    };
    text
}

/// An address as one would open it, by the scheme of those of TCP.
pub(crate) fn shown(address: &Address, scheme: &str) -> String {
    match address {
        Address::Tcp(address) => format!("{scheme}://{address}"),
        address => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(address: &str) -> Address {
        Address::Tcp(address.parse().unwrap())
    }

    #[test]
    fn the_line_has_every_address() {
        let addresses = [tcp("127.0.0.1:80"), tcp("[::1]:80"), Address::Unix(Some("/run/a.sock".into()))];
        assert_eq!(line(&addresses, "http"), "listening on http://127.0.0.1:80 http://[::1]:80 unix:/run/a.sock\n");
        assert_eq!(line(&addresses[1..], "https"), "listening on https://[::1]:80 unix:/run/a.sock\n");
    }

    #[test]
    fn the_box_says_what_runs_and_where() {
        let text = drawn(&[tcp("127.0.0.1:3000"), tcp("[::1]:4000")], None, "http", 3);
        let named = [VERSION, "http://127.0.0.1:3000", "http://[::1]:4000", "..3 ", "16384 B", "localhost:3000/"];
        for what in named.map(str::to_owned).into_iter().chain([std::process::id().to_string()]) {
            assert!(text.contains(&what), "{what}: {text}");
        }
        let widths: Vec<_> =
            text.lines().filter(|line| line.contains(['│', '─'])).map(|line| line.chars().count()).collect();
        assert!(text.contains(" What it does: http://localhost:3000/\n"), "{text}");
        let apart = drawn(&[tcp("127.0.0.1:3000")], Some(&tcp("127.0.0.1:9000")), "https", 3);
        assert!(apart.contains(" What it does: http://localhost:9000/\n"), "{apart}");
        assert!(widths.len() == 8 && widths.iter().all(|width| *width == 53), "{text}");
    }
}
