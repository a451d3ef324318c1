//! How a connection of TLS begins.

use std::future::pending;
use std::io;

use http::StatusCode;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use super::context::{Context, LATE};
use super::encrypted::{Encrypted, bound};
use super::transport::Transport;
use crate::observe::{ConnectionEnd, Observe};
use crate::phase::Phase;
use crate::state::connection::Connection;
use crate::tls::loaded::Tls;
use crate::wire::HANDSHAKE;

/// What a client is told that speaks HTTP where TLS is spoken, whatever it asks for.
const SPEAK_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain\r\n\
    content-length: 49\r\n\
    connection: close\r\n\
    \r\n\
    This port speaks TLS: use https:// and not http:\n";

/// Greets a client, and returns the connection with it. If there is none, it has ended, and why was said.
pub(super) async fn greet<O: Observe>(
    transport: Transport<O>,
    tls: &Tls,
    connection: &Connection,
    context: &Context<O>,
    phase: watch::Receiver<Phase>,
) -> Option<TokioIo<Encrypted<O>>> {
    let mut encrypted = tokio::select! {
        biased;
        encrypted = shake(transport, tls, connection, context) => encrypted?,
        () = given_up(phase.clone(), connection) => return None,
    };
    if *phase.borrow() == Phase::Drain {
        let _ = timeout(LATE, encrypted.readable()).await;
    }
    Some(TokioIo::new(encrypted))
}

/// Ready when the engine waits for a handshake no longer.
async fn given_up(mut phase: watch::Receiver<Phase>, connection: &Connection) {
    if phase.wait_for(Phase::is_end).await.is_ok() {
        sleep(LATE).await;
        if connection.is_silent() {
            return;
        }
        if phase.wait_for(|phase| *phase == Phase::Cut).await.is_ok() {
            connection.end(ConnectionEnd::ShutDown);
            return;
        }
    }
    // The engine has gone, and so will this.
    pending().await
}

async fn shake<O: Observe>(
    mut transport: Transport<O>,
    tls: &Tls,
    connection: &Connection,
    context: &Context<O>,
) -> Option<Encrypted<O>> {
    let (error, mut transport) = match transport.first_byte().await {
        Ok(Some(HANDSHAKE)) => {
            let acceptor = TlsAcceptor::from(tls.config(context.has_http2));
            let accepting = acceptor.accept_with(TokioIo::new(transport), bound);
            match accepting.into_fallible().await {
                Ok(stream) => {
                    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
                    connection.established(certificates.iter().map(|certificate| certificate.to_vec()).collect());
                    return Some(Encrypted::new(stream));
                }
                Err(failed) => failed,
            }
        }
        // It wanted to know whether somebody listens.
        Ok(None) => return None,
        Ok(Some(_)) => {
            let mut transport = TokioIo::new(transport);
            let told = transport.write_all(SPEAK_TLS).await;
            context.observer.head_refused(StatusCode::BAD_REQUEST, connection.peer());
            let error = told.err().unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is no TLS"));
            (error, transport)
        }
        Err(error) => (error, TokioIo::new(transport)),
    };
    // If the time was up, that was said before.
    connection.end(ConnectionEnd::HandshakeFailed);
    let end = connection.how_it_ended();
    debug!(peer = %connection.peer(), %error, ?end, "a handshake failed");
    if end == ConnectionEnd::HandshakeFailed {
        // The client should get to know why, also if it is still sending.
        let _ = transport.shutdown().await;
    }
    None
}
