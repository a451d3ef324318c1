//! Clients of a balancer that keep count.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::time::soon;
use tokio::task::JoinHandle;

/// Rows of the table that is served.
pub(crate) const ROWS: usize = 20_000;

/// How many clients there are, and how many of them are quick.
pub(crate) const CLIENTS: usize = 12;
const QUICK: usize = 8;

/// What clients were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    is_over: AtomicBool,
    pub(crate) whole: AtomicUsize,
    /// Responses whose end is missing, which their client sees.
    pub(crate) cut: AtomicUsize,
    /// Responses of 503 that say when to come back.
    pub(crate) refused: AtomicUsize,
}

/// Some that ask for short responses over connections that are kept, and some that read long ones slowly.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) told: Arc<Told>,
    tasks: Vec<JoinHandle<()>>,
}

impl Clients {
    pub(crate) fn start(server: SocketAddr) -> Self {
        let told = Arc::<Told>::default();
        let quick = (0..QUICK).map(|_| tokio::spawn(ask_on(server, Arc::clone(&told), 500, Duration::ZERO)));
        let slow =
            (QUICK..CLIENTS).map(|_| tokio::spawn(ask_on(server, Arc::clone(&told), ROWS, Duration::from_millis(2))));
        Self { tasks: quick.chain(slow).collect(), told: Arc::clone(&told) }
    }

    /// Awaits further whole responses.
    pub(crate) async fn go_on(&self) {
        let before = self.told.whole.load(Relaxed);
        soon(async {
            while self.told.whole.load(Relaxed) < before + 100 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }

    /// Awaits the last responses.
    pub(crate) async fn end(self) -> Arc<Told> {
        self.told.is_over.store(true, Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.told
    }
}

/// Asks again and again, and pauses between the chunks of a response.
async fn ask_on(server: SocketAddr, told: Arc<Told>, rows: usize, pause: Duration) {
    let target = format!("/events?limit={rows}&format=lines");
    while !told.is_over.load(Relaxed) {
        let mut client = Client::connect(server).await;
        while !told.is_over.load(Relaxed) {
            client.ask("GET", &target, "").await;
            let (response, lines) = if pause.is_zero() {
                let response = client.response().await;
                let lines = response.body.iter().filter(|byte| **byte == b'\n').count();
                let is_whole = response.complete;
                (response, is_whole.then_some(lines))
            } else {
                read_slowly(&mut client, pause).await
            };
            match (response.status, lines) {
                (200, Some(lines)) => {
                    assert_eq!(lines, rows, "it looks whole");
                    told.whole.fetch_add(1, Relaxed);
                }
                (200, None) => _ = told.cut.fetch_add(1, Relaxed),
                (status, _) => {
                    let said = String::from_utf8_lossy(&response.body);
                    assert!(status == 503 && response.header("retry-after").is_some(), "{status}: {said}");
                    told.refused.fetch_add(1, Relaxed);
                    break;
                }
            }
            if lines.is_none() || response.header("connection") == Some("close") {
                break;
            }
        }
    }
}

/// Returns the head, and how many lines there are if the response is whole.
async fn read_slowly(client: &mut Client, pause: Duration) -> (Response, Option<usize>) {
    let mut head = soon(Response::read_head(&mut client.stream)).await;
    let mut lines = 0;
    while let Ok(chunk) = client.try_chunk().await {
        if head.status != 200 {
            head.body.extend_from_slice(&chunk);
        }
        if chunk.is_empty() {
            return (head, Some(lines));
        }
        lines += chunk.iter().filter(|byte| **byte == b'\n').count();
        tokio::time::sleep(pause).await;
    }
    (head, None)
}
