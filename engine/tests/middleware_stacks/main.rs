//! Promise: whatever middleware stands between, whatever the body is and however slowly it is read, the same bytes
//! arrive, nothing waits for ever, and each response has one chunk at the edge.

mod body;
mod middleware;
mod reader;

use std::future::{Ready, pending, ready};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use chunkwire::ChunkGauge;
use chunkwire_engine::{Config, Engine};
use chunkwire_test_support::time::soon;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::Runtime;
use tower::util::BoxCloneService;
use tower::{BoxError, ServiceExt, service_fn};

use body::{Kind, any_kind, any_records, texts};
use middleware::{ALL, Middleware};
use reader::{Read, Reader, any_reader};

#[derive(Clone, Debug)]
struct Case {
    /// The innermost first.
    stack: Vec<Middleware>,
    kind: Kind,
    /// How long each record is.
    records: Vec<usize>,
    reader: Reader,
}

fn any_case() -> impl Strategy<Value = Case> {
    (vec(select(&ALL[..]), 0..7), any_kind(), any_records(), any_reader())
        .prop_map(|(stack, kind, records, reader)| Case { stack, kind, records, reader })
}

/// Serves one stack, and tells of its chunks.
fn serve(case: &Case, records: Arc<Vec<String>>) -> (SocketAddr, Arc<ChunkGauge>) {
    let kind = case.kind;
    let handler = service_fn(move |_: Request<Body>| -> Ready<Result<_, BoxError>> {
        ready(Ok(Response::new(kind.body(Arc::clone(&records)))))
    });
    let stack = case.stack.iter().fold(BoxCloneService::new(handler), |inner, middleware| middleware.around(inner));
    let stack = stack.map_request(|request: Request<_>| request.map(Body::new));
    let mut config = Config::default();
    config.workers = Some(1.try_into().unwrap());
    let engine = Engine::bind((Ipv4Addr::LOCALHOST, 0).into(), &config).unwrap();
    let (address, chunks) = (engine.local_addr().unwrap(), Arc::clone(engine.handle().chunks()));
    tokio::spawn(engine.serve(stack, (), pending()));
    (address, chunks)
}

async fn check(case: &Case) {
    let records = Arc::new(texts(&case.records));
    let expected = case.kind.shape().document(&records);
    let (server, chunks) = serve(case, records);
    let Read { decoded, is_stream } = soon(case.reader.read(server)).await;
    assert!(decoded == expected, "{} of {} bytes", decoded.len(), expected.len());
    assert_eq!(chunks.peak(), usize::from(is_stream), "chunks that were alive at once");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, max_shrink_time: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn the_same_bytes_arrive_through_any_stack(case in any_case()) {
        Runtime::new().unwrap().block_on(check(&case));
    }
}
