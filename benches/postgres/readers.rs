//! Clients: that stop, that are slow, and that are neither.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::{Result, http};

/// How long a healthy reader waits for its response.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The rows of a response that is not read to its end: about 24 MB.
const LONG: u64 = 93_000;

/// Requests a long response, of which nothing is read.
pub(crate) fn stalled(server: SocketAddr) -> Result<TcpStream> {
    let mut client = TcpStream::connect(server)?;
    client.write_all(http::request(server, &http::target(LONG)).as_bytes())?;
    Ok(client)
}

/// Readers of 100 kB/s each.
#[derive(Debug)]
pub(crate) struct Slow {
    stop: Arc<AtomicBool>,
    bytes: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Slow {
    /// Begins to read with as many.
    pub(crate) fn start(server: SocketAddr, readers: usize) -> Result<Self> {
        let (stop, bytes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let threads = (0..readers).map(|_| {
            // What the kernel would take at once is no more than it needs.
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            socket.set_recv_buffer_size(16 * 1024)?;
            socket.connect(&server.into())?;
            let mut client = TcpStream::from(socket);
            client.set_read_timeout(Some(Duration::from_millis(500)))?;
            client.write_all(http::request(server, &http::target(LONG)).as_bytes())?;
            let (stop, bytes) = (Arc::clone(&stop), Arc::clone(&bytes));
            let read = move || {
                let begin = Instant::now();
                let mut buffer = [0; 10_000];
                for turn in 1.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let Ok(read) = at_most(&mut client, &mut buffer) else { return };
                    bytes.fetch_add(read as u64, Ordering::Relaxed);
                    sleep((begin + turn * Duration::from_millis(100)).saturating_duration_since(Instant::now()));
                }
            };
            Ok(thread::Builder::new().stack_size(64 * 1024).spawn(read)?)
        });
        let threads = threads.collect::<Result<_>>()?;
        Ok(Self { stop, bytes, threads })
    }

    /// Returns how many bytes all have read.
    pub(crate) fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            let _ = thread.join();
        }
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Reads a whole buffer, or what comes in time.
fn at_most(client: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match client.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Returns how long a response with so many rows takes over a connection of its own, or `None` if it does not come.
pub(crate) fn healthy(server: SocketAddr, rows: u64) -> Option<Duration> {
    let begin = Instant::now();
    let mut client = TcpStream::connect(server).ok()?;
    client.set_read_timeout(Some(PATIENCE)).ok()?;
    let request = http::request(server, &http::target(rows)).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).ok()?;
    let mut response = Vec::new();
    client.read_to_end(&mut response).ok()?;
    let is_whole = response.starts_with(b"HTTP/1.1 200") && response.windows(2).any(|two| two == b"}]");
    is_whole.then(|| begin.elapsed())
}
