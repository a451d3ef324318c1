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

/// The most that may be unsent. The kernel takes a write while less than a chunk is unsent (tcp(7),
/// `TCP_NOTSENT_LOWAT`), and each write is one chunk in the frame of HTTP's chunked coding.
const MOST_UNSENT: usize = CHUNK_SIZE - 1 + b"4000\r\n".len() + CHUNK_SIZE + b"\r\n".len();

/// Returns how many bytes the kernel took for a client that never reads, beyond those that the client's kernel has.
///
/// They are counted when the kernel takes no more. What is on its way is waited for, until `enough`.
async fn unsent(is_tuned: bool, enough: impl Fn(usize) -> bool) -> usize {
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
    let counted = async {
        stalled.notified().await;
        let mut arrived = vec![0; 1 << 20];
        loop {
            // A look leaves the bytes where they are, and makes no room for more.
            let unsent = taken.get() - client.tcp().peek(&mut arrived).await.unwrap();
            if enough(unsent) {
                return unsent;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = connection(transport, endless) => panic!("an endless response ended: {ended:?}"),
        unsent = soon(counted) => unsent,
    }
}

#[tokio::test]
async fn a_tuned_socket_holds_less_than_two_chunks_unsent_and_another_many() {
    let tuned = unsent(true, |unsent| unsent <= MOST_UNSENT).await;
    assert!(tuned > 0, "the kernel took nothing that the client's kernel does not have");
    let other = unsent(false, |_| true).await;
    assert!(other > 4 * MOST_UNSENT, "a socket that is not tuned holds {other} bytes, so that this shows nothing");
}
