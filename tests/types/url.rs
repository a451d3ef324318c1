use url::Url;

use super::{check_is, check_key};

#[test]
fn urls() {
    check_is(&Url::parse("HTTPS://Example.com").unwrap(), r#""https://example.com/""#);
    for url in [
        "http://user:pass@[::1]:8080/a%20b?q=\"x\"&y=é#'fragment\\",
        "data:text/plain,\"quoted\"\\",
        "mailto:ada@example.com",
        "file:///C:/a b",
        "https://ключ.example/\u{2028}",
    ] {
        check_key(&Url::parse(url).unwrap());
    }
}
