//! Nothing but `100-continue` can be expected (RFC 9110, section 10.1.1).

use crate::exchange::{Closes, Stays, check, with};

#[tokio::test]
async fn what_is_expected_beyond_100_continue_is_417() {
    let mut cases = Vec::new();
    for expect in ["100-continue", "100-CONTINUE", "", ", 100-continue,,", "100-continue\r\nExpect: 100-continue"] {
        cases.push((with("GET", &format!("Expect: {expect}"), ""), 200, Stays));
    }
    for expect in [
        "x",
        "100",
        "100-continue;x",
        "100-continue, x",
        "x\r\nExpect: 100-continue",
        "100-continue\r\nExpect: x",
        "\"100-continue\"",
        "200-ok",
    ] {
        cases.push((with("GET", &format!("Expect: {expect}"), ""), 417, Stays));
        cases.push((with("HEAD", &format!("Expect: {expect}"), ""), 417, Stays));
        cases.push((with("POST", &format!("Content-Length: 3\r\nExpect: {expect}"), "abc"), 417, Closes));
    }
    check(cases).await;
}
