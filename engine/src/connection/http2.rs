//! A connection of HTTP/2, up to its end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use chunkwire::tune;
use http::Request;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};
use tracing::debug;

use super::context::Context;
use super::http_service::HttpService;
use super::streams::Streams;
use crate::exchange::report::Report;
use crate::observe::{ConnectionEnd, Observe};
use crate::phase::Phase;
use crate::state::connection::Connection;
use crate::state::cut::LAST_WORDS;
use crate::state::stream::Stream;

/// How many bytes of request bodies a client may send before a service reads them: by stream, which is the initial
/// value of RFC 9113, section 6.5.2, and by connection.
const STREAM_WINDOW: u32 = 65_535;
const CONNECTION_WINDOW: u32 = 4 * STREAM_WINDOW;

/// The largest list of header fields, in the measure of RFC 9113, section 6.5.2.
const LARGEST_HEAD: u32 = 16 * 1024;

/// Responds to requests until the connection ends.
pub(super) async fn serve<T, S, O>(
    transport: T,
    service: S,
    context: Arc<Context<O>>,
    connection: &Arc<Connection>,
    phase: &mut watch::Receiver<Phase>,
) where
    T: Read + Write + Unpin,
    S: HttpService,
    O: Observe,
{
    connection.multiplex();
    // What HTTP/1.1 has made of it was for HTTP/1.1.
    phase.mark_changed();
    let streams = Streams::default();
    let mut builder = http2::Builder::new(streams.clone());
    tune::http2(&mut builder)
        .max_concurrent_streams(context.streams.most)
        .max_header_list_size(LARGEST_HEAD)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    let respond = {
        let (context, connection, streams) = (Arc::clone(&context), Arc::clone(connection), streams.clone());
        move |mut request: Request<Incoming>| {
            context.prepare(&mut request, &connection);
            let stream = Arc::new(Stream::open(Arc::clone(&connection), &context.streams));
            streams.announce(Arc::clone(&stream));
            let report = Report::begin(&request, &context.observer, &connection, Some(stream));
            context.respond(service.clone(), request, report)
        }
    };
    {
        let mut http = pin!(builder.serve_connection(transport, service_fn(respond)));
        let mut idle = pin!(without_streams(connection));
        let has_last_words = loop {
            tokio::select! {
                // What has come is read before the connection drains.
                biased;
                ended = http.as_mut() => {
                    if let Err(error) = ended {
                        connection.end(ConnectionEnd::Broken);
                        let end = connection.how_it_ended();
                        debug!(peer = %connection.peer(), %error, ?end, "the connection broke");
                    }
                    break false;
                }
                () = idle.as_mut() => {
                    connection.end(ConnectionEnd::IdleTimeout);
                    connection.leave();
                    http.as_mut().graceful_shutdown();
                    // The client may open another stream before it knows.
                    idle.set(without_streams(connection));
                }
                Ok(()) = phase.changed() => match *phase.borrow_and_update() {
                    Phase::Serve => {}
                    Phase::Retire | Phase::Drain => {
                        connection.leave();
                        http.as_mut().graceful_shutdown();
                    }
                    Phase::Cut => break connection.cut(ConnectionEnd::ShutDown),
                },
            }
        };
        if has_last_words {
            streams.wake();
            http.as_mut().graceful_shutdown();
            // It ends when all streams have, or is dropped with those that have not.
            let _ = timeout(LAST_WORDS, http).await;
        }
        context.count_cut(connection);
    }
    streams.ended().await;
}

/// Ready when no stream was open for too long.
async fn without_streams(connection: &Connection) {
    loop {
        match connection.idle_until() {
            Some(due) if due <= Instant::now() => return,
            Some(due) => sleep_until(due.into()).await,
            // One that ends now leaves that time.
            None => sleep(connection.idle_time()).await,
        }
    }
}
