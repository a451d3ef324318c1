//! The page as HTML: one file, with its style and its script in it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::uri::Authority;
use sha2::{Digest as _, Sha256};

use super::escaped::Escaped;
use super::figure::Figure;
use super::sample::Sample;
use crate::about::{About, Argument, Tell};

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// What the page may do: run its own script, and ask this server (Content Security Policy Level 3). Nothing of another
/// place is loaded, and what could be smuggled into it does not run.
pub(super) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; img-src data:; base-uri \
         'none'; form-action 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    policy.parse().expect("it is ASCII")
});

/// What the page says beside the figures.
#[derive(Clone)]
pub(crate) struct Page {
    /// The routes that have records, and the server's own.
    pub(crate) records: Vec<Tell>,
    pub(crate) own: Vec<Tell>,
    /// The scheme of the routes that have records.
    pub(crate) scheme: &'static str,
    /// Their port, if it is not that of the page.
    pub(crate) port: Option<u16>,
}

impl Page {
    /// Writes it for a client that has asked this host, with the figures of a sample.
    pub(super) fn html(&self, host: &Authority, sample: Option<&Sample>) -> String {
        let (own, records) = match self.port {
            Some(port) => (format!("http://{host}"), format!("{}://{}:{port}", self.scheme, host.host())),
            None => (format!("{}://{host}", self.scheme), format!("{}://{host}", self.scheme)),
        };
        let mut routes = String::new();
        let elsewhere = if self.port.is_some() { &*records } else { "" };
        self.records.iter().for_each(|tell| write_route(&mut routes, &tell(), elsewhere));
        self.own.iter().for_each(|tell| write_route(&mut routes, &tell(), ""));
        // What comes from outside is put in last.
        PAGE.replace("{{style}}", STYLE)
            .replace("{{script}}", SCRIPT)
            .replace("{{version}}", env!("CARGO_PKG_VERSION"))
            .replace("{{figures}}", &figures(sample))
            .replace("{{commands}}", &self.commands(&own, &records))
            .replace("{{routes}}", &routes)
    }

    fn commands(&self, own: &str, records: &str) -> String {
        let mut text = String::new();
        let first = self.records.iter().map(|tell| tell()).find(|route| !route.examples.is_empty());
        if let Some(route) = first {
            let url = format!("{records}{}", route.path);
            write_command(&mut text, "A thousand clients at once:", &format!("wrk -t2 -c1000 -d60s '{url}'"));
            write_command(&mut text, "Three records, and how they travel:", &format!("curl -N -v '{url}?limit=3'"));
            if let Some(most) = route.most {
                let command = format!("curl -sN '{url}?limit={most}' | wc -c");
                write_command(&mut text, "As many records as a request may ask for:", &command);
                let slow = format!("curl -s -m 60 --limit-rate 1k -o /dev/null '{url}?limit={most}'");
                let command = format!("seq 100 | xargs -P 100 -I {{}} {slow}");
                write_command(&mut text, "A hundred clients that hardly read, for a minute:", &command);
            }
        }
        write_command(&mut text, "The figures of this page, as lines of JSON:", &format!("curl -N '{own}/live'"));
        text
    }
}

fn figures(sample: Option<&Sample>) -> String {
    let mut text = String::new();
    for figure in Figure::ALL {
        let number = sample.and_then(|sample| figure.of(sample));
        // A server without a database has no connections to one.
        if number.is_none() && figure.is_of_database() {
            continue;
        }
        let value = number.map_or_else(|| "not known".to_owned(), |number| figure.text(number));
        let (key, unit, label, about) = (figure.key, figure.unit.name(), figure.label(), figure.about);
        let _ = writeln!(
            text,
            "<section class=\"figure\" data-key=\"{key}\" data-unit=\"{unit}\"><h3>{label}</h3><p class=\"value\">{value}</p>\
             <div class=\"chart\" role=\"img\" aria-label=\"{label}: {value}\"></div><p class=\"about\">{about}</p></section>"
        );
    }
    text
}

fn write_command(text: &mut String, about: &str, command: &str) {
    let command = Escaped(command);
    let _ = writeln!(
        text,
        "<div class=\"command\"><p>{about}</p><div class=\"line\"><pre><code>{command}</code></pre></div></div>"
    );
}

fn write_route(text: &mut String, route: &About, origin: &str) {
    let About { path, about, arguments, examples, .. } = route;
    let (path, about) = (Escaped(path), Escaped(about));
    let _ = write!(text, "<article class=\"route\"><h3><code>{path}</code></h3><div><p>{about}</p>");
    if !arguments.is_empty() {
        text.push_str("<ul>");
        for Argument { name, allowed, otherwise } in arguments {
            let allowed = format!("{allowed}{otherwise}");
            let _ = write!(text, "<li><code>{}</code>: {}</li>", Escaped(name), Escaped(&allowed));
        }
        text.push_str("</ul>");
    }
    if !examples.is_empty() {
        text.push_str("<p class=\"links\">");
        for target in examples {
            let (origin, target) = (Escaped(origin), Escaped(target));
            let _ = write!(text, "<a href=\"{origin}{target}\">{target}</a> ");
        }
        text.push_str("</p>");
    }
    text.push_str("</div></article>\n");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn page() -> Page {
        let users = || About { most: Some(9), ..About::plain("/users", "Users & more", "text/plain") };
        let live = || About::plain("/live", "Figures", "text/plain");
        Page { records: vec![Arc::new(users)], own: vec![Arc::new(live)], scheme: "https", port: None }
    }

    #[test]
    fn it_has_no_gap_and_no_markup_of_others() {
        let host = Authority::from_static("a.example:8443");
        let html = page().html(&host, Some(&Sample { connections_open: 1234, ..Sample::default() }));
        assert!(!html.contains("{{") && !html.contains("}}"), "a gap is left");
        for part in [
            "<p class=\"value\">1,234</p>",
            "<a href=\"/users\">/users</a>",
            "Users &amp; more",
            "curl -sN &#39;https://a.example:8443/users?limit=9&#39; | wc -c",
            "curl -N &#39;https://a.example:8443/live&#39;",
        ] {
            assert!(html.contains(part), "there is no {part}");
        }
        assert!(!html.contains("Database"), "there is none");
        let leased = Sample { database_connections_leased: Some(5), ..Sample::default() };
        assert!(page().html(&host, Some(&leased)).contains("Database connections in use"));
    }

    #[test]
    fn at_an_address_of_its_own_it_leads_to_the_other() {
        let admin = Page { port: Some(3000), ..page() };
        let html = admin.html(&Authority::from_static("[::1]:9000"), None);
        for part in ["<a href=\"https://[::1]:3000/users\">", "<a href=\"/live\">", "&#39;http://[::1]:9000/live&#39;"]
        {
            assert!(html.contains(part), "there is no {part}");
        }
    }
}
