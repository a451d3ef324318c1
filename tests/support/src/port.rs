//! Ports of programs that can't be told to choose one themselves.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;

use crate::time::soon;

/// How long after a try to connect the next one begins: nobody says when a program listens.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A port of `127.0.0.1` that is kept for programs that are told its number, as often as they are started.
///
/// It is bound, and does not listen. So Linux gives it neither to a listener on any port nor to a client that connects
/// from one, and lets a server that names it listen there, by `SO_REUSEADDR`, as servers do (socket(7)).
#[derive(Debug)]
pub struct Port {
    address: SocketAddr,
    _kept: TcpSocket,
}

impl Port {
    pub fn keep() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { address: socket.local_addr().unwrap(), _kept: socket }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn number(&self) -> u16 {
        self.address.port()
    }

    /// Awaits a program that listens there.
    pub async fn listens(&self) {
        soon(async {
            while TcpStream::connect(self.address).await.is_err() {
                sleep(LOOK_AGAIN).await;
            }
        })
        .await;
    }
}

/// Its address.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_port_that_is_kept_is_there_for_those_who_name_it() {
        let port = Port::keep();
        let refused = TcpStream::connect(port.address()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let _listener = TcpListener::bind(port.address()).unwrap();
        port.listens().await;
        assert_eq!(TcpListener::bind(port.address()).unwrap_err().kind(), ErrorKind::AddrInUse);
    }
}
