//! What the notes of the other programs recommend, which compiles.

use std::collections::BTreeMap;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use chunkwire::{
    Encode, EncodeKey, Envelope, Error, Format, JsonBody, Record, Serde, Writer, display, object, try_object,
};
use futures_core::Stream;

#[derive(Clone)]
struct Row {
    took: Duration,
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "took": Serde(&self.took), "ms": display(self.took.as_millis()) });
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pixel(u8, u8);

impl Encode for Pixel {
    fn encode(&self, out: &mut Writer<'_>) {
        display(format_args!("{}:{}", self.0, self.1)).encode(out);
    }
}

impl EncodeKey for Pixel {}

struct Timed(Row);

impl Record for Timed {
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        try_object!(out, { "took": Serde(&self.0.took) })
    }
}

struct Fetched(#[expect(dead_code)] PhantomPinned);

impl Stream for Fetched {
    type Item = Timed;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Timed>> {
        Poll::Ready(None)
    }
}

fn main() {
    drop(JsonBody::new(Format::Array, [BTreeMap::from([(Pixel(1, 2), 3)])]).into_response());
    let row = Row { took: Duration::ZERO };
    drop(JsonBody::new(Format::Array, [&row]).into_response());
    drop(JsonBody::new(Format::Array, [Ok(row.clone()), Err("no such table")]).into_response());
    drop(JsonBody::new(Format::Array, [vec![Some(&row.took)]].map(Serde)).into_response());
    drop(JsonBody::new(Envelope::new("rows").before("first", row), [0; 0]).into_response());
    drop(JsonBody::from_stream(Format::Array, Box::pin(Fetched(PhantomPinned))).ready());
}
