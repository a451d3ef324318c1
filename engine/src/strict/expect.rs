//! The `Expect` header field.

use http::{HeaderMap, header};

use super::refusal::Refusal;

/// Checks that a client expects nothing but `100-continue` (RFC 9110, section 10.1.1), which no response here waits for.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    for value in headers.get_all(header::EXPECT) {
        let mut members = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        // A list may have empty members (RFC 9110, section 5.6.1.2).
        if !members.all(|member| member.is_empty() || member.eq_ignore_ascii_case(b"100-continue")) {
            return Err(Refusal::expectation_failed(value));
        }
    }
    Ok(())
}
