//! Parameters and keys that are wrong, or mean harm.

use crate::fixture::{ROUTES, cluster, get, serve, text, with_routes};

/// Texts that would do something if any of them became SQL.
const INJECTIONS: &[&str] = &[
    "1 OR 1=1",
    "1; DROP TABLE users; --",
    "1'; DROP TABLE users; --",
    "' OR '1'='1",
    "1) OR (1=1",
    "1 UNION SELECT 1",
    "$1",
    "1/**/OR/**/1=1",
    "(SELECT 1)",
    "1\\'; DROP TABLE users; --",
    "\u{2019}; DROP TABLE users; --",
    "1\0; DROP TABLE users",
    "pg_sleep(10)",
    "%s%n",
    "\"users\"",
    "NULL",
    "",
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_value_that_is_none_of_its_type_is_named() {
    let Some(cluster) = cluster().await else { return };
    let wrong = [
        ("smallint", "32768"),
        ("integer", "1.5"),
        ("bigint", "9223372036854775808"),
        ("numeric", "1,5"),
        ("real", "1e99"),
        ("double precision", "1e999"),
        ("boolean", "2"),
        ("date", "2020-02-30"),
        ("time", "25:00"),
        ("timestamp", "yesterdayish"),
        ("timestamptz", "2020-01-01T00:00:00 Nowhere/City"),
        ("interval", "1 fortnite"),
        ("uuid", "123"),
        ("bytea", "\\xg0"),
        ("json", "{\"a\":"),
        ("jsonb", "{'a':1}"),
        ("inet", "300.1.1.1"),
        ("macaddr", "08:00"),
        ("mood", "angry"),
        ("integer[]", "{1,2"),
        ("int4range", "[5,1]"),
        ("point", "(1)"),
        ("bit(3)", "012"),
        ("money", "much"),
        ("oid", "-5000000000"),
        ("tsquery", "a &"),
        ("xml", "<a>"),
    ];
    let routes: String = (wrong.iter().enumerate())
        .map(|(number, (name, _))| {
            format!(
                "[[route]]\npath = \"/t{number}\"\nkey = [\"id\"]\nlimit = {{ default = 1 }}\n\
                 sql = \"SELECT id FROM users WHERE $1 IS NOT NULL\"\n\
                 parameters = [{{ name = \"value\", type = \"{name}\" }}]\n"
            )
        })
        .collect();
    let server = serve(&with_routes(&cluster, "", &routes)).await;
    for (number, (type_name, value)) in wrong.iter().enumerate() {
        let response = get(server, &format!("/t{number}?value={}", encoded(value))).await;
        let problem = response.json();
        assert_eq!(response.status, 400, "{type_name}: {problem}");
        assert_eq!((&problem["parameter"], &problem["given"]), (&"value".into(), &(*value).into()), "{problem}");
        assert_eq!(problem["allowed"], format!("a value of the type {type_name}"));
        for said in ["invalid", "syntax", "out of range", "$1", "portal"] {
            assert!(!text(&response).contains(said), "{problem}");
        }
    }
}

#[tokio::test]
async fn nothing_of_a_request_becomes_sql() {
    let Some(cluster) = cluster().await else { return };
    let routes = format!(
        "{ROUTES}\n[[route]]\npath = \"/named\"\nsql = \"SELECT * FROM users WHERE name = $1\"\nkey = [\"id\"]\n\
         item = true\nparameters = [{{ name = \"name\", type = \"text\" }}]\n"
    );
    let server = serve(&with_routes(&cluster, "", &routes)).await;
    for text_of in INJECTIONS {
        let value = encoded(text_of);
        for target in [
            format!("/users?limit={value}"),
            format!("/users?after={value}"),
            format!("/users?format={value}"),
            format!("/users?{value}=1"),
            format!("/orders?customer={value}"),
            format!("/orders?customer=1&since={value}"),
            format!("/orders?customer=1&after={value},x"),
            format!("/orders/{value},x?customer=1"),
            format!("/users/{value}"),
        ] {
            let response = get(server, &target).await;
            let is_refused = matches!(response.status, 400 | 404);
            assert!(is_refused, "{target}: {} {}", response.status, text(&response));
        }
        // Any text may be a name, or a part of a key.
        let named = get(server, &format!("/named?name={value}")).await;
        let behind = get(server, &format!("/orders?customer=1&after=1999-01-01,{value}")).await;
        if text_of.contains('\0') {
            assert_eq!((named.status, behind.status), (400, 400));
        } else {
            assert_eq!((text(&named), text(&behind)), ("[]", "[]"), "{text_of}");
        }
    }
    assert_eq!(cluster.value("SELECT count(*) FROM users").await, "3000");
    assert_eq!(get(server, "/users?limit=1").await.status, 200);
}

#[tokio::test]
async fn what_is_not_known_or_missing_is_named() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    for (target, parameter, allowed) in [
        ("/users?page=2", "page", "limit, after, format"),
        ("/users?offset=2", "offset", "limit, after, format"),
        ("/users/7?limit=2", "limit", "no parameter"),
        ("/orders?customer=1&Since=2020-01-01", "Since", "customer, since, limit, after, format"),
        ("/orders", "customer", "a value of the type bigint"),
        ("/orders?since=2020-01-01", "customer", "a value of the type bigint"),
        ("/orders?customer=1&customer=2", "customer", "once"),
        ("/users?limit=1&limit=1", "limit", "once"),
        ("/users?limit=5001", "limit", "from 0 to 5000"),
        ("/users?limit=-1", "limit", "from 0 to 5000"),
        ("/users?limit=", "limit", "from 0 to 5000"),
        ("/users?after=1&after=2", "after", "once"),
        ("/users?after=1,2", "after", "id (bigint)"),
        ("/users?after=x", "after", "id (bigint)"),
        ("/users?after=", "after", "id (bigint)"),
        ("/users?after=%zz", "after", "hexadecimal"),
        (
            "/orders?customer=1&after=2020-01-01",
            "after",
            "placed_at (timestamp with time zone), id (text), with commas",
        ),
        ("/orders?customer=1&after=x,y", "after", "placed_at (timestamp with time zone), id (text), with commas"),
        ("/users?format=xml", "format", "array or lines"),
        ("/users/x", "id", "id (bigint)"),
        ("/users/1,2", "id", "id (bigint)"),
        ("/users/9223372036854775808", "id", "id (bigint)"),
    ] {
        let response = get(server, target).await;
        let problem = response.json();
        assert_eq!(response.status, 400, "{target}: {problem}");
        assert_eq!(problem["parameter"], parameter, "{target}: {problem}");
        assert!(problem["allowed"].as_str().unwrap().contains(allowed), "{target}: {problem}");
    }
}
