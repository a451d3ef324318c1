//! `Host` is there once, and is a host and perhaps a port (RFC 9112, section 3.2; RFC 9110, section 7.2).

use crate::exchange::{Case, Closes, Stays, check, fields};

#[tokio::test]
async fn a_host_is_given_once() {
    check(vec![
        (fields(""), 400, Closes),
        (fields("Accept: */*\r\n"), 400, Closes),
        (fields("Host: a\r\nHost: a\r\n"), 400, Closes),
        (fields("Host: a\r\nAccept: */*\r\nhost: b\r\n"), 400, Closes),
        (fields("Host:\r\nHost:\r\n"), 400, Closes),
        // Also where the target says it all (RFC 9112, section 3.2.2).
        (b"GET http://a/healthz HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        (b"HEAD /healthz HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        (b"OPTIONS * HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        (b"FOO /healthz HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        // HTTP/1.0 may leave it out, and no more than that.
        (b"GET /healthz HTTP/1.0\r\n\r\n".to_vec(), 200, Closes),
        (b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_vec(), 200, Stays),
        (b"GET /healthz HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n".to_vec(), 400, Closes),
        (b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\nHost: a b\r\n\r\n".to_vec(), 400, Closes),
    ])
    .await;
}

#[tokio::test]
async fn a_host_is_a_host_and_perhaps_a_port() {
    let valid = [
        "Host: a\r\n",
        "Host:a\r\n",
        "Host: \t a \t\r\n",
        "HOST: EXAMPLE.com.\r\n",
        "Host: a:80\r\n",
        "Host: a:\r\n",
        "Host: 127.0.0.1:65535\r\n",
        "Host: [::1]\r\n",
        "Host: [2001:db8::ff]:3000\r\n",
        "Host: [::ffff:192.0.2.1]\r\n",
        "Host: a_b-c~d\r\n",
        "Host: caf%C3%A9.example\r\n",
        // RFC 9112, sections 3.2 and 3.3.
        "Host:\r\n",
        "Host: \r\n",
    ];
    let invalid = [
        "u@a",
        "u:p@a",
        "@",
        "a/",
        "/",
        "a/b",
        "a,b",
        "a, a",
        "a b",
        "a\tb",
        "http://a",
        "http://a/",
        "a?b",
        "?",
        "a#b",
        "a\\b",
        "\\",
        ":80",
        ":",
        "a:x",
        "a:80x",
        "a:+80",
        "a:-80",
        "a:65536",
        "a:80:80",
        "a: 80",
        "[::1",
        "::1",
        "[]",
        "[x]",
        "[::1]x",
        "[::1]:x",
        "[1::2::3]",
        "[::1%25eth0]",
        "[127.0.0.1]",
        "a[::1]",
        "\"a\"",
        "<a>",
        "a|b",
        "a%4",
        "a%zz",
        "é",
        "{a}",
        "a^",
        "`a`",
    ];
    let mut cases: Vec<Case> = Vec::new();
    cases.extend(valid.iter().map(|host| (fields(host), 200, Stays)));
    cases.extend(invalid.iter().map(|host| (fields(&format!("Host: {host}\r\n")), 400, Closes)));
    cases.push((b"GET /healthz HTTP/1.1\r\nHost: a\xff\r\n\r\n".to_vec(), 400, Closes));
    cases.push((b"GET /healthz HTTP/1.1\r\nHost: \xa0\r\n\r\n".to_vec(), 400, Closes));
    check(cases).await;
}
