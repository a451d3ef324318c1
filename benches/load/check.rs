//! Whether a contender serves the right bytes.
//!
//! The reference is made from the fields of the users with the standard library's formatting not with chunkwire's
//! encoder, which is a contender like the others.

use std::fmt::Write;
use std::io;
use std::net::SocketAddr;

use chunkwire_server::users::{User, Users};
use sha2::{Digest, Sha256};

use super::{Result, http};

/// How many bytes are shown around the first wrong one.
const SHOWN: usize = 40;

/// How many bytes are written at a time.
const PIECE: usize = 64 * 1024;

/// The response that every contender must give, byte by byte.
#[derive(Debug)]
pub(crate) struct Reference {
    users: u64,
    bytes: Vec<u8>,
}

impl Reference {
    /// Returns the response with a number of users.
    pub(crate) fn new(users: u64) -> Self {
        let mut bytes = Vec::new();
        // A `Vec` accepts everything.
        let _ = write(users, &mut bytes);
        Self { users, bytes }
    }

    /// Returns the bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the SHA-256 of the bytes, in hexadecimal digits.
    pub(crate) fn hash(&self) -> String {
        hexadecimal(self.bytes())
    }

    /// Requests the response from a contender and compares it.
    ///
    /// # Errors
    ///
    /// Returns an error if the contender does not respond, or responds with other bytes; the message shows the first
    /// that differs.
    pub(crate) fn check(&self, name: &str, address: SocketAddr) -> Result<()> {
        let mut served = Vec::with_capacity(self.bytes.len());
        http::get(address, &http::target(self.users), |piece| served.extend_from_slice(piece))
            .map_err(|error| format!("{name} was asked for {} users: {error}", self.users))?;
        if hexadecimal(&served) == self.hash() {
            return Ok(());
        }
        Err(format!("{name} serves other bytes than chunkwire's users: {}", difference(self.bytes(), &served)).into())
    }
}

/// Writes the response with a number of users without holding it, and returns its length.
///
/// # Errors
///
/// Returns an error if `out` fails.
pub(crate) fn write(users: u64, mut out: impl io::Write) -> io::Result<u64> {
    let mut length = 0;
    let mut text = String::new();
    for user in Users::range(0, users) {
        render(&user, &mut text);
        if text.len() > PIECE {
            out.write_all(text.as_bytes())?;
            length += text.len() as u64;
            text.clear();
        }
    }
    if users == 0 {
        text.push('[');
    }
    text.push(']');
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(length + text.len() as u64)
}

/// Adds a user with the bracket or the comma before it.
fn render(user: &User, text: &mut String) {
    let User { id, name, email, age, score, active } = user;
    text.push(if *id == 1 { '[' } else { ',' });
    // A `String` accepts everything.
    let _ = write!(
        text,
        r#"{{"id":{id},"name":"{name}","email":"{email}","age":{age},"score":{score},"active":{active}}}"#
    );
}

fn difference(expected: &[u8], served: &[u8]) -> String {
    let at = expected.iter().zip(served).take_while(|(a, b)| a == b).count();
    let around = |bytes: &[u8]| {
        let from = at.saturating_sub(SHOWN / 2).min(bytes.len());
        let to = (at + SHOWN / 2).min(bytes.len());
        String::from_utf8_lossy(&bytes[from..to]).into_owned()
    };
    format!(
        "byte {at} is the first that differs, in {:?} instead of {:?}; {} bytes instead of {}",
        around(served),
        around(expected),
        served.len(),
        expected.len()
    )
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use chunkwire_test_support::port::Port;

    use super::*;

    /// Starts a contender that sends one response, once.
    fn serve(body: Vec<u8>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).unwrap();
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        });
        address
    }

    #[test]
    fn the_reference_is_the_one_that_was_published() {
        // Made by a program in another language from the table in `server/src/users.rs`.
        let reference = Reference::new(1000);
        assert_eq!(reference.hash(), "7c079d6feb15129a8743b0f308e75efd20bf58958e8f40694344c59ec62b5280");
        assert_eq!(write(1000, io::sink()).unwrap(), 108_183);
        assert_eq!(Reference::new(0).bytes(), b"[]");
    }

    #[test]
    fn the_right_bytes_pass() {
        let reference = Reference::new(10);
        reference.check("right", serve(reference.bytes().to_vec())).unwrap();
    }

    #[test]
    fn a_wrong_byte_is_named_with_its_number() {
        let reference = Reference::new(10);
        let mut wrong = reference.bytes().to_vec();
        let at = 9;
        assert_eq!(&wrong[..12], br#"[{"id":1,"na"#);
        wrong[at] = b'\'';
        let error = reference.check("wrong", serve(wrong)).unwrap_err().to_string();
        assert!(error.starts_with("wrong serves other bytes than chunkwire's users: byte 9 is"), "{error}");
        assert!(error.contains(r#"{\"id\":1,'name"#), "{error}");
    }

    #[test]
    fn a_response_that_ends_early_or_late_is_wrong() {
        let reference = Reference::new(10);
        let short = &reference.bytes()[..100];
        let long = [reference.bytes(), b"\n"].concat();
        for (served, length) in [(short.to_vec(), 100), (long, reference.bytes().len() + 1)] {
            let error = reference.check("wrong", serve(served)).unwrap_err().to_string();
            assert!(error.contains(&format!("{length} bytes instead of")), "{error}");
        }
    }

    #[test]
    fn a_contender_that_does_not_answer_is_named() {
        let port = Port::keep();
        let error = Reference::new(1).check("silent", port.address()).unwrap_err().to_string();
        assert!(error.starts_with("silent was asked for 1 users: "), "{error}");
    }
}
