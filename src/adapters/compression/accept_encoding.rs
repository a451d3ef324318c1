//! Whether a client takes gzip.

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, Method, Request};

/// What a client wants of its response, for [`Compressed::response`](crate::Compressed::response).
///
/// It is read before a service takes the request.
///
/// # Examples
///
/// ```
/// use chunkwire::AcceptEncoding;
/// use http::Request;
///
/// let accepts = |encodings| AcceptEncoding::of(&Request::get("/").header("accept-encoding", encodings).body(()).unwrap());
/// assert!(accepts("br, gzip;q=0.8").prefers_gzip());
/// assert!(!accepts("gzip;q=0").prefers_gzip());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AcceptEncoding {
    prefers_gzip: bool,
    is_head: bool,
}

impl AcceptEncoding {
    /// Returns what a request says, by its method and `Accept-Encoding`.
    pub fn of<B>(request: &Request<B>) -> Self {
        Self { prefers_gzip: prefers_gzip(request.headers()), is_head: request.method() == Method::HEAD }
    }

    /// Returns whether the client prefers gzip, or has no preference, to what is not compressed (RFC 9110, section
    /// 12.5.3). Without the header, or with what can't be read, nothing is compressed.
    pub fn prefers_gzip(&self) -> bool {
        self.prefers_gzip
    }

    /// Returns whether only the head is sent.
    pub(super) fn is_head(&self) -> bool {
        self.is_head
    }
}

fn prefers_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for value in headers.get_all(ACCEPT_ENCODING) {
        let Ok(value) = value.to_str() else { return false };
        for coding in value.split(',') {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let Some(quality) = quality(parameters) else { return false };
            match name.trim().to_ascii_lowercase().as_str() {
                // Section 8.4.1.3: the same coding.
                "gzip" | "x-gzip" => gzip = Some(quality),
                "identity" => identity = Some(quality),
                "*" => any = Some(quality),
                _ => {}
            }
        }
    }
    let gzip = gzip.or(any).unwrap_or(0);
    gzip > 0 && gzip >= identity.unwrap_or(0)
}

/// Returns a weight in thousandths, 1,000 if there is none (RFC 9110, section 12.4.2).
fn quality(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let value = parameters.strip_prefix("q=").or_else(|| parameters.strip_prefix("Q="))?;
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|digit| digit.is_ascii_digit());
    let decimals: u16 = format!("{decimals:0<3}").parse().ok().filter(|_| is_number)?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn weights_decide() {
        for (values, expected) in [
            (&[][..], false),
            (&[""], false),
            (&["gzip"], true),
            (&["GZip"], true),
            (&["x-gzip"], true),
            (&["gzip, deflate, br, zstd"], true),
            (&["deflate, br"], false),
            (&["br", "gzip;q=0.1"], true),
            (&["gzip;q=0"], false),
            (&["gzip; q=0.000"], false),
            (&["*"], true),
            (&["*;q=0"], false),
            (&["gzip;q=0, *"], false),
            (&["identity"], false),
            (&["identity, gzip"], true),
            (&["identity;q=1, gzip;q=0.999"], false),
            (&["identity;q=0.5, gzip;Q=1.000"], true),
            (&["identity;q=0, *;q=0.001"], true),
            (&["gzip;q=1.5"], false),
            (&["gzip;q=0.1234"], false),
            (&["gzip;q=x"], false),
            (&["gzip;level=1"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(prefers_gzip(&headers), expected, "{values:?}");
        }
    }
}
