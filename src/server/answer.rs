//! One answer: what the service says, under one chunk, with its end seen to.

use std::error::Error as StdError;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, Method, Request, Response, header};
use http_body::Body as _;
use http_body_util::{Either, Full};
use tracing::error;

use super::access_log::{Line, Sent};
use super::guard::{self, Guarded};
use super::problem::Problem;
use super::routes::Body;
use super::signals::Signals;
use super::status::Status;
use crate::{End, OnEnd, OneChunk, Outcome, Record};

/// A request and its response, for those who keep books.
#[derive(Debug)]
pub(super) struct Exchange {
    signals: Arc<Signals>,
    status: Arc<Status>,
    line: Option<Line>,
    start: Instant,
    /// Whether there is nothing to send but the head.
    head_only: bool,
}

impl Exchange {
    pub(super) fn begin<B>(request: &Request<B>, signals: &Arc<Signals>, status: &Arc<Status>) -> Self {
        Self {
            signals: Arc::clone(signals),
            status: Arc::clone(status),
            line: Line::begin(request),
            start: Instant::now(),
            head_only: request.method() == Method::HEAD,
        }
    }

    fn end(self, mut sent: Sent) {
        if self.head_only && sent.outcome == Outcome::ClientGone {
            // hyper has dropped a body that nobody asked for.
            sent.outcome = Outcome::Complete;
        }
        if sent.outcome == Outcome::Complete {
            self.signals.handed_over();
        }
        self.status.metrics.response(&sent);
        if let Some(line) = self.line {
            line.end(&sent);
        }
    }
}

/// What goes out: records one chunk after the other, or a few bytes.
type Outgoing<S, F> = Either<Guarded<OneChunk<OnEnd<S, F>>>, Full<Bytes>>;

/// The answer of a service that was called, or a problem where it fails.
pub(super) async fn answer<A, S, E>(
    called: thread::Result<A>,
    peer: SocketAddr,
    exchange: Exchange,
) -> Response<Outgoing<S, impl FnOnce(&End)>>
where
    A: Future<Output = Result<Response<Body<S>>, E>>,
    S: Stream<Item: Record>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    let answered = match called {
        Ok(answer) => guard::answered(answer).await,
        Err(panic) => Err(panic),
    };
    let response = answered.unwrap_or_else(|_panic| {
        let mut response = Response::from(Problem::internal());
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Ok(response)
    });
    let response = response.unwrap_or_else(|error| {
        let error = error.into();
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        error!(%peer, cause, "a request was not answered: {error}");
        Problem::internal().into()
    });
    let status = response.status();
    let alive = Arc::clone(&exchange.status.metrics.chunks);
    response.map(|body| match body {
        Either::Left(body) => {
            let fate = exchange.signals.fate.clone();
            let hook = move |end: &End| {
                let (format, elapsed) = (Some(end.format), exchange.start.elapsed());
                let End { outcome, records, bytes, .. } = *end;
                exchange.end(Sent { status, format, records, bytes, elapsed, outcome });
            };
            Either::Left(Guarded::new(OneChunk::counted(body.on_end(hook).drop_outcome(fate), alive)))
        }
        Either::Right(body) => {
            let bytes = if exchange.head_only { 0 } else { body.size_hint().exact().unwrap_or_default() };
            let (elapsed, outcome) = (exchange.start.elapsed(), Outcome::Complete);
            exchange.end(Sent { status, format: None, records: 0, bytes, elapsed, outcome });
            Either::Right(body)
        }
    })
}
