//! The second process: clients of the demonstration.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use chunkwire_engine::raise_open_files;
use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;

use crate::program::demo_options::Readers;

/// What fast readers ask for, and slow ones: so many users.
pub(super) const FAST_USERS: u64 = 1000;
pub(super) const SLOW_USERS: u64 = 100_000;

/// What a slow reader takes each second: as much as keeps the server from giving it up.
const SIP: usize = 1024;

/// The kernel's memory for what a slow reader has not taken yet, so that little of the response is there. Linux doubles
/// it (socket(7)).
const ROOM: u32 = 4096;

/// How long a reader that was refused waits.
const PAUSE: Duration = Duration::from_millis(100);

/// Reads until the time is over, or the first process is gone.
pub(crate) fn run(options: &Readers) -> Result<(), Box<dyn Error>> {
    // That process has the other end of stdin.
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    raise_open_files()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        for _ in 0..options.load.fast() {
            tokio::spawn(again_and_again(move || fast(address)));
        }
        for _ in 0..options.load.slow() {
            tokio::spawn(again_and_again(move || slow(address)));
        }
        sleep(Duration::from_secs(options.load.seconds.into())).await;
    });
    Ok(())
}

async fn again_and_again<F: Future<Output = Result<(), Box<dyn Error + Send + Sync>>>>(read: impl Fn() -> F) {
    loop {
        if read().await.is_err() {
            sleep(PAUSE).await;
        }
    }
}

/// Asks over one connection, and throws away what comes.
async fn fast(address: SocketAddr) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (mut requests, connection) = handshake(TokioIo::new(TcpStream::connect(address).await?)).await?;
    tokio::spawn(connection);
    loop {
        let target = format!("/api/v1/users?limit={FAST_USERS}");
        let request = Request::get(target).header(header::HOST, address.to_string()).body(Empty::<Bytes>::new())?;
        requests.ready().await?;
        let mut response = requests.send_request(request).await?;
        while let Some(frame) = response.frame().await {
            frame?;
        }
    }
}

/// Asks for much, and takes little.
async fn slow(address: SocketAddr) -> Result<(), Box<dyn Error + Send + Sync>> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(ROOM)?;
    let mut stream = socket.connect(address).await?;
    let request = format!("GET /api/v1/users?limit={SLOW_USERS} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut sip = [0; SIP];
    while stream.read(&mut sip).await? > 0 {
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}
