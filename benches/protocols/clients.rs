//! Clients that request a long response and read nothing.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, version};

use super::servers::Certificate;
use super::{Result, http};

/// 10 MB.
const USERS: u64 = 93_000;

/// Streams of one connection of HTTP/2, the most that the server allows.
pub(crate) const STREAMS: u32 = 100;

/// Over a connection of HTTP/1.1.
pub(crate) fn plain(server: SocketAddr) -> Result<TcpStream> {
    let mut client = TcpStream::connect(server)?;
    client.write_all(http::request(server, &http::target(USERS)).as_bytes())?;
    client.peek(&mut [0])?;
    Ok(client)
}

/// Over TLS 1.3.
pub(crate) fn tls(server: SocketAddr, config: &Arc<ClientConfig>) -> Result<StreamOwned<ClientConnection, TcpStream>> {
    let connection = ClientConnection::new(Arc::clone(config), ServerName::try_from("localhost")?)?;
    let mut client = StreamOwned::new(connection, TcpStream::connect(server)?);
    client.write_all(http::request(server, &http::target(USERS)).as_bytes())?;
    client.sock.peek(&mut [0])?;
    Ok(client)
}

/// What clients of TLS that trust the certificate share.
pub(crate) fn tls_config(certificate: &Certificate) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_reader_iter(BufReader::new(File::open(&certificate.chain)?)) {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder_with_protocol_versions(&[&version::TLS13]);
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Opens streams whose windows are closed on one connection of HTTP/2, and waits for the head of each response.
pub(crate) fn http2(server: SocketAddr) -> Result<TcpStream> {
    const HEADERS: u8 = 1;
    let mut client = TcpStream::connect(server)?;
    // The preface, and a window of 0 as the setting 4 (RFC 9113, sections 3.4 and 6.5.2).
    let mut request = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0".to_vec();
    // GET, http, a path and localhost as literals (RFC 7541).
    let target = http::target(USERS);
    let mut fields = vec![0x82, 0x86, 0x04, u8::try_from(target.len())?];
    fields.extend(target.bytes());
    fields.extend(b"\x01\x09localhost");
    for stream in (0..STREAMS).map(|stream| 2 * stream + 1) {
        request.extend([0, 0, u8::try_from(fields.len())?, HEADERS, 5]);
        request.extend(stream.to_be_bytes());
        request.extend(&fields);
    }
    client.write_all(&request)?;
    let mut heads = 0;
    let mut read = BufReader::new(client.try_clone()?);
    while heads < STREAMS {
        let mut frame = [0; 9];
        read.read_exact(&mut frame)?;
        let length = u64::from(u32::from_be_bytes([0, frame[0], frame[1], frame[2]]));
        std::io::copy(&mut (&mut read).take(length), &mut std::io::sink())?;
        heads += u32::from(frame[3] == HEADERS);
    }
    Ok(client)
}
