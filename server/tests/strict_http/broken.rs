//! A hundred thousand requests that were mutated, and bytes that never were one, do no harm.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::exchange::{NEXT, NEXT_RESPONSE};
use crate::support::server::{config, serve};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::time::soon;

/// Steele, Lea and Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a [u8]]) -> &'a [u8] {
        choices[self.below(choices.len())]
    }
}

/// Requests to break.
const WHOLE: &[&[u8]] = &[
    b"GET /api/v1/users?limit=3&offset=10 HTTP/1.1\r\nHost: localhost:3000\r\nAccept: application/x-ndjson\r\n\r\n",
    b"HEAD http://[::1]:80/api/v1/users/7 HTTP/1.1\r\nHost: [::1]:80\r\nConnection: keep-alive\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    b"PUT /api/v1/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
    b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"\r\nTRACE /%41?a=%zz HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
];

/// Pieces that mean something somewhere.
const PIECES: &[&[u8]] = &[
    b"\r\n",
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b"/",
    b"\\",
    b"@",
    b"#",
    b"?",
    b"%",
    b"%0a",
    b"[",
    b"]",
    b"*",
    b"\"",
    b"\xff",
    b"\xc3\xa9",
    b"\x7f",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"http://",
    b"https://",
    b"GET ",
    b"HEAD ",
    b"CONNECT ",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"Host: a\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 18446744073709551615\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"Expect: x\r\n",
    b"Accept: ;;\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"-1",
    b"99999",
];

/// A request with a few things changed.
fn mutated(random: &mut Random) -> Vec<u8> {
    let mut bytes = random.one_of(WHOLE).to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = at + random.below(bytes.len() + 1 - at).min(20);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..end, random.one_of(PIECES).iter().copied())),
            3 => drop(bytes.splice(at..at, random.one_of(PIECES).iter().copied())),
            4 => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, piece));
            }
            5 => drop(bytes.splice(at..at, random.one_of(PIECES).repeat(random.below(800)))),
            _ if at < bytes.len() => bytes[at] = random.next() as u8,
            _ => bytes.push(random.next() as u8),
        }
    }
    bytes
}

/// Bytes that are no request: the first is never that of a method.
fn garbage(random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![b"\0\x16\x80 (<\x7f\xff"[random.below(8)]];
    bytes.extend((0..random.below(200)).map(|_| random.next() as u8));
    bytes
}

/// Whether the response to [`NEXT`] has come, to its end.
fn is_next_answered(said: &[u8]) -> bool {
    said.ends_with(b"}") && said.windows(NEXT_RESPONSE.len()).any(|window| window == NEXT_RESPONSE)
}

/// One after the other on a connection, for as long as the server keeps it.
async fn break_requests(server: SocketAddr, seed: u64, count: usize) {
    // Ends what the broken request left open, and comes through as a request of its own if anything does.
    let probe = [b"\r\n\r\n", &NEXT[..NEXT.len() - b"Connection: close\r\n\r\n".len()], b"\r\n"].concat();
    let mut random = Random(seed);
    let mut kept = None;
    for number in 0..count {
        let is_garbage = random.below(4) == 0;
        let bytes = if is_garbage { garbage(&mut random) } else { mutated(&mut random) };
        let shown =
            || format!("{number} of seed {seed}: {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]));
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => soon(TcpStream::connect(server)).await.unwrap(),
        };
        let sent = stream.write_all(&[&bytes[..], &probe].concat()).await;
        let mut said = Vec::new();
        loop {
            match soon(stream.read_buf(&mut said)).await {
                Ok(0) | Err(_) => break,
                Ok(_) if sent.is_ok() && is_next_answered(&said) => {
                    kept = Some(stream);
                    break;
                }
                Ok(_) => {}
            }
        }
        // A close without a word will do too, and frames for a preface of HTTP/2, before which hyper
        // skips empty lines.
        let is_http2 = bytes.trim_ascii_start().starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        if !said.is_empty() && !is_http2 {
            let status = str::from_utf8(&said[9..12]).unwrap().parse::<u16>().unwrap();
            let allowed: &[u16] =
                if is_garbage { &[400, 431] } else { &[200, 204, 400, 404, 405, 406, 414, 417, 431, 501] };
            assert!(allowed.contains(&status), "{status} for {}", shown());
            assert!(!is_garbage || kept.is_none(), "{}", shown());
        }
    }
}

#[test]
fn a_hundred_thousand_broken_requests_do_no_harm() {
    const THREADS: &str = "broken-requests";
    const CLIENTS: usize = 50;
    const EACH: usize = 2000;
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Other tests have threads of their own.
        if std::thread::current().name() == Some(THREADS) {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        hook(panic);
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name(THREADS)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut config = config();
        config.users = 10;
        config.max_users = 100;
        let server = tokio::spawn(async move { serve(&config) }).await.unwrap();
        let mut clients = JoinSet::new();
        for seed in 0..CLIENTS {
            clients.spawn(break_requests(server, seed as u64, EACH));
        }
        let mut kept = Client::connect(server).await;
        let mut served = 0;
        while !clients.is_empty() {
            while let Some(client) = clients.try_join_next() {
                client.unwrap();
            }
            let fresh = Client::connect(server).await.get("/api/v1/users/1").await;
            let again = kept.get("/api/v1/users?limit=100").await;
            assert_eq!((fresh.status, again.status, again.json().as_array().unwrap().len()), (200, 200, 100));
            served += 1;
            sleep(Duration::from_millis(20)).await;
        }
        assert!(served > 10, "good requests were asked only {served} times");
    });
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}
