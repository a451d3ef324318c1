//! `ready` of a source that must not be moved, such as one of async blocks.
//!
//! - error: `ready` needs a source that can be moved
//! - label: this source is not `Unpin`
//! - note: put the source into a box: `JsonBody::from_stream(format, Box::pin(source))`

use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};

use chunkwire::{Error, Format, JsonBody};
use futures_core::Stream;

struct Fetched(#[expect(dead_code)] PhantomPinned);

impl Stream for Fetched {
    type Item = u8;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        Poll::Ready(None)
    }
}

async fn body() -> Result<JsonBody<Fetched>, Error> {
    JsonBody::from_stream(Format::Array, Fetched(PhantomPinned)).ready().await
}

fn main() {
    drop(body());
}
