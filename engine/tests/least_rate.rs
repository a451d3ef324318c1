//! Promise: a client that moves bytes at the least rate lives, whatever its buffers, and one that does not is cut.

mod support;

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use chunkwire::{Format, JsonBody, LeastRate, Outcome};
use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use support::{Served, engine, next, serve};
use tokio::io::AsyncReadExt;
use tokio::time::{MissedTickBehavior, interval};
use tower::service_fn;

/// Serves records without end, and reads whatever is posted.
fn serving(grace: Duration, bytes_per_second: u32) -> Served {
    let mut config = Config::default();
    config.stall_timeout = grace;
    config.body_timeout = grace;
    config.min_rate = NonZeroU32::new(bytes_per_second).unwrap();
    let service = service_fn(|request: Request<Incoming>| async move {
        let mut status = StatusCode::OK;
        let body: UnsyncBoxBody<_, chunkwire::Error> = if request.method() == "POST" {
            if request.into_body().collect().await.is_err() {
                status = StatusCode::REQUEST_TIMEOUT;
            }
            Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync()
        } else {
            JsonBody::new(Format::Lines, texts(99, usize::MAX)).boxed_unsync()
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Ok::<_, Infallible>(response)
    });
    serve(engine(&config), service)
}

/// Reads at a steady rate for a while. Returns whether the connection was still there at the end.
async fn read_steadily(client: &mut Client, bytes_per_second: usize, time: Duration) -> bool {
    const TICKS: usize = 50;
    let mut ticks = interval(Duration::from_secs(1) / TICKS as u32);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut piece = vec![0; bytes_per_second / TICKS];
    let start = Instant::now();
    while start.elapsed() < time {
        ticks.tick().await;
        if soon(client.stream.read_exact(&mut piece)).await.is_err() {
            return false;
        }
    }
    true
}

/// Their kernel takes a large piece at once, and then nothing for longer than the grace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_with_large_buffers_live() {
    const GRACE: Duration = Duration::from_millis(300);
    let served = serving(GRACE, 20_000);
    let mut client = Client::connect(served.address).await;
    client.ask("GET", "/", "").await;
    assert!(read_steadily(&mut client, 30_000, 20 * GRACE).await, "it was cut");
}

/// Reading fast makes a kernel's buffer grow, and with it the pieces that it takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_become_slow_live() {
    const GRACE: Duration = Duration::from_millis(200);
    let served = serving(GRACE, 1_000_000);
    let mut client = Client::connect(served.address).await;
    client.ask("GET", "/", "").await;
    let mut piece = vec![0; 100_000];
    for _ in 0..300 {
        soon(client.stream.read_exact(&mut piece)).await.unwrap();
    }
    assert!(read_steadily(&mut client, 1_500_000, 30 * GRACE).await, "it was cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_is_gone_when_the_time_of_what_was_sent_is_over() {
    const GRACE: Duration = Duration::from_millis(300);
    const RATE: u32 = 500_000;
    let served = serving(GRACE, RATE);
    for read_before in [0, 30_000_000] {
        let mut client = Client::connect(served.address).await;
        client.ask("GET", "/", "").await;
        soon(client.stream.read_exact(&mut vec![0; read_before])).await.unwrap();
        let stopped = Instant::now();
        assert_eq!(next(&served.connections), ConnectionEnd::Stalled);
        let most = GRACE + Duration::from_secs(LeastRate::MOST_HELD) / RATE + Duration::from_secs(2);
        let elapsed = stopped.elapsed();
        assert!(
            elapsed >= GRACE && elapsed < most,
            "{elapsed:?} after {read_before} bytes, and not {GRACE:?} to {most:?}"
        );
        assert_eq!(next(&served.responses).3, Outcome::Stalled);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_below_the_least_rate_is_cut() {
    let served = serving(Duration::from_secs(1), 200_000);
    let mut client = Client::with_little_room(served.address).await;
    client.ask("GET", "/", "").await;
    assert!(!read_steadily(&mut client, 50_000, Duration::from_secs(20)).await, "it lives");
    assert_eq!(next(&served.connections), ConnectionEnd::Stalled);
}

/// Posts a body in so many pieces, with a pause after each. Returns the status.
async fn post(client: &mut Client, pieces: usize, size: usize, pause: Duration) -> u16 {
    client.ask("POST", "/", &format!("Content-Length: {}\r\n", pieces * size)).await;
    for _ in 0..pieces {
        client.send(&"x".repeat(size)).await;
        if tokio::time::timeout(pause, client.wait_for_data()).await.is_ok() {
            break;
        }
    }
    client.response().await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_may_take_long_and_not_for_ever() {
    const GRACE: Duration = Duration::from_millis(500);
    const PAUSE: Duration = Duration::from_millis(100);
    let served = serving(GRACE, 1000);
    let mut client = Client::connect(served.address).await;
    for _ in 0..2 {
        assert_eq!(post(&mut client, 20, 150, PAUSE).await, 200, "it came steadily for four times the grace");
    }
    let start = Instant::now();
    assert_eq!(post(&mut client, 600, 1, PAUSE).await, 408, "a byte in each pause");
    assert!(start.elapsed() >= GRACE);
    assert!(client.is_closed().await);
    assert_eq!(next(&served.connections), ConnectionEnd::BodyTimeout);

    let mut client = Client::connect(served.address).await;
    client.ask("POST", "/", "Content-Length: 2\r\n").await;
    assert_eq!(client.response().await.status, 408, "nothing came");
    assert_eq!(next(&served.connections), ConnectionEnd::BodyTimeout);
}
