//! A connection of HTTP/1.1, up to its end or to HTTP/2.

use std::pin::{Pin, pin};
use std::sync::Arc;

use chunkwire::tune;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::context::Context;
use super::http_service::HttpService;
use super::preface::Preface;
use super::presence::Watched;
use crate::exchange::report::Report;
use crate::observe::{ConnectionEnd, Observe};
use crate::phase::Phase;
use crate::state::connection::Connection;
use crate::state::cut::LAST_WORDS;
use crate::wire::HANDSHAKE;

/// The status by which hyper responds to a head that it can't read, before a service sees it. The preface of HTTP/2,
/// where that is not spoken, gets no response.
fn refusal(error: &hyper::Error) -> Option<StatusCode> {
    if error.is_parse_too_large() {
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else if error.is_parse() && !error.is_parse_version_h2() {
        Some(StatusCode::BAD_REQUEST)
    } else {
        None
    }
}

/// Responds to requests until the connection ends, or returns it if its client speaks HTTP/2 (RFC 9113, section 3.3)
/// and may.
pub(super) async fn serve<T, S, O>(
    transport: Preface<T>,
    watched: Watched,
    service: S,
    context: Arc<Context<O>>,
    connection: &Arc<Connection>,
    phase: &mut watch::Receiver<Phase>,
) -> Option<Preface<T>>
where
    T: Read + Write + Unpin,
    S: HttpService,
    O: Observe,
{
    let respond = {
        // It owns what it needs, so that a service need not be Sync.
        let (context, connection) = (Arc::clone(&context), Arc::clone(connection));
        move |mut request: Request<Incoming>| {
            context.prepare(&mut request, &connection);
            let report = Report::begin(&request, &context.observer, &connection, None);
            // hyper keeps a place for it until the connection ends: one for a pointer, and not for all of it.
            Box::pin(context.respond(service.clone(), request, report))
        }
    };
    let mut http = tune::http1(&mut http1::Builder::new())
        // A client that has said all it has to say (`shutdown(SHUT_WR)`, as `nc -N` does) still gets its response.
        .half_close(true)
        // The transport keeps the time.
        .header_read_timeout(None)
        .serve_connection(transport, service_fn(respond));
    let mut gone = pin!(watched.gone(connection, context.patience));
    let has_last_words = loop {
        tokio::select! {
            // What has come is read before the connection drains.
            biased;
            ended = &mut http => {
                let Err(error) = ended else { return None };
                if error.is_parse_version_h2() && context.has_http2 {
                    let parts = http.into_parts();
                    return Some(parts.io.rewound(parts.read_buf));
                }
                connection.end(ConnectionEnd::Broken);
                debug!(peer = %connection.peer(), %error, end = ?connection.how_it_ended(), "the connection broke");
                if let Some(status) = refusal(&error) {
                    context.observer.head_refused(status, connection.peer());
                    if http.into_parts().read_buf.first() == Some(&HANDSHAKE) {
                        let peer = connection.peer();
                        context.astray.call_once(|| warn!(%peer, "a client spoke TLS, which is not spoken here"));
                    }
                }
                return None;
            }
            end = gone.as_mut() => {
                debug!(peer = %connection.peer(), ?end, "the connection was given up while the service was waited for");
                break connection.cut(end);
            }
            Ok(()) = phase.changed() => match *phase.borrow_and_update() {
                // A response says that it is the last one.
                Phase::Serve | Phase::Retire => {}
                Phase::Drain => {
                    connection.leave();
                    Pin::new(&mut http).graceful_shutdown();
                }
                Phase::Cut => break connection.cut(ConnectionEnd::ShutDown),
            },
        }
    };
    if has_last_words {
        Pin::new(&mut http).graceful_shutdown();
        // It ends by an error, or in time by itself. It is lent, since moving it would make a second place for it in the
        // memory of each connection.
        let _ = timeout(LAST_WORDS, &mut http).await;
    }
    drop(http);
    context.count_cut(connection);
    None
}
