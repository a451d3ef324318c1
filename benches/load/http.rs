//! A client for one request at a time, for what the load generator does not do, such as checking the bytes.
//!
//! It holds one buffer and hands out the body piece by piece, so that a response may be of any length.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Result;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(120);

/// The size of the buffer that is read into, in bytes.
const BUFFER: usize = 64 * 1024;

/// The path and query that all contenders serve.
pub(crate) fn target(users: u64) -> String {
    format!("/api/v1/users?limit={users}")
}

/// Returns the request for a target. The connection may stay open after it.
pub(crate) fn request(address: SocketAddr, target: &str) -> String {
    request_with(address, target, "")
}

/// The same with more fields, each with the end of its line.
pub(crate) fn request_with(address: SocketAddr, target: &str, fields: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n{fields}\r\n")
}

/// Requests a target, passes each piece of the body to `piece`, and returns how many bytes they were.
///
/// # Errors
///
/// Returns an error if the response is not a complete JSON document with status 200.
pub(crate) fn get(address: SocketAddr, target: &str, mut piece: impl FnMut(&[u8])) -> Result<u64> {
    get_with(address, target, "", &mut piece)
}

/// The same with more fields, each with the end of its line.
///
/// # Errors
///
/// As [`get`].
pub(crate) fn get_with(address: SocketAddr, target: &str, fields: &str, mut piece: impl FnMut(&[u8])) -> Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request_with(address, target, fields).as_bytes())?;
    body(&mut BufReader::with_capacity(BUFFER, stream), &mut piece)
}

fn body(stream: &mut impl BufRead, piece: &mut impl FnMut(&[u8])) -> Result<u64> {
    let status = read_line(stream)?;
    if status.split(' ').nth(1) != Some("200") {
        return Err(format!("the response was {status:?}").into());
    }
    let (mut length, mut chunked, mut json) = (None, false, false);
    loop {
        let field = read_line(stream)?;
        let Some((name, value)) = field.split_once(':') else { break };
        let value = value.trim().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse()?),
            "transfer-encoding" => chunked = value == "chunked",
            "content-type" => json = value.split(';').next() == Some("application/json"),
            _ => {}
        }
    }
    if !json {
        return Err("the response is not application/json".into());
    }
    match (chunked, length) {
        (true, _) => chunks(stream, piece),
        (false, Some(length)) => pass(stream, length, piece).map(|()| length),
        (false, None) => Err("the response has neither a length nor chunks".into()),
    }
}

fn chunks(stream: &mut impl BufRead, piece: &mut impl FnMut(&[u8])) -> Result<u64> {
    let mut total = 0;
    loop {
        let size = read_line(stream)?;
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default(), 16)?;
        pass(stream, size, piece)?;
        read_line(stream)?;
        total += size;
        if size == 0 {
            return Ok(total);
        }
    }
}

/// Passes on exactly `length` bytes.
fn pass(stream: &mut impl BufRead, length: u64, piece: &mut impl FnMut(&[u8])) -> Result<()> {
    let mut left = stream.take(length);
    loop {
        let bytes = left.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        piece(bytes);
        let read = bytes.len();
        left.consume(read);
    }
    if left.limit() > 0 { Err(cut().into()) } else { Ok(()) }
}

fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    stream.take(BUFFER as u64).read_line(&mut line)?;
    if line.ends_with('\n') { Ok(line.trim_end().to_owned()) } else { Err(cut().into()) }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the response was cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(response: &str) -> Result<String, String> {
        let mut text = Vec::new();
        body(&mut response.as_bytes(), &mut |piece: &[u8]| text.extend_from_slice(piece)).map_err(|e| e.to_string())?;
        Ok(String::from_utf8(text).unwrap())
    }

    #[test]
    fn bodies_with_a_length_and_in_chunks() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n";
        for rest in [
            "Content-Length: 6\r\n\r\n[1, 2]more",
            "transfer-encoding: chunked\r\n\r\n2\r\n[1\r\n4;x=y\r\n, 2]\r\n0\r\n\r\n",
        ] {
            assert_eq!(read(&format!("{head}{rest}")), Ok("[1, 2]".to_owned()), "{rest}");
        }
    }

    #[test]
    fn what_is_not_a_whole_response_is_an_error() {
        let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
        for (response, named) in [
            ("", "cut off"),
            ("HTTP/1.1 404 Not Found\r\n\r\n", "404"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "not application/json"),
            (&format!("{json}\r\n[]"), "neither"),
            (&format!("{json}Content-Length: 6\r\n\r\n[1, "), "cut off"),
            (&format!("{json}Transfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n"), "cut off"),
        ] {
            let error = read(response).unwrap_err();
            assert!(error.contains(named), "{response:?}: {error}");
        }
    }
}
