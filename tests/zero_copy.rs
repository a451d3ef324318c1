//! Promise: the bytes that `writev` gets are at the address where the encoder wrote them.
//!
//! `zero_copy` of the test support explains how this is observed. `engine/src/connection/transport.rs` tests it over
//! the engine's own transport and socket.

use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk};
use chunkwire_test_support::allocations::{CountChunks, Tally};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::connection::{ByHand, GET, connection};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use chunkwire_test_support::transport::{Pipe, Watched};
use chunkwire_test_support::zero_copy::{Counts, Noted, check, counted};
use futures_core::Stream;
use hyper::rt::Write;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: CountChunks = CountChunks;

const RECORDS: usize = 1000;

/// Records that span two chunks: with 98 bytes each and a byte before it, one at the end of each full chunk.
const SPANNING: usize = 99 * RECORDS / CHUNK_SIZE;

fn body() -> OneChunk<JsonBody<impl Stream<Item = Noted>>> {
    OneChunk::new(JsonBody::new(Format::Array, texts(98, RECORDS).map(Noted)))
}

#[test]
fn the_transport_is_given_the_memory_that_was_encoded_into() {
    let pipe = Pipe::new(GET, 8 * CHUNK_SIZE);
    pipe.make_room(usize::MAX);
    Tally::restart();
    assert!(ByHand::new(connection(Watched::new(pipe, check), body())).settle().is_ready());
    assert_eq!(counted(), Counts { in_place: RECORDS - SPANNING, elsewhere: 0 });
}

/// Shows why the flag matters: a wrapper of a transport that does not pass it on makes hyper copy everything.
#[test]
fn a_transport_that_is_not_vectored_is_given_copies() {
    let pipe = Pipe::new(GET, 8 * CHUNK_SIZE);
    pipe.make_room(usize::MAX);
    let transport = Watched::not_vectored(pipe, check);
    Tally::restart();
    let mut connection = ByHand::new(connection(transport, JsonBody::new(Format::Array, texts(98, 100).map(Noted))));
    assert!(connection.settle().is_ready());
    assert_eq!(counted(), Counts { in_place: 0, elsewhere: 100 });
}

#[tokio::test]
async fn a_socket_is_given_the_memory_that_was_encoded_into() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = Client::connect(listener.local_addr().unwrap()).await;
    client.send(GET).await;
    let socket = TokioIo::new(soon(listener.accept()).await.unwrap().0);
    assert!(socket.is_write_vectored());

    Tally::restart();
    soon(connection(Watched::new(socket, check), body())).await.unwrap();
    assert_eq!(counted(), Counts { in_place: RECORDS - SPANNING, elsewhere: 0 });
    assert_eq!(client.response().await.json()[RECORDS - 1], format!("{:096}", RECORDS - 1));
}
