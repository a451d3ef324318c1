//! Promise: fields come before and after the array of an envelope, and an envelope that can't be completed is cut.
//!
//! Arbitrary envelopes in frames of any kind are in `body_properties.rs`.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chunkwire::{CHUNK_SIZE, Envelope, Error, Format, JsonBody, Outcome, RawJson};
use chunkwire_test_support::frames;
use chunkwire_test_support::records::texts;
use http_body::Body;
use http_body_util::BodyExt;

async fn text(body: impl Body<Data = bytes::Bytes, Error = Error>) -> String {
    String::from_utf8(frames(body).await.concat()).unwrap()
}

/// Returns what is handed out before an error, and the error.
async fn cut(body: impl Body<Data = bytes::Bytes, Error = Error>) -> (String, Error) {
    let mut body = std::pin::pin!(body);
    let mut text = String::new();
    loop {
        match body.frame().await.expect("an error before the end") {
            Ok(frame) => text.push_str(str::from_utf8(&frame.into_data().unwrap()).unwrap()),
            Err(error) => return (text, error),
        }
    }
}

#[tokio::test]
async fn fields_stand_where_they_were_put_and_keys_are_escaped() {
    let page = BTreeMap::from([("limit", 2)]);
    let envelope = || {
        Envelope::new("us\"ers").before("page", &page).before("a\nb", RawJson::trusted("{}")).after(
            |records, fields| {
                fields.field("count", records);
                fields.field("\\", None::<u8>);
            },
        )
    };
    let ending = r#""count":2,"\\":null}"#;
    let opening = r#"{"page":{"limit":2},"a\nb":{},"us\"ers":["#;
    let expected = format!("{opening}\"x\",\"y\"],{ending}");
    assert_eq!(text(JsonBody::new(envelope(), ["x", "y"])).await, expected);
    assert!(serde_json::from_str::<serde_json::Value>(&expected).is_ok());

    let nothing: [u8; 0] = [];
    let expected = format!("{opening}],{}", ending.replace('2', "0"));
    assert_eq!(text(JsonBody::new(envelope(), nothing)).await, expected);
    assert_eq!(text(JsonBody::new(Envelope::new("users"), nothing)).await, r#"{"users":[]}"#);
}

#[tokio::test]
async fn a_length_that_is_known_is_announced() {
    let nothing: [u8; 0] = [];
    let body = || JsonBody::new(Envelope::new("users").before("n", 1), nothing);
    assert_eq!((body().size_hint().lower(), body().size_hint().upper()), (18, None), "there may be records");
    let body = body().ready().await.unwrap();
    assert_eq!(body.size_hint().exact(), Some(18));
    assert!(!body.is_end_stream());
    assert_eq!(text(body).await.len(), 18);

    let body = JsonBody::new(Envelope::new("users").after(|_, _| ()), nothing);
    assert_eq!((body.size_hint().lower(), body.size_hint().upper()), (12, None), "what comes after is not known");
    assert_eq!(text(body).await.len(), 12);
}

#[tokio::test]
async fn the_end_of_an_envelope_is_that_of_an_array() {
    let mut told = 0;
    let body = JsonBody::new(Envelope::new("n").after(|n, fields| fields.field("count", n)), 1..=3);
    let body = body.on_end(|end| {
        told += 1;
        assert_eq!((end.outcome, end.format, end.records, end.bytes), (Outcome::Complete, Format::Array, 3, 23));
    });
    assert_eq!(text(body).await, r#"{"n":[1,2,3],"count":3}"#);
    assert_eq!(told, 1);
}

#[tokio::test]
async fn fields_after_the_array_are_computed_once_and_not_if_it_is_cut() {
    let calls = Arc::new(AtomicU32::new(0));
    let envelope = || {
        let calls = Arc::clone(&calls);
        Envelope::new("n").after(move |_, _| {
            calls.fetch_add(1, Ordering::Relaxed);
        })
    };
    let (sent, _) = cut(JsonBody::new(envelope(), [Ok(1), Err("broken")])).await;
    assert_eq!((&*sent, calls.load(Ordering::Relaxed)), (r#"{"n":[1"#, 0));

    text(JsonBody::new(envelope(), 0..10_000)).await;
    assert_eq!(calls.load(Ordering::Relaxed), 1);

    drop(JsonBody::new(envelope(), 0..10_000).ready().await);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_panic_among_the_fields_after_the_array_cuts_it() {
    let mut body = JsonBody::new(Envelope::new("n").after(|_, _| panic!("on purpose")), texts(99, 1));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        drop(std::pin::pin!(body.frame()).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())));
    }));
    assert!(polled.is_err());
    let (sent, error) = cut(body).await;
    assert!(error.is_panic(), "{error:?}");
    assert!(!sent.ends_with('}'), "{sent}");
}

#[test]
fn a_body_can_go_to_other_threads_whatever_its_closure_holds() {
    fn travels<T: Send + Sync>(value: T) -> T {
        value
    }
    let only_send = Cell::new(3);
    let envelope = Envelope::new("n").after(move |_, fields| fields.field("cell", only_send.get()));
    drop(travels(JsonBody::new(envelope, 0..3)));
}

/// They are part of the document, not of the chunk: all frames have one size with them too.
#[tokio::test]
async fn fields_may_be_longer_than_chunks() {
    let long = "x".repeat(3 * CHUNK_SIZE);
    let after = long.clone();
    let envelope = Envelope::new("n").before("a", &long).after(move |_, fields| fields.field("z", after));
    let frames = frames(JsonBody::new(envelope, 0..3)).await;
    assert_eq!(frames.concat(), format!(r#"{{"a":"{long}","n":[0,1,2],"z":"{long}"}}"#).as_bytes());
    let (_, full) = frames.split_last().unwrap();
    assert!(full.iter().all(|frame| frame.len() == CHUNK_SIZE));
}

mod with_serde {
    use std::error::Error as _;

    use chunkwire::Serde;

    use super::*;

    /// A map whose keys JSON can't represent.
    fn no_json() -> Serde<BTreeMap<(u8, u8), u8>> {
        Serde(BTreeMap::from([((1, 2), 3)]))
    }

    #[tokio::test]
    async fn fields_may_be_serde_values() {
        let envelope = Envelope::new("n")
            .before("meta", Serde(serde_json::json!({"page": 1})))
            .after(|_, fields| fields.field("next", Serde(Some("c"))));
        assert_eq!(text(JsonBody::new(envelope, 0..1)).await, r#"{"meta":{"page":1},"n":[0],"next":"c"}"#);
    }

    #[tokio::test]
    async fn a_field_before_the_array_that_fails_is_reported_before_the_first_field() {
        let body = || JsonBody::new(Envelope::new("n").before("meta", no_json()).before("more", 1), 0..1);
        assert!(body().ready().await.unwrap_err().source().is_some());
        assert_eq!(cut(body()).await.0, "{");
    }

    #[tokio::test]
    async fn a_field_after_the_array_that_fails_cuts_it() {
        let envelope = Envelope::new("n").after(|_, fields| {
            fields.field("bad", no_json());
            fields.field("good", 1);
        });
        let (sent, error) = cut(JsonBody::new(envelope, 0..3)).await;
        assert_eq!(sent, r#"{"n":[0,1,2"#);
        assert!(error.source().is_some());
    }
}
