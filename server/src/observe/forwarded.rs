//! The clients that trusted proxies name.

use std::net::{IpAddr, SocketAddr};

use chunkwire_engine::Address;
use http::{HeaderMap, HeaderName, header};
use rfc7239::Forwarded;

use crate::trusted_proxy::TrustedProxy;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the address of the client behind a peer that is a trusted proxy: each proxy adds whom it speaks for, so that
/// it is the last of them that is no trusted proxy itself, or the first if all are.
///
/// `X-Forwarded-For` goes before `Forwarded`: a proxy that knows one of them passes on the other as its client has sent
/// it, and few know the second. Whatever is no address hides those before it, and is no reason to refuse a request.
pub(super) fn forwarded_for(headers: &HeaderMap, peer: &Address, trusted: &[TrustedProxy]) -> Option<IpAddr> {
    if !trusted.iter().any(|proxy| proxy.is(peer)) {
        return None;
    }
    let of = |name| headers.get_all(name).iter().rev().map(|value| value.to_str().unwrap_or("?"));
    if headers.contains_key(X_FORWARDED_FOR) {
        let texts = of(X_FORWARDED_FOR).flat_map(|list| list.rsplit(',').map(str::trim));
        return client(texts.filter(|text| !text.is_empty()).map(address), trusted);
    }
    client(
        of(header::FORWARDED).flat_map(|list| rfc7239::parse(list).rev()).map(|element| named(element.ok()?)),
        trusted,
    )
}

/// The client, among addresses from the last to the first.
fn client(mut addresses: impl Iterator<Item = Option<IpAddr>>, trusted: &[TrustedProxy]) -> Option<IpAddr> {
    let mut client = None;
    loop {
        let Some(address) = addresses.next() else { return client };
        client = address;
        if !trusted.iter().any(|proxy| address.is_some_and(|address| proxy.has(address))) {
            return client;
        }
    }
}

/// An address of `X-Forwarded-For`, to which some proxies add a port.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

fn named(element: Forwarded<'_>) -> Option<IpAddr> {
    element.forwarded_for?.ip().map(IpAddr::to_canonical)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const PROXY: &str = "10.0.0.1:4711";

    fn of(peer: &str, fields: &[(&str, &str)]) -> Option<String> {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"].map(|proxy| proxy.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        forwarded_for(&headers, &Address::Tcp(peer.parse().unwrap()), &trusted).map(|address| address.to_string())
    }

    #[test]
    fn nobody_else_is_believed() {
        for name in ["x-forwarded-for", "forwarded"] {
            let value = if name == "forwarded" { "for=192.0.2.7" } else { "192.0.2.7" };
            assert_eq!(of("192.0.2.1:1", &[(name, value)]), None);
            assert_eq!(of(PROXY, &[(name, value)]).as_deref(), Some("192.0.2.7"));
        }
        let headers: HeaderMap = [(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.7"))].into_iter().collect();
        let of = |trusted: &str| forwarded_for(&headers, &Address::Unix(None), &[trusted.parse().unwrap()]);
        assert_eq!((of("::/0"), of("unix").is_some()), (None, true));
    }

    #[test]
    fn the_client_is_the_last_that_is_no_proxy() {
        for (list, expected) in [
            ("192.0.2.7", Some("192.0.2.7")),
            ("1.2.3.4, 192.0.2.7", Some("192.0.2.7")),
            ("1.2.3.4,192.0.2.7 ,\t10.9.9.9, 2001:db8::9", Some("192.0.2.7")),
            ("10.0.0.5, 10.0.0.6", Some("10.0.0.5")),
            ("192.0.2.7:80, [2001:db8::9]:443", Some("192.0.2.7")),
            ("::ffff:192.0.2.7, ::ffff:10.0.0.2", Some("192.0.2.7")),
            ("192.0.2.7,, 10.0.0.2,", Some("192.0.2.7")),
            ("192.0.2.7, unknown", None),
            ("192.0.2.7, é, 10.0.0.2", None),
            ("192.0.2.7\"; for=1.2.3.4", None),
            ("", None),
        ] {
            assert_eq!(of(PROXY, &[("x-forwarded-for", list)]).as_deref(), expected, "{list}");
        }
        let lines = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.0.0.3")];
        assert_eq!(of(PROXY, &lines).as_deref(), Some("192.0.2.7"));
    }

    #[test]
    fn forwarded_is_read_where_it_is_alone() {
        for (list, expected) in [
            ("for=192.0.2.7;proto=https, For=\"[2001:db8::9]:80\";by=_a", Some("192.0.2.7")),
            ("for=\"x, for=192.0.2.7", Some("192.0.2.7")),
            ("for=192.0.2.7, for=unknown", None),
            ("for=192.0.2.7, for=_hidden", None),
            ("for=192.0.2.7, proto=https", None),
            ("for=192.0.2.7, nonsense", None),
        ] {
            assert_eq!(of(PROXY, &[("forwarded", list)]).as_deref(), expected, "{list}");
        }
        let both = [("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(of(PROXY, &both).as_deref(), Some("192.0.2.7"));
    }
}
