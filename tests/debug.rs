//! Promise: no `Debug` prints what a body holds or is going to send: logs are read by others than its clients.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::ready;
use std::num::NonZeroU32;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chunkwire::{Encode, Envelope, Fields, Format, JsonBody, Layout, LeastRate, OneChunk, Writer};
use http_body::Body;

const SECRET: &str = "Ada Lovelace";

/// A record that prints itself.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "it is there to be printed")]
struct Customer(&'static str);

impl Encode for Customer {
    fn encode(&self, out: &mut Writer<'_>) {
        self.0.encode(out);
    }
}

fn customers() -> Vec<Customer> {
    vec![Customer(SECRET); 3]
}

#[track_caller]
fn check(value: &impl Debug) -> String {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains("Ada") && !text.contains("65, 100, 97"), "{text}");
    }
    format!("{value:?}")
}

fn envelope() -> Envelope {
    Envelope::new("customers").before("owner", SECRET)
}

#[tokio::test]
async fn a_body_prints_figures() {
    for layout in [|| Layout::from(Format::Array), || Format::Lines.into(), || envelope().into()] {
        check(&layout());
        let body = || JsonBody::new(layout(), customers());
        check(&body());
        let ready_body = body().ready().await.unwrap();
        let text = check(&ready_body);
        assert!(text.contains("records: 1, held: ") && text.contains(" bytes"), "{text}");

        check(&ready_body.on_end(|_| ()));
        let offloaded = body().offload(|job| {
            check(&job);
            let filled = job.run();
            check(&filled);
            ready(Ok::<_, Infallible>(filled))
        });
        check(&offloaded.ready().await.unwrap());
        check(&OneChunk::new(body()));
        let rate = LeastRate::new(Duration::ZERO, NonZeroU32::MIN);
        check(&OneChunk::new(body()).timeout(rate, |_| ready(())));
        check(&body().into_response());
    }
    check(&envelope());
}

#[test]
fn a_body_that_holds_a_part_of_a_record_prints_none_of_it() {
    let long = [Customer(SECRET.repeat(10_000).leak())];
    let mut body = pin!(JsonBody::new(Format::Lines, long));
    assert!(matches!(body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())), Poll::Ready(Some(Ok(_)))));
    let text = check(&body);
    assert!(text.contains("held: 103619 bytes"), "{text}");
}

#[test]
fn what_writes_prints_no_text() {
    let mut bytes = bytes::BytesMut::new();
    let mut out = Writer::new(&mut bytes);
    SECRET.encode(&mut out);
    check(&out);
    let envelope = envelope().after(|_, fields: &mut Fields<'_, '_>| {
        fields.field("owner", SECRET);
        check(fields);
    });
    let mut body = pin!(JsonBody::new(envelope, customers()));
    assert!(body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())).is_ready());
}
