//! Ports of programs that can't be told to choose one themselves.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::time::soon;

/// How long after a try to connect the next one begins: nobody says when a program listens.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Returns an address that nobody has, unless somebody takes it meanwhile.
pub fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Awaits a program that listens.
pub async fn listens(address: SocketAddr) {
    soon(async {
        while !TcpStream::connect(address).await.is_ok_and(|stream| is_of_another(&stream)) {
            sleep(LOOK_AGAIN).await;
        }
    })
    .await;
}

/// Whether not both ends are one: as long as nobody listens, the kernel may choose the port that is connected to for the
/// client, which then opens the connection from both sides at once (RFC 9293, section 3.5).
fn is_of_another(stream: &TcpStream) -> bool {
    stream.local_addr().unwrap() != stream.peer_addr().unwrap()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpSocket;

    use super::*;

    #[tokio::test]
    async fn a_client_that_is_connected_with_itself_has_reached_nobody() {
        let address = free();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(address).unwrap();
        let alone = socket.connect(address).await.unwrap();
        assert!(!is_of_another(&alone));
        drop(alone);

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listens(listener.local_addr().unwrap()).await;
    }
}
