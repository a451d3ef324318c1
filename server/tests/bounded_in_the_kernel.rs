//! Promise: what the kernel holds unsent for a stalled reader is about one more chunk, not megabytes.
#![cfg(target_os = "linux")]

mod support;

use std::time::Duration;

use chunkwire::CHUNK_SIZE;
use support::server::{config, cut_response};

/// Without `TCP_NOTSENT_LOWAT` the kernel took 2.8 MB here: a send buffer of the size that it has for fast networks.
#[test]
fn a_reader_who_never_reads_costs_the_kernel_a_few_chunks() {
    let mut config = config();
    // Long enough to fill any buffer.
    config.engine.shutdown_timeout = Duration::from_millis(500);
    let response = cut_response(&config, "/api/v1/users?limit=1000000");
    let taken = response.body.len();
    assert!(!response.complete && taken > 0);
    assert!(taken <= 8 * CHUNK_SIZE, "the kernel took {taken} bytes that nobody read");
}
