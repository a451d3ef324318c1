//! A client that sends raw bytes and sees the transfer coding of what it gets.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

use crate::remote::{Remote, Stream};
use crate::time::soon;

/// A response, as far as it came.
#[derive(Debug, Default)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The line before each chunk, the last and empty one included.
    pub chunk_lines: Vec<String>,
    pub body: Vec<u8>,
    /// Whether it came to the end that its head promised.
    pub complete: bool,
}

impl Response {
    /// Reads the response to a `GET`, or what there is of it if the connection ends too early.
    pub async fn read(from: &mut (impl AsyncBufRead + Unpin)) -> Self {
        let mut response = Self::read_head(from).await;
        // A cut connection is not an error of the test; `complete` shows it.
        response.complete = response.read_body(from).await.is_ok();
        response
    }

    /// Reads the head of a response, which is all of it after a `HEAD`.
    pub async fn read_head(from: &mut (impl AsyncBufRead + Unpin)) -> Self {
        let status_line = line(from).await.expect("a status line");
        let mut words = status_line.split(' ');
        assert!(matches!(words.next(), Some("HTTP/1.0" | "HTTP/1.1")), "{status_line}");
        let status = words.next().unwrap().parse().unwrap();
        let mut response = Self { status, ..Self::default() };
        loop {
            let header = line(from).await.expect("a complete head");
            if header.is_empty() {
                return response;
            }
            let (name, value) = header.split_once(": ").unwrap();
            response.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    async fn read_body(&mut self, from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<()> {
        if self.status == 204 {
            return Ok(());
        }
        if self.header("transfer-encoding").is_none() {
            let length = self.header("content-length").expect("a length or chunks").parse().unwrap();
            return self.read_data(from, length).await;
        }
        loop {
            let size_line = line(from).await?;
            let size = usize::from_str_radix(&size_line, 16).map_err(io::Error::other)?;
            self.chunk_lines.push(size_line);
            self.read_data(from, size).await?;
            let end = line(from).await?;
            assert_eq!(end, "", "a chunk of {size} bytes does not end where it should");
            if size == 0 {
                return Ok(());
            }
        }
    }

    async fn read_data(&mut self, from: &mut (impl AsyncBufRead + Unpin), size: usize) -> io::Result<()> {
        let read = from.take(size as u64).read_to_end(&mut self.body).await?;
        if read == size { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| &*header.1)
    }

    pub fn json(&self) -> Value {
        assert!(self.complete, "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Returns a line without its CRLF; a line that was cut is an error.
async fn line(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line).await?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// A client that keeps its connection.
#[derive(Debug)]
pub struct Client {
    pub stream: BufReader<Stream>,
}

impl Client {
    pub async fn connect(server: impl Into<Remote>) -> Self {
        Self::try_connect(server).await.unwrap()
    }

    /// Connects, if somebody listens.
    pub async fn try_connect(server: impl Into<Remote>) -> io::Result<Self> {
        let server = server.into();
        let stream = soon(TcpStream::connect(server.address)).await?;
        Self::try_over(stream, &server).await
    }

    /// Begins to speak over a connection, if the other side does.
    pub async fn try_over(stream: TcpStream, server: &Remote) -> io::Result<Self> {
        let stream = soon(Stream::over(stream, server)).await?;
        Ok(Self { stream: BufReader::with_capacity(4096, stream) })
    }

    /// What the kernel of a client [with little room](Self::with_little_room) is told to keep, in bytes.
    pub const LITTLE_ROOM: u32 = 4096;

    /// Connects a client whose kernel keeps little of what it has not read.
    pub async fn with_little_room(server: impl Into<Remote>) -> Self {
        let server = server.into();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(Self::LITTLE_ROOM).unwrap();
        let stream = soon(socket.connect(server.address)).await.unwrap();
        let stream = soon(Stream::over(stream, &server)).await.unwrap();
        Self { stream: BufReader::with_capacity(1000, stream) }
    }

    /// A client of a plain connection that is there.
    pub fn over(stream: TcpStream) -> Self {
        Self { stream: BufReader::new(Stream::Plain(stream)) }
    }

    /// Returns its socket.
    pub fn tcp(&self) -> &TcpStream {
        self.stream.get_ref().tcp()
    }

    pub async fn send(&mut self, bytes: &str) {
        soon(self.stream.write_all(bytes.as_bytes())).await.unwrap();
        // What TLS has encrypted may wait there.
        soon(self.stream.flush()).await.unwrap();
    }

    /// Sends a request of a method, a target, and headers that each end with CRLF.
    pub async fn ask(&mut self, method: &str, target: &str, headers: &str) {
        self.send(&format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")).await;
    }

    pub async fn response(&mut self) -> Response {
        soon(Response::read(&mut self.stream)).await
    }

    pub async fn get(&mut self, target: &str) -> Response {
        self.ask("GET", target, "").await;
        self.response().await
    }

    pub async fn head(&mut self, target: &str) -> Response {
        self.ask("HEAD", target, "").await;
        soon(Response::read_head(&mut self.stream)).await
    }

    /// Reads the data of one chunk of a response whose head was read.
    pub async fn chunk(&mut self) -> Vec<u8> {
        self.try_chunk().await.unwrap()
    }

    /// Reads the data of one chunk, if the connection does not end before.
    pub async fn try_chunk(&mut self) -> io::Result<Vec<u8>> {
        let size_line = soon(line(&mut self.stream)).await?;
        let mut data = vec![0; usize::from_str_radix(&size_line, 16).map_err(io::Error::other)? + 2];
        soon(self.stream.read_exact(&mut data)).await?;
        assert_eq!(data.split_off(data.len() - 2), b"\r\n");
        Ok(data)
    }

    /// Waits until something has come, which it does not consume.
    pub async fn wait_for_data(&mut self) {
        assert!(!soon(self.stream.fill_buf()).await.unwrap().is_empty(), "the server closed");
    }

    /// Returns whether the server has closed the connection.
    pub async fn is_closed(&mut self) -> bool {
        soon(self.stream.fill_buf()).await.map_or(true, <[u8]>::is_empty)
    }
}
