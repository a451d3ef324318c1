//! The description of the routes, by a validator and by the schemas in it.

use chunkwire_test_support::process::{has_python_package, is_installed, output};
use tokio::process::Command;

use crate::support::server::{config, serve};

/// Validates a description, and a response of each route that has JSON by the schema that is described.
const VALIDATE: &str = r#"
import json, sys
from urllib.request import urlopen
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
url = sys.argv[1]
document = json.load(urlopen(url + "/openapi.json", timeout=60))
assert document["openapi"].startswith("3.1."), document["openapi"]
validate(document, cls=OpenAPIV31SpecValidator)
checked = 0
for path, item in document["paths"].items():
    content = item["get"]["responses"]["200"]["content"].get("application/json")
    if content:
        Draft202012Validator.check_schema(content["schema"])
        body = json.load(urlopen(url + path.replace("{id}", "7"), timeout=60))
        Draft202012Validator(content["schema"]).validate(body)
        checked += 1
assert checked == 3, checked
broken = {**document, "paths": {"users": {}}}
try:
    validate(broken, cls=OpenAPIV31SpecValidator)
except Exception:
    pass
else:
    raise AssertionError("it takes anything")
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validator_takes_it_and_responses_are_as_it_says() {
    if !is_installed("python3").await || !has_python_package("openapi_spec_validator, jsonschema").await {
        return;
    }
    let server = serve(&config());
    let mut command = Command::new("python3");
    command.args(["-c", VALIDATE, &format!("http://{server}")]);
    let output = output(command).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
