//! The kernel's table of TCP sockets over IPv4 (proc_pid_net(5), `/proc/net/tcp`).

/// A socket of the table.
#[derive(Debug)]
pub struct TcpSocket {
    pub local_port: u16,
    pub remote_port: u16,
    /// How many bytes wait in it to be sent or acknowledged.
    pub unsent: usize,
    /// Of the states below, or another.
    pub state: u8,
    /// How many bytes have come and were not read.
    pub unread: usize,
}

pub const TIME_WAIT: u8 = 6;
pub const CLOSE_WAIT: u8 = 8;
pub const LISTEN: u8 = 10;

/// Returns the sockets as they are now.
pub fn tcp_table() -> Vec<TcpSocket> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = |address: &str| u16::from_str_radix(address.rsplit(':').next().unwrap(), 16).unwrap();
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.map(|row| TcpSocket {
        local_port: port(row[1]),
        remote_port: port(row[2]),
        unsent: usize::from_str_radix(row[4].split(':').next().unwrap(), 16).unwrap(),
        state: u8::from_str_radix(row[3], 16).unwrap(),
        unread: usize::from_str_radix(row[4].split_once(':').unwrap().1, 16).unwrap(),
    })
    .collect()
}

/// Returns whether all was read that a client has sent, by its port and that of its server, both of this machine.
pub fn is_read(client: u16, server: u16) -> bool {
    tcp_table().iter().any(|socket| (socket.local_port, socket.remote_port, socket.unread) == (server, client, 0))
}
