//! Whether a server on this system is ready, asked as its load balancer does.

use std::io;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::config::Config;
use crate::listen::{Duplex, Listen};

/// How long it may take in all.
const PATIENCE: Duration = Duration::from_secs(3);

/// Of what a server says that is not ready.
const MOST_SAID: usize = 1024;

/// How a proxy begins a connection for itself by the PROXY protocol, version 2: the signature, the command `LOCAL`, and no
/// addresses (haproxy's proxy-protocol.txt, section 2.2).
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// Asks a server on this system that has these settings for `/readyz`, and waits for 3 s at most: at the first Unix
/// socket that it listens on, or else at the first address, by TLS if it speaks that, whatever its certificate says, and
/// after a header of the PROXY protocol if it expects one from here.
///
/// # Errors
///
/// Why it is not ready: it is not there, does not answer in time, or answers something else than 200.
/// [`InvalidInput`](io::ErrorKind::InvalidInput) if its port is 0, which is one that the system has chosen.
///
/// # Examples
///
/// ```
/// use chunkwire_server::{Config, Server, healthcheck};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut config = Config::default();
/// config.listen = vec!["127.0.0.1:0".parse().unwrap()];
/// let server = Server::bind(&config)?;
/// assert!(healthcheck(&config).await.unwrap_err().to_string().contains("port 0"));
///
/// config.listen = vec![server.local_addr()?.into()];
/// let asked = async { assert!(healthcheck(&config).await.is_ok()) };
/// server.serve(asked).await;
/// assert!(healthcheck(&config).await.is_err());
/// # Ok(())
/// # }
/// ```
pub async fn healthcheck(config: &Config) -> io::Result<()> {
    let listen = config.listen.iter().find(|listen| listen.is_unix()).or(config.listen.first());
    let listen = listen.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "there is no address to ask at"))?;
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("{listen} did not answer within {PATIENCE:?}"));
    timeout(PATIENCE, ask(listen, config)).await.map_err(|_| late())?
}

async fn ask(listen: &Listen, config: &Config) -> io::Result<()> {
    let failed = |error| io::Error::other(format!("{listen} does not answer: {error}"));
    let (mut stream, address) = listen.connect().await?;
    let is_proxy = |address| config.trusted_proxies.iter().any(|proxy| proxy.has(address));
    if config.proxy_protocol && address.is_some_and(is_proxy) {
        stream.write_all(LOCAL).await?;
    }
    let stream = over_tls(stream, listen, config).await?;
    let (mut requests, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    tokio::spawn(connection);
    let request = Request::get("/readyz").header(header::HOST, "localhost").body(Body::empty());
    let response = requests.send_request(request.map_err(io::Error::other)?).await.map_err(failed)?;
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    let said = to_bytes(Body::new(response.into_body()), MOST_SAID).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    Err(io::Error::other(format!("{listen} is not ready: {status}: {}", said.lines().next().unwrap_or_default())))
}

/// The connection as the server speaks over it.
#[cfg(feature = "tls")]
async fn over_tls(plain: Box<dyn Duplex>, listen: &Listen, config: &Config) -> io::Result<Box<dyn Duplex>> {
    use std::sync::Arc;

    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::ClientConfig;
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::ServerName;

    use crate::any_host::AnyHost;

    if config.tls.is_none() || listen.is_unix() {
        return Ok(plain);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let verifier = Arc::new(AnyHost { authority: None, provider });
    let tls = tls.map_err(io::Error::other)?.dangerous().with_custom_certificate_verifier(verifier);
    let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
    let connected = TlsConnector::from(Arc::new(tls.with_no_client_auth())).connect(name, plain).await;
    let failed = |error| io::Error::other(format!("{listen} does not speak TLS with this client: {error}"));
    Ok(Box::new(connected.map_err(failed)?))
}

#[cfg(not(feature = "tls"))]
async fn over_tls(plain: Box<dyn Duplex>, _: &Listen, _: &Config) -> io::Result<Box<dyn Duplex>> {
    Ok(plain)
}
