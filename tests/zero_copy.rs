//! Promise: the bytes that `writev` gets are at the address where the encoder wrote them.
//!
//! The chain is closed at both ends. While a record is encoded, exactly one allocation is alive that is large enough
//! for a chunk, which is where the encoder writes: the record notes its address and its place there. When the transport
//! is asked to write, the very same addresses must be in the slices that it is given, with the text of the record.
#![cfg(feature = "server")]

mod support;

use std::cell::RefCell;
use std::io::IoSlice;

use chunkwire::{CHUNK_SIZE, Encode, Format, JsonBody, OneChunk, Writer};
use hyper::rt::Write;
use hyper_util::rt::TokioIo;
use support::allocations::{CountChunks, Tally};
use support::client::Client;
use support::connection::{ByHand, GET, connection};
use support::records::texts;
use support::soon;
use support::transport::{Attempt, Pipe, Watched};
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: CountChunks = CountChunks;

/// Where a record was encoded, and as what.
#[derive(Debug)]
struct Note {
    address: usize,
    json: String,
}

/// What was encoded since the last write, and how much of it the transport was given in place or elsewhere.
#[derive(Debug, Default)]
struct Notes {
    encoded: Vec<Note>,
    in_place: usize,
    elsewhere: usize,
}

thread_local! {
    static NOTES: RefCell<Notes> = RefCell::default();
}

/// A record that notes where it is encoded.
struct Noted(String);

impl Encode for Noted {
    fn encode(&self, out: &mut Writer<'_>) {
        let tally = Tally::now();
        assert_eq!((tally.live, tally.made), (1, 1), "one allocation for the whole response: {tally:?}");
        let place = out.len();
        out.string(&self.0);
        // The end of a record that spans two chunks is the one thing that is moved.
        if out.len() <= CHUNK_SIZE {
            let note = Note { address: tally.latest + place, json: format!("\"{}\"", self.0) };
            NOTES.with_borrow_mut(|notes| notes.encoded.push(note));
        }
    }
}

/// The bytes of `slices` at an address, if they are there.
fn at<'a>(slices: &'a [IoSlice<'_>], address: usize, size: usize) -> Option<&'a [u8]> {
    slices.iter().find_map(|slice| slice.get(address.checked_sub(slice.as_ptr().addr())?..)?.get(..size))
}

fn check(attempt: Attempt<'_>) {
    NOTES.with_borrow_mut(|notes| {
        for Note { address, json } in std::mem::take(&mut notes.encoded) {
            if at(attempt.slices, address, json.len()) == Some(json.as_bytes()) {
                notes.in_place += 1;
            } else {
                notes.elsewhere += 1;
            }
        }
    });
}

const RECORDS: usize = 1000;

/// Records that span two chunks: with 98 bytes each and a byte before it, one at the end of each full chunk.
const SPANNING: usize = 99 * RECORDS / CHUNK_SIZE;

fn body() -> OneChunk<JsonBody<chunkwire::Iter<impl Iterator<Item = Noted>>>> {
    OneChunk::new(JsonBody::new(Format::Array, texts(98, RECORDS).map(Noted)))
}

#[test]
fn the_transport_is_given_the_memory_that_was_encoded_into() {
    let pipe = Pipe::new(GET, 8 * CHUNK_SIZE);
    pipe.make_room(usize::MAX);
    Tally::restart();
    assert!(ByHand::new(connection(Watched::new(pipe, check), body())).settle().is_ready());
    NOTES.with_borrow(|notes| assert_eq!((notes.in_place, notes.elsewhere), (RECORDS - SPANNING, 0)));
}

/// What the flag is worth: a wrapper of a transport that forgets to pass it on makes hyper copy everything.
#[test]
fn a_transport_that_is_not_vectored_is_given_copies() {
    let pipe = Pipe::new(GET, 8 * CHUNK_SIZE);
    pipe.make_room(usize::MAX);
    let transport = Watched::not_vectored(pipe, check);
    Tally::restart();
    let mut connection = ByHand::new(connection(transport, JsonBody::new(Format::Array, texts(98, 100).map(Noted))));
    assert!(connection.settle().is_ready());
    NOTES.with_borrow(|notes| assert_eq!((notes.in_place, notes.elsewhere), (0, 100)));
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
    NOTES.with_borrow(|notes| assert_eq!((notes.in_place, notes.elsewhere), (RECORDS - SPANNING, 0)));
    assert_eq!(client.response().await.json()[RECORDS - 1], format!("{:096}", RECORDS - 1));
}
