//! Promise: what the kernel holds unsent for a stalled reader is about one more chunk, not megabytes.
//!
//! `server/tests/bounded_in_the_kernel.rs` tests it over the server's own connections.
#![cfg(target_os = "linux")]

use std::cell::Cell;

use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk, tune};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::connection::{GET, connection};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use chunkwire_test_support::transport::{Attempt, Watched};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Returns how many bytes the kernel takes in all for a client that never reads.
async fn taken(is_tuned: bool) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = Client::with_little_room(listener.local_addr().unwrap()).await;
    client.send(GET).await;
    let (socket, _) = soon(listener.accept()).await.unwrap();
    if is_tuned {
        tune::socket(&socket).unwrap();
    }
    let (taken, stalled) = (Cell::new(0), Notify::new());
    let transport = Watched::new(TokioIo::new(socket), |attempt: Attempt<'_>| {
        taken.set(taken.get() + attempt.taken.unwrap_or(0));
        if attempt.taken.is_none() {
            stalled.notify_one();
        }
    });
    let endless = OneChunk::new(JsonBody::new(Format::Array, texts(99, usize::MAX)));
    tokio::select! {
        ended = connection(transport, endless) => panic!("an endless response ended: {ended:?}"),
        () = soon(stalled.notified()) => {}
    }
    taken.get()
}

#[tokio::test]
async fn a_tuned_socket_takes_a_few_chunks_and_another_many() {
    let (tuned, other) = (taken(true).await, taken(false).await);
    assert!(tuned <= 8 * CHUNK_SIZE, "the kernel took {tuned} bytes that nobody read");
    assert!(other > 2 * tuned, "a socket that is not tuned took {other} bytes, a tuned one {tuned}");
}
