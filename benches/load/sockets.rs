//! What the kernel holds for the sockets of one server, by `ss`: its own end of each connection, not the client's,
//! which is on the same machine.

use std::net::SocketAddr;
use std::process::Command;

use super::{Result, programs};

/// The server's end of its connections.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sockets {
    /// How many are open.
    pub(crate) count: u64,
    /// What the kernel holds for them, in bytes.
    pub(crate) memory: u64,
}

impl Sockets {
    /// Returns the connections to a server at this moment.
    ///
    /// # Errors
    ///
    /// Returns an error if `ss` is not installed or fails.
    pub(crate) fn of(server: SocketAddr) -> Result<Self> {
        let mut command = Command::new(programs::find("ss")?);
        command.args(["-tmnHO", "state", "established"]).arg(format!("sport = :{}", server.port()));
        let output = command.output()?;
        if !output.status.success() {
            return Err(format!("ss failed: {}", String::from_utf8_lossy(&output.stderr).trim()).into());
        }
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    fn parse(lines: &str) -> Self {
        lines.lines().fold(Self::default(), |sum, line| Self {
            count: sum.count + 1,
            memory: sum.memory + memory(line).unwrap_or(0),
        })
    }
}

/// The receive queue (`r`), the write queue (`w`), and what is set aside for both (`f`), in bytes (ss(8)).
fn memory(line: &str) -> Option<u64> {
    let fields = line.split_once("skmem:(")?.1.split_once(')')?.0.split(',');
    let bytes = fields
        .filter_map(|field| ["r", "w", "f"].iter().find_map(|name| field.strip_prefix(name)?.parse::<u64>().ok()));
    Some(bytes.sum::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_summed_up() {
        let lines = "0 32768 127.0.0.1:20001 127.0.0.1:4000 skmem:(r1,rb131072,t0,tb2626560,f3072,w33792,o0,bl0,d0)\n\
                     0 0 127.0.0.1:20001 127.0.0.1:4001 skmem:(r0,rb131072,t0,tb2626560,f0,w0,o0,bl0,d5)\n";
        assert_eq!(Sockets::parse(lines), Sockets { count: 2, memory: 1 + 3072 + 33_792 });
        assert_eq!(Sockets::parse(""), Sockets::default());
    }
}
