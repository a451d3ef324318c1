//! The head, its target and the number of its fields have limits (RFC 6585, section 5; RFC 9110, section 15.5.15).

use tokio::task::JoinSet;

use crate::exchange::{Closes, NEXT, Stays, check_cut_at, line, said, with};
use crate::support::server::{config, serve};
use chunkwire_test_support::client::Response;

/// A request of so many bytes.
fn head(length: usize) -> Vec<u8> {
    let rest = with("GET", "A: ", "").len();
    with("GET", &format!("A: {}", "x".repeat(length - rest)), "")
}

#[tokio::test]
async fn heads_have_limits() {
    fn many(fields: usize) -> Vec<u8> {
        let more: Vec<_> = (1..fields).map(|number| format!("A{number}: x")).collect();
        with("GET", &more.join("\r\n"), "")
    }
    let target = |length: usize| format!("/{}", "x".repeat(length - 1));
    let cases = vec![
        (many(100), 200, Stays),
        (many(101), 431, Closes),
        (line("GET", &target(8000)), 404, Stays),
        (line("GET", &target(8001)), 414, Stays),
        (line("GET", &target(16_000)), 414, Stays),
        (line("GET", &format!("/healthz?{}", target(8001))), 414, Stays),
        (line("GET", &format!("http://a{}", target(8001))), 414, Stays),
    ];
    check_cut_at(cases, &[1, 100, 800]).await;
    let cases = vec![
        (head(16_384), 200, Stays),
        (head(16_385), 431, Closes),
        (head(16_386), 431, Closes),
        (head(16_500), 431, Closes),
        (head(40_000), 431, Closes),
        // Too long to be told from any other head.
        (line("GET", &target(40_000)), 431, Closes),
    ];
    check_cut_at(cases, &[1, 100, 8191, 8192, 16_000, 16_382, 16_383]).await;
}

/// The room that earlier requests have made in hyper's buffer is none for a longer head.
#[tokio::test]
async fn heads_have_the_same_limit_on_a_kept_connection() {
    let server = serve(&config());
    let mut exchanges = JoinSet::new();
    for (before, size) in [(1, 50), (2, 5000), (20, 500), (20, 5000)] {
        for cut in [8000, 16_000, 16_383] {
            for (length, expected) in [(16_384, 200), (16_385, 431), (17_000, 431), (30_000, 431)] {
                exchanges.spawn(async move {
                    let first = head(size).repeat(before);
                    let last = [&head(length)[..], NEXT].concat();
                    let (start, rest) = last.split_at(cut);
                    let said = said(server, vec![[&first[..], start].concat(), rest.to_owned()]).await;
                    let mut said = &said[..];
                    for _ in 0..before {
                        assert_eq!(Response::read(&mut said).await.status, 200);
                    }
                    let status = Response::read(&mut said).await.status;
                    assert_eq!(status, expected, "{length} bytes after {before} of {size}, cut at {cut}");
                });
            }
        }
    }
    while let Some(exchange) = exchanges.join_next().await {
        exchange.unwrap();
    }
}
