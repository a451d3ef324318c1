//! Lists and items: what a client gets.

use chunkwire_test_support::client::Client;

use crate::fixture::{ROUTES, cluster, get, serve, text, with_routes};

#[tokio::test]
async fn a_list_is_what_the_database_makes_of_it() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    for (target, rows) in [
        ("/users?limit=3000", "users u ORDER BY id LIMIT 3000"),
        ("/users", "users u ORDER BY id LIMIT 100"),
        ("/users?limit=2&after=7", "users u WHERE id IN (8, 9) ORDER BY id"),
        ("/users?after=2999", "users u WHERE id = 3000"),
        ("/users?after=3000", "users u WHERE false"),
        ("/users?limit=0", "users u WHERE false"),
        (
            "/orders?customer=1",
            "(SELECT placed_at, id, total FROM orders WHERE customer = 1) u ORDER BY placed_at DESC, id",
        ),
        (
            "/orders?customer=2&since=2020-01-03T00:00:00Z&limit=5",
            "(SELECT placed_at, id, total FROM orders WHERE customer = 2 AND placed_at >= '2020-01-03Z') u \
             ORDER BY placed_at DESC, id LIMIT 5",
        ),
    ] {
        let sql = format!("SET TimeZone = 'UTC'; SELECT coalesce(json_agg(u), '[]') FROM (SELECT * FROM {rows}) u");
        let expected: serde_json::Value = serde_json::from_str(&cluster.value(&sql).await).unwrap();
        let response = get(server, target).await;
        assert_eq!((response.status, response.header("content-type")), (200, Some("application/json")), "{target}");
        assert_eq!(response.json(), expected, "{target}");
    }
    let lines = get(server, "/users?limit=2&format=lines").await;
    assert_eq!(text(&lines).lines().count(), 2);
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(lines.header("vary"), Some("accept-encoding"), "it does not depend on Accept");

    let mut client = Client::connect(server).await;
    client.ask("GET", "/users?limit=1", "accept: application/x-ndjson\r\n").await;
    assert_eq!(client.response().await.header("content-type"), Some("application/x-ndjson"));
    client.ask("GET", "/users?limit=1", "accept: text/html\r\n").await;
    assert_eq!(client.response().await.status, 406);
    assert_eq!(client.head("/users").await.status, 200);
}

#[tokio::test]
async fn what_was_cut_goes_on_behind_its_last_key() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    let mut all = Vec::new();
    let mut target = "/orders?customer=1&limit=17".to_owned();
    loop {
        let response = get(server, &target).await;
        let rows = response.json();
        let rows = rows.as_array().unwrap();
        let Some(last) = rows.last() else { break };
        all.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let part = |name: &str| last[name].as_str().unwrap().replace('+', "%2B").replace(',', "%2C");
        target = format!("/orders?customer=1&limit=17&after={},{}", part("placed_at"), part("id"));
    }
    let expected =
        cluster.value("SELECT string_agg(id, ' ' ORDER BY placed_at DESC, id) FROM orders WHERE customer = 1").await;
    assert_eq!(all.join(" "), expected);
}

#[tokio::test]
async fn an_item_is_one_row_or_none() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    let ada = get(server, "/users/7").await;
    assert_eq!((ada.status, ada.header("content-type")), (200, Some("application/json")));
    assert_eq!(ada.json(), get(server, "/users?limit=1&after=6").await.json()[0]);
    assert_eq!(get(server, "/users/%37").await.json()["id"], 7);
    for target in ["/users/0", "/users/3001", "/users/-7"] {
        let missing = get(server, target).await;
        assert_eq!(missing.status, 404, "{target}: {}", text(&missing));
        assert_eq!(missing.header("content-type"), Some("application/problem+json"));
    }
    let order = get(server, "/orders/2020-01-01T00:00:00Z,o%2C1?customer=1").await;
    assert_eq!(order.json()["id"], "o,1");
    assert_eq!(get(server, "/orders/2020-01-01T00:00:00Z,o%2C1?customer=2").await.status, 404);
}

#[tokio::test]
async fn a_response_says_how_the_next_is_asked_for() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    for (target, template) in [
        ("/users", r#""/users{?after}"; rel="next""#),
        ("/users?limit=3&after=5", r#""/users?limit=3{&after}"; rel="next""#),
    ] {
        assert_eq!(get(server, target).await.header("link-template"), Some(template));
    }
    assert_eq!(get(server, "/orders?customer=1").await.header("link-template"), None);
    assert_eq!(get(server, "/users/1").await.header("link-template"), None);
}

#[tokio::test]
async fn an_envelope_leads_from_response_to_response() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    let all = "SELECT string_agg(total::text, ' ' ORDER BY placed_at DESC, id) FROM orders WHERE customer = 1";
    let expected = cluster.value(all).await;
    let count = expected.split(' ').count();
    // With a limit that divides the number of rows, nobody can tell that there are no more.
    assert_eq!(count % 3, 0);
    for (limit, responses) in [(17, count / 17 + 1), (count / 3, 4), (count, 2), (count + 1, 1)] {
        let (mut sent, mut seen, mut next) = (Vec::new(), 0, Some(format!("/totals?%61fter=infinity,&limit={limit}")));
        while let Some(target) = next {
            let page = get(server, &target).await;
            assert_eq!((page.status, page.header("content-type")), (200, Some("application/json")), "{}", text(&page));
            let page = page.json();
            sent.extend(page["rows"].as_array().unwrap().iter().map(|row| row["total"].to_string()));
            next = page["next"].as_str().map(str::to_owned);
            assert!(page["next"].is_null() || next.is_some());
            seen += 1;
        }
        assert_eq!((seen, sent.join(" ")), (responses, expected.clone()), "{limit}");
    }
    let none = get(server, "/totals?limit=0").await.json();
    assert_eq!((none["rows"].as_array().unwrap().len(), &none["next"]), (0, &"/totals?limit=0".into()));
    assert_eq!(text(&get(server, "/totals?limit=2&format=lines").await).lines().count(), 2);
}

#[tokio::test]
async fn the_users_are_not_there_and_what_is_there_is_named() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    for target in ["/api/v1/users", "/nowhere", "/users/", "/users/1/2"] {
        let missing = get(server, target).await;
        assert_eq!(missing.status, 404, "{target}");
        assert!(
            text(&missing).contains("/users, /users/{key}, /orders, /orders/{key}, /totals, /healthz"),
            "{}",
            text(&missing)
        );
    }
    assert_eq!(text(&get(server, "/readyz").await), "ok\n");
}
