//! The kernel's send queue of a connection: what its client has not acknowledged (Linux: sock_diag(7)).

use tokio::net::TcpStream;

/// The bytes that were written to a socket and that its client has not acknowledged, where that can be known.
pub(super) fn unacknowledged(socket: &TcpStream) -> Option<u32> {
    #[cfg(target_os = "linux")]
    {
        diagnosis::send_queue(socket).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = socket;
        None
    }
}

#[cfg(target_os = "linux")]
mod diagnosis {
    use std::io::{self, Read};

    use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
    use netlink_packet_sock_diag::SockDiagMessage;
    use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
    use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
    use socket2::{Domain, Protocol, Socket, Type};
    use tokio::net::TcpStream;

    /// `AF_NETLINK` and `NETLINK_SOCK_DIAG` (netlink(7)).
    const NETLINK: i32 = 16;
    const SOCK_DIAG: i32 = 4;

    /// Asks for a socket by its addresses whatever its cookie is (`INET_DIAG_NOCOOKIE`).
    const ANY_COOKIE: [u8; 8] = [0xff; 8];

    /// Room for the answer, which is about 100 bytes.
    const ANSWER: usize = 1024;

    /// The size of the send queue of a connection. The kernel answers while it is asked, so that this does not wait.
    pub(super) fn send_queue(socket: &TcpStream) -> io::Result<u32> {
        let (local, peer) = (socket.local_addr()?, socket.peer_addr()?);
        let request = InetRequest {
            family: if local.is_ipv4() { AF_INET } else { AF_INET6 },
            protocol: IPPROTO_TCP,
            extensions: ExtensionFlags::empty(),
            states: StateFlags::all(),
            socket_id: SocketId {
                source_port: local.port(),
                destination_port: peer.port(),
                source_address: local.ip(),
                destination_address: peer.ip(),
                interface_id: 0,
                cookie: ANY_COOKIE,
            },
        };
        match exchange(SockDiagMessage::InetRequest(request))? {
            SockDiagMessage::InetResponse(response) => Ok(response.header.send_queue),
            other => Err(io::Error::other(format!("the kernel answers {other:?}"))),
        }
    }

    fn exchange(question: SockDiagMessage) -> io::Result<SockDiagMessage> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST;
        let mut message = NetlinkMessage::new(header, question.into());
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);

        let kind = Type::DGRAM.nonblocking().cloexec();
        let mut netlink = Socket::new(Domain::from(NETLINK), kind, Some(Protocol::from(SOCK_DIAG)))?;
        netlink.send(&bytes)?;
        let mut answer = [0; ANSWER];
        let size = netlink.read(&mut answer)?;
        match NetlinkMessage::deserialize(&answer[..size]).map_err(io::Error::other)?.payload {
            NetlinkPayload::InnerMessage(answer) => Ok(answer),
            NetlinkPayload::Error(error) => Err(error.to_io()),
            other => Err(io::Error::other(format!("the kernel answers {other:?}"))),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::time::{Duration, sleep, timeout};

    use super::*;

    #[tokio::test]
    async fn what_the_client_has_not_taken_is_unacknowledged() {
        for address in ["127.0.0.1:0", "[::1]:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(address).await else { continue };
            let port = listener.local_addr().unwrap().port();
            let to = if address == "[::1]:0" { "::1" } else { "127.0.0.1" };
            let mut client = TcpStream::connect((to, port)).await.unwrap();
            let (server, _) = listener.accept().await.unwrap();
            assert_eq!(diagnosis::send_queue(&server).unwrap(), 0, "{address}");

            while server.try_write(&[b'x'; 65_536]).is_ok() {}
            let before = unacknowledged(&server).unwrap();
            assert!(before > 0, "{address}");
            client.read_exact(&mut vec![0; before as usize]).await.unwrap();
            let acknowledged = async {
                while unacknowledged(&server).unwrap() >= before {
                    sleep(Duration::from_millis(10)).await;
                }
            };
            timeout(Duration::from_secs(60), acknowledged).await.expect(address);
        }
    }
}
