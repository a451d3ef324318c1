//! The description of the routes, by a validator and by the schemas in it.

use std::net::SocketAddr;

use chunkwire_test_support::process::{has_python_package, is_installed, output};
use tokio::process::Command;

use crate::support::server::{config, serve};

/// Validates a description, and a response of each route that has JSON by the schema that is described.
const VALIDATE: &str = r#"
import json, sys
from urllib.request import urlopen
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
url, routes = sys.argv[1], int(sys.argv[2])
document = json.load(urlopen(url + "/openapi.json", timeout=60))
assert document["openapi"].startswith("3.1."), document["openapi"]
validate(document, cls=OpenAPIV31SpecValidator)
checked = 0
for path, item in document["paths"].items():
    needed = [parameter["name"] for parameter in item["get"]["parameters"] if parameter["in"] == "query" and parameter.get("required")]
    content = item["get"]["responses"]["200"]["content"].get("application/json")
    if content:
        Draft202012Validator.check_schema(content["schema"])
        target = path.replace("{id}", "7").replace("{key}", "7") + "?" + "&".join(f"{name}=3" for name in needed)
        body = json.load(urlopen(url + target, timeout=60))
        Draft202012Validator(content["schema"]).validate(body)
        checked += 1
assert checked == routes, checked
broken = {**document, "paths": {"users": {}}}
try:
    validate(broken, cls=OpenAPIV31SpecValidator)
except Exception:
    pass
else:
    raise AssertionError("it takes anything")
"#;

/// A column of each kind that a schema tells apart.
#[cfg(feature = "postgres")]
const TABLE: &str = "CREATE TABLE kinds AS SELECT n AS id, n::text AS name, n % 2 = 0 AS even, n / 3.0 AS part, 'NaN'::float8 AS no,
    ARRAY[[n, NULL]] AS numbers, '{\"a\":[1]}'::jsonb AS json, now() AS at, NULL::date AS day FROM generate_series(1, 9) n;
    ALTER TABLE kinds ADD PRIMARY KEY (id)";
#[cfg(feature = "postgres")]
const ROUTES: &str = r#"
    [[route]]
    path = "/kinds"
    table = "kinds"
    item = true

    [[route]]
    path = "/least"
    sql = "SELECT id, name, at FROM kinds WHERE id >= $1"
    parameters = [{ name = "least", type = "bigint" }]
    key = ["id"]
    envelope = true
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validator_takes_it_and_responses_are_as_it_says() {
    if !is_installed("python3").await || !has_python_package("openapi_spec_validator, jsonschema").await {
        return;
    }
    validate(serve(&config()), 3).await;

    #[cfg(feature = "postgres")]
    if let Some(cluster) = chunkwire_test_support::postgres::Cluster::start().await {
        cluster.run(TABLE).await;
        let mut config = config();
        let tables = format!("[database]\nurl = '{}'\n{ROUTES}", cluster.url());
        config.tables = Some(tables.parse().unwrap());
        validate(crate::support::server::serve_described(&config).await, 4).await;
    }
}

/// Validates the description of a server with so many routes that have JSON, and their responses.
async fn validate(server: SocketAddr, routes: usize) {
    let mut command = Command::new("python3");
    command.args(["-c", VALIDATE, &format!("http://{server}"), &routes.to_string()]);
    let output = output(command).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
