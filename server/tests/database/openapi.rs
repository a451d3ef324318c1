//! The description of routes that a database answers.

use std::future::pending;

use chunkwire_server::Server;
use serde_json::{Value, json};

use crate::fixture::{ROUTES, cluster, get, serve, with_routes};
use crate::support::described::{answers_as_described, description};

/// A column of each kind of value.
const KINDS: &str = "CREATE TABLE kinds AS SELECT 1 AS id, 2::smallint AS a, true AS b, 'NaN'::numeric(9, 2) AS c,
    'Infinity'::float8 AS d, 'x'::varchar(9) AS e, '{\"a\":[1]}'::jsonb AS f, ARRAY[[1, 2], [3, 4]] AS g,
    interval '1 day' AS h, '(1,2)'::point AS i, '\\x00'::bytea AS j, now() AS k, int4range(1, 2) AS l,
    1::oid AS n, 1.5::real AS o; ALTER TABLE kinds ADD PRIMARY KEY (id)";
const ROUTE: &str = "[[route]]\npath = \"/kinds\"\ntable = \"kinds\"\nitem = true\n
    columns = [\"id\", \"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\", \"j\", \"k\", \"l\", \"n\", \"o\"]\n
    [[route]]\npath = \"/moment\"\ntable = \"users\"\nconsistency = \"snapshot\"\n";

#[tokio::test]
async fn every_route_of_a_database_answers_as_it_is_described() {
    let Some(cluster) = cluster().await else { return };
    cluster.run(KINDS).await;
    let server = serve(&with_routes(&cluster, "", &format!("{ROUTES}{ROUTE}"))).await;
    let keys = [
        ("/users/{key}", "/users/7"),
        ("/orders/{key}", "/orders/2020-01-01T00:00:00Z,o%2C1"),
        ("/kinds/{key}", "/kinds/1"),
    ];
    let after = [
        ("/users", "7"),
        ("/orders", "2020-01-01T00:00:00Z,o%2C1"),
        ("/totals", "2020-01-01T00:00:00Z,o%2C1"),
        ("/kinds", "0"),
    ];
    answers_as_described(server, &keys, &[("customer", "1")], &after).await;
    let description = description(server).await;
    let of = |path: &str| &description["paths"][path]["get"];
    let row = &of("/users")["responses"]["200"]["content"]["application/json"]["schema"]["items"];
    assert_eq!(row["properties"]["id"], json!({ "type": ["integer", "null"] }));
    assert_eq!(row["properties"]["tags"], json!({ "type": ["array", "null"] }));
    let names = |path: &str| -> Vec<&Value> {
        of(path)["parameters"].as_array().unwrap().iter().map(|parameter| &parameter["name"]).collect()
    };
    assert_eq!(names("/users"), ["limit", "format", "after"]);
    assert_eq!(names("/moment"), ["limit", "format"]);
    assert_eq!(names("/orders/{key}"), ["key", "customer", "since"]);
    let after = &of("/orders")["parameters"][2]["description"];
    assert_eq!(after, "placed_at (timestamp with time zone), id (text), with commas between");
}

/// Until then there are routes, and nobody knows of what rows.
#[tokio::test]
async fn there_is_none_until_the_database_was_asked() {
    let Some(cluster) = cluster().await else { return };
    let server = Server::bind(&with_routes(&cluster, "", ROUTES)).unwrap();
    let (address, described) = (server.local_addr().unwrap(), server.describe());
    tokio::spawn(server.serve(pending()));
    let response = get(address, "/openapi.json").await;
    assert_eq!((response.status, response.header("retry-after")), (503, Some("1")));
    described.await.unwrap();
    assert_eq!(get(address, "/openapi.json").await.status, 200);
}
