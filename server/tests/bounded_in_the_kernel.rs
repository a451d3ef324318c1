//! Promise: what the kernel holds unsent for a stalled reader is about one more chunk, not megabytes.
#![cfg(target_os = "linux")]

mod support;

use std::time::Duration;

use chunkwire::CHUNK_SIZE;
use chunkwire_test_support::client::Client;
use support::server::{config, cut_response};

/// What the kernel may hold unsent: it takes a chunk while less than one is unsent (`tests/bounded_in_the_kernel.rs`).
const UNSENT: usize = 2 * CHUNK_SIZE;

/// What the client's kernel may have: twice what it was told (socket(7), `SO_RCVBUF`).
const RECEIVED: usize = 2 * Client::LITTLE_ROOM as usize;

/// Without `TCP_NOTSENT_LOWAT` the kernel took 2.8 MB here: a send buffer of the size that it has for fast networks.
#[test]
fn a_reader_who_never_reads_costs_the_kernel_less_than_two_chunks() {
    let mut config = config();
    // Long enough to fill any buffer.
    config.engine.shutdown_timeout = Duration::from_millis(500);
    let response = cut_response(&config, "/api/v1/users?limit=1000000");
    let taken = response.body.len();
    assert!(!response.complete && taken > 0);
    assert!(taken <= UNSENT + RECEIVED, "the kernel took {taken} bytes that nobody read");
}
