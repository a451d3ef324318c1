//! Pools, and bodies of rows.
#![allow(dead_code, reason = "each test file uses a part")]

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use chunkwire::{Error, Format, JsonBody, Source};
use chunkwire_postgres::PagesError;
use chunkwire_test_support::time::soon;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Timeouts};
use http_body_util::BodyExt;
use tokio_postgres::NoTls;

const LIMIT: Option<Duration> = Some(Duration::from_secs(60));

pub(crate) fn pool(url: &str, connections: usize) -> Pool {
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(url.parse().unwrap(), NoTls, manager))
        .max_size(connections)
        .timeouts(Timeouts { wait: LIMIT, create: LIMIT, recycle: None })
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .build()
        .unwrap()
}

pub(crate) fn body<S: Source>(source: S) -> JsonBody<S> {
    JsonBody::from_source(Format::Lines, source).full_chunks()
}

/// Returns the next chunk, unless there is none.
pub(crate) async fn next<S: Source + Unpin>(body: &mut JsonBody<S>) -> Option<Bytes> {
    Some(soon(body.frame()).await?.unwrap().into_data().unwrap())
}

/// Reads a body to its end.
pub(crate) async fn rest<S: Source + Unpin>(mut body: JsonBody<S>) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    while let Some(frame) = soon(body.frame()).await {
        all.extend(frame?.into_data().unwrap());
    }
    Ok(all)
}

/// Returns why rows could not be had.
#[track_caller]
pub(crate) fn cause(error: &Error) -> &PagesError {
    error.source().and_then(|cause| cause.downcast_ref()).unwrap_or_else(|| panic!("{error:?}"))
}
