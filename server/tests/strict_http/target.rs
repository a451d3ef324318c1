//! The target has the form that its method allows, and the characters of a URI (RFC 9112, section 3.2).

use crate::exchange::{Closes, Stays, check, line};

#[tokio::test]
async fn a_target_has_the_form_that_its_method_allows() {
    let mut cases = Vec::new();
    for (target, status) in [
        ("/healthz", 200),
        ("/healthz?", 200),
        ("/a?a=/?:@!$&'()*+,;=-._~%20", 404),
        ("/a?a[]=1", 404),
        ("/%68ealthz", 404),
        ("//healthz", 404),
        ("/healthz/*", 404),
        ("/http://a/", 404),
        ("http://a/healthz", 200),
        ("HTTP://A:80/healthz?", 200),
        ("http://a:/healthz", 200),
        ("http://[::1]:3000/healthz", 200),
        ("http://a", 200),
        ("http://a?x", 400),
        // The parser of the URI cuts fragments off before anyone sees them.
        ("/healthz#x", 200),
    ] {
        cases.push((line("GET", target), status, Stays));
        cases.push((line("HEAD", target), status, Stays));
    }
    for target in [
        "*",
        "**",
        "healthz",
        "healthz/",
        "localhost",
        "localhost:80",
        "localhost:80/healthz",
        "?x",
        "#x",
        ".",
        "%2Fhealthz",
        "https://localhost/healthz",
        "ftp://localhost/healthz",
        "ws://localhost/healthz",
        "http:/healthz",
        "http:healthz",
        "http:///healthz",
        "http://",
        "http://?x",
        "http://:80/healthz",
        "http://u@a/healthz",
        "http://u:p@a/healthz",
        "http://@a/healthz",
        "http://a:x/healthz",
        "http://a:65536/healthz",
        "http://a:+80/healthz",
        "http://[::1/healthz",
        "http://[x]/healthz",
        "http://a[::1]/healthz",
        "http://a,b/healthz",
        "://a/healthz",
        "file:///healthz",
    ] {
        cases.push((line("GET", target), 400, Closes));
    }
    for (method, target, status, then) in [
        ("OPTIONS", "*", 204, Stays),
        ("OPTIONS", "/healthz", 204, Stays),
        ("OPTIONS", "http://a/healthz", 204, Stays),
        ("OPTIONS", "**", 400, Closes),
        ("OPTIONS", "http://a*", 204, Stays),
        ("OPTIONS", "a:80", 400, Closes),
        ("POST", "*", 400, Closes),
        ("TRACE", "*", 400, Closes),
        ("FOO", "*", 400, Closes),
        ("HEAD", "*", 400, Closes),
        ("CONNECT", "a:443", 405, Closes),
        ("CONNECT", "[::1]:443", 405, Closes),
        ("CONNECT", "a", 400, Closes),
        ("CONNECT", "a:", 400, Closes),
        ("CONNECT", ":443", 400, Closes),
        ("CONNECT", "a:x", 400, Closes),
        ("CONNECT", "u@a:443", 400, Closes),
        ("CONNECT", "*", 400, Closes),
        ("CONNECT", "/healthz", 400, Closes),
        ("CONNECT", "http://a:443/", 400, Closes),
    ] {
        cases.push((line(method, target), status, then));
    }
    check(cases).await;
}

#[tokio::test]
async fn a_target_has_the_characters_of_a_uri() {
    let mut cases = Vec::new();
    for character in ["\"", "<", ">", "é", "\u{2028}", "\u{1}", "\t", "\u{7f}"] {
        for target in ["/a?", "/healthz?a", "/healthz?", "http://a/a?", "http://a/healthz?b"] {
            // After the path, after the query, and in either.
            let path = target.strip_suffix('?').unwrap_or(target);
            cases.push((line("GET", &format!("{path}{character}")), 400, Closes));
            cases.push((line("GET", &format!("{path}{character}b")), 400, Closes));
        }
        cases.push((line("OPTIONS", &format!("/{character}")), 400, Closes));
    }
    cases.push((b"GET /healthz?\xff HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), 400, Closes));
    cases.push((b"GET /healthz?\0 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), 400, Closes));
    check(cases).await;
}

/// What browsers don't escape (URL Standard, section 1.3), though no URI has it.
#[tokio::test]
async fn a_target_has_the_characters_that_browsers_send() {
    let mut cases = Vec::new();
    for character in ["\\", "^", "`", "{", "|", "}", "[", "]", "'"] {
        for start in ["/a", "http://a/a", "/a?b="] {
            let in_query = format!("{start}?{character}b={character}");
            cases.push((line("GET", &in_query), 404, Stays));
        }
        let in_path = if "\\`{}".contains(character) { (400, Closes) } else { (404, Stays) };
        cases.push((line("GET", &format!("/a{character}b?c")), in_path.0, in_path.1));
        let known = format!("/api/v1/users/1?{character}=1");
        cases.push((line("GET", &known), 400, Stays));
    }
    check(cases).await;
}
