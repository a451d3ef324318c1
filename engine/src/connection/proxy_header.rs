//! The header of the PROXY protocol, by which a proxy says whom it speaks for, before TLS and HTTP (haproxy's
//! proxy-protocol.txt, section 2.2).

use std::error::Error as StdError;
use std::future::pending;
use std::io;
use std::net::SocketAddr;

use proxy_header::{Error, ParseConfig, Protocol, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::context::{Context, LATE};
use crate::observe::ConnectionEnd;
use crate::peer::Peer;
use crate::phase::Phase;

/// What every header begins with: its signature, command and family, and the length of the rest.
const BEGINNING: usize = 16;

/// The longest header: a Unix socket's addresses take 216 bytes, and what proxies add of TLS, some hundreds.
const LONGEST: usize = 4096;

/// Version 2 alone: that of version 1 does not tell its length, so that it would have to be read byte by byte.
const READ: ParseConfig = ParseConfig { include_tlvs: false, allow_v1: false, allow_v2: true };

/// Reads the header, and nothing after it. Returns the client that it names, if it names one, or how the connection has
/// ended.
pub(super) async fn read<O>(
    socket: &mut (impl AsyncRead + Unpin),
    proxy: &Peer,
    context: &Context<O>,
    phase: watch::Receiver<Phase>,
) -> Result<Option<SocketAddr>, ConnectionEnd> {
    let (error, end) = tokio::select! {
        biased;
        header = timeout(context.proxy_header, header(socket)) => match header {
            Ok(Ok(Some(client))) => return Ok(client),
            // It wanted to know whether somebody listens.
            Ok(Ok(None)) => return Err(ConnectionEnd::Closed),
            Ok(Err(error)) => (error, ConnectionEnd::ProxyHeaderFailed),
            Err(late) => (late.into(), ConnectionEnd::HandshakeTimeout),
        },
        () = given_up(phase) => return Err(ConnectionEnd::ShutDown),
    };
    debug!(%proxy, %error, ?end, "a proxy did not say whom it speaks for");
    Err(end)
}

/// Ready when the engine waits for a header no longer.
async fn given_up(mut phase: watch::Receiver<Phase>) {
    if phase.wait_for(Phase::is_end).await.is_err() {
        // The engine has gone, and so will this.
        pending().await
    }
    sleep(LATE).await;
}

/// Reads the header, and returns the client, or nothing if the connection ended before it began.
async fn header(socket: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Option<SocketAddr>>> {
    let mut header = Vec::new();
    let mut length = BEGINNING;
    while header.len() < length {
        let missing = length - header.len();
        if (&mut *socket).take(missing as u64).read_buf(&mut header).await? == 0 {
            return if header.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        // What can't become a header is not waited for.
        match ProxyHeader::parse(&header, READ) {
            Ok((header, _)) => {
                let client = header.proxied_address().filter(|address| address.protocol == Protocol::Stream);
                return Ok(Some(client.map(|address| address.source)));
            }
            Err(Error::BufferTooShort) => {}
            Err(error) => return Err(invalid(error)),
        }
        if let [.., high, low] = header[..]
            && header.len() == BEGINNING
        {
            length += usize::from(u16::from_be_bytes([high, low]));
        }
        if length > LONGEST {
            return Err(invalid(format!("a header of {length} bytes; allowed are {LONGEST}")));
        }
    }
    Err(invalid("a header without room for its addresses"))
}

fn invalid(error: impl Into<Box<dyn StdError + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
