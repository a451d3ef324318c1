//! Promise: a client that asks for trailers can check that a response is whole, by the digest that follows it.
#![cfg(feature = "digest")]

use std::convert::Infallible;

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, ContentDigest, Error, Format, JsonBody, OneChunk};
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

const COUNT: usize = 1000;

fn wanted() -> HeaderMap {
    HeaderMap::from_iter([(header::TE, HeaderValue::from_static("gzip;q=0.5, Trailers"))])
}

/// Returns the digest of a document as the trailer has it.
fn digest(bytes: &[u8]) -> String {
    use base64::Engine as _;
    format!("sha-256=:{}:", base64::prelude::BASE64_STANDARD.encode(Sha256::digest(bytes)))
}

fn whole() -> Vec<u8> {
    document(Format::Lines, &texts(99, COUNT).collect::<Vec<_>>())
}

/// The response to a request of HTTP/1.1, as it travels.
async fn over_http1(te: &str, end: Option<Result<String, &'static str>>) -> String {
    let (client, server) = duplex(4096);
    let respond = service_fn(|request: Request<Incoming>| {
        let records = texts(99, COUNT).map(Ok).chain(end.clone());
        let response = JsonBody::new(Format::Lines, records).into_response();
        let response = ContentDigest::respond(request.headers(), response).map(OneChunk::new);
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(server), respond);
    let asked = async {
        let (mut reader, mut writer) = tokio::io::split(client);
        let head = format!("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{te}\r\n");
        writer.write_all(head.as_bytes()).await.unwrap();
        let mut response = String::new();
        reader.read_to_string(&mut response).await.unwrap();
        response
    };
    soon(async { tokio::join!(served, asked) }).await.1
}

#[tokio::test]
async fn it_follows_the_last_chunk_if_it_is_asked_for() {
    let response = over_http1("te: trailers\r\n", None).await;
    assert!(response.contains("\r\ntrailer: content-digest\r\n"), "{}", &response[..200]);
    let end = format!("\r\n0\r\ncontent-digest: {}\r\n\r\n", digest(&whole()));
    assert!(response.ends_with(&end), "{:?}", &response[response.len() - 120..]);

    let response = over_http1("", None).await;
    assert!(response.ends_with("\r\n0\r\n\r\n") && !response.contains("trailer"));
}

#[tokio::test]
async fn a_body_that_fails_has_none() {
    let response = over_http1("te: trailers\r\n", Some(Err("the database went away"))).await;
    assert!(response.ends_with("\n{\r\n"), "{:?}", &response[response.len() - 120..]);
}

type Any = UnsyncBoxBody<Bytes, Error>;

/// Returns the data and the trailers of a body with its digest.
async fn read(body: Any) -> (Vec<u8>, HeaderMap) {
    let mut body = ContentDigest::respond(&wanted(), Response::new(body)).into_body();
    let (mut data, mut trailers) = (Vec::new(), Vec::new());
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().exact(), None);
    while let Some(frame) = soon(body.frame()).await {
        match frame.unwrap().into_data() {
            Ok(bytes) => data.extend(bytes),
            Err(frame) => trailers.push(frame.into_trailers().unwrap()),
        }
    }
    assert_eq!(trailers.len(), 1);
    (data, trailers.remove(0))
}

#[tokio::test]
async fn it_is_that_of_all_bytes_beside_other_trailers() {
    for bytes in [vec![], b"[]".to_vec(), vec![b'7'; 3 * CHUNK_SIZE], whole()] {
        let full = Full::new(Bytes::from(bytes.clone())).map_err(|never| match never {});
        let (data, trailers) = read(full.boxed_unsync()).await;
        assert_eq!((data, trailers.len()), (bytes.clone(), 1));
        assert_eq!(trailers["content-digest"], digest(&bytes));
    }
    let own = HeaderMap::from_iter([(header::ETAG, HeaderValue::from_static("\"7\""))]);
    let frames = [Frame::data(Bytes::from("[7]")), Frame::trailers(own)].map(Ok);
    let (_, trailers) = read(StreamBody::new(tokio_stream::iter(frames)).boxed_unsync()).await;
    assert_eq!(
        (&trailers["etag"], &trailers["content-digest"]),
        (&"\"7\"".parse().unwrap(), &digest(b"[7]").parse().unwrap())
    );
}

#[tokio::test]
async fn a_response_of_known_length_stays_as_it_is() {
    let mut response = Response::new(Full::new(Bytes::from("[7]")));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("3"));
    let response = ContentDigest::respond(&wanted(), response);
    assert!(!response.headers().contains_key(header::TRAILER));
    assert_eq!(response.body().size_hint().exact(), Some(3));
    assert!(response.into_body().collect().await.unwrap().trailers().is_none());
}
