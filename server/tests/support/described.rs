//! Whether a server answers as its description says.

use std::net::SocketAddr;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::time::soon;
use serde_json::Value;

/// The description of a server.
pub(crate) async fn description(server: SocketAddr) -> Value {
    let response = Client::connect(server).await.get("/openapi.json").await;
    assert_eq!((response.status, response.header("content-type")), (200, Some("application/json")));
    response.json()
}

/// The operations of a description, by their paths.
pub(crate) fn operations(description: &Value) -> Vec<(&str, &Value)> {
    let paths = description["paths"].as_object().unwrap();
    paths.iter().map(|(path, item)| (&**path, &item["get"])).collect()
}

/// Asks for every route of a server: for each media type, with each value of each parameter, with one that is unknown, and
/// with what is refused. `keys` has what stands in braces, `given` the parameters that have no default,
/// and `after` a key for each path that goes on behind one.
pub(crate) async fn answers_as_described(
    server: SocketAddr,
    keys: &[(&str, &str)],
    given: &[(&str, &str)],
    after: &[(&str, &str)],
) {
    let description = description(server).await;
    for (path, operation) in operations(&description) {
        let target = keys.iter().fold(path.to_owned(), |path, (name, key)| path.replace(name, key));
        assert!(!target.contains('{'), "no key for {target}");
        let parameters: Vec<_> = operation["parameters"].as_array().unwrap().iter().collect();
        let parameters: Vec<_> = parameters.into_iter().filter(|parameter| parameter["in"] == "query").collect();
        let key = after.iter().find(|(other, _)| path == *other).map(|(_, key)| ("after", *key));
        let value = |name: &Value| given.iter().chain(&key).find(|(other, _)| name == other).map(|(_, value)| *value);
        let required = parameters.iter().filter(|parameter| parameter["required"] == true);
        let required = required.map(|parameter| {
            let name = &parameter["name"];
            format!("&{}={}", name.as_str().unwrap(), value(name).expect("a value"))
        });
        let required: String = required.collect();

        let responses = operation["responses"].as_object().unwrap();
        for media_type in responses["200"]["content"].as_object().unwrap().keys() {
            let response = get(server, &format!("{target}?{required}"), &format!("Accept: {media_type}\r\n")).await;
            assert_eq!(response.header("content-type"), Some(&**media_type), "{path}");
            matches(&response, responses, path);
        }
        for parameter in parameters {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            let texts = value(&parameter["name"]).map(Value::from);
            let values =
                schema["enum"].as_array().into_iter().flatten().chain([&schema["default"], &schema["minimum"]]);
            let values: Vec<_> = values.filter(|value| !value.is_null()).chain(&texts).collect();
            assert!(!values.is_empty(), "no value for {name} of {path}");
            for value in values {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let others = required.replace(&format!("&{name}={value}"), "");
                let response = get(server, &format!("{target}?{name}={value}{others}"), "").await;
                assert_eq!(response.status, 200, "{name}={value} of {path}: {response:?}");
                matches(&response, responses, path);
            }
            if let Some(most) = schema["maximum"].as_u64().filter(|most| *most < u64::MAX) {
                assert_eq!(
                    get(server, &format!("{target}?{name}={}", most + 1), "").await.status,
                    400,
                    "{name} of {path}"
                );
            }
        }
        for (query, headers, status) in [
            ("nobody=1", "", 400),
            ("", "Accept: text/html\r\n", 406),
            ("", "If-None-Match: *\r\n", 304),
            ("", "If-Match: \"other\"\r\n", 412),
        ] {
            let response = get(server, &format!("{target}?{query}{required}"), headers).await;
            let expected = if responses.contains_key(&status.to_string()) { status } else { 200 };
            assert_eq!(response.status, expected, "{path} {query} {headers}");
            matches(&response, responses, path);
        }
    }
}

/// The response to a request, as far as its head if it has no end.
async fn get(server: SocketAddr, target: &str, headers: &str) -> Response {
    let mut client = Client::connect(server).await;
    client.ask("GET", target, headers).await;
    let head = soon(Response::read_head(&mut client.stream)).await;
    if head.status == 304 || (head.status == 200 && target.starts_with("/live")) {
        return head;
    }
    client = Client::connect(server).await;
    client.ask("GET", target, headers).await;
    client.response().await
}

/// Checks that a response is one of those that are described.
fn matches(response: &Response, described: &serde_json::Map<String, Value>, path: &str) {
    let described = &described[&response.status.to_string()];
    let Some(media_type) = response.header("content-type") else {
        assert!(described.get("content").is_none(), "{path}");
        return;
    };
    let schema = &described["content"][media_type]["schema"];
    assert!(!schema.is_null(), "{path}: {media_type} is not described");
    if media_type.ends_with("json") && response.complete && schema["type"] != "string" {
        assert_valid(&response.json(), schema, path);
    }
    if !schema["contentSchema"].is_null() && response.complete {
        for line in str::from_utf8(&response.body).unwrap().lines() {
            assert_valid(&serde_json::from_str(line).unwrap(), &schema["contentSchema"], path);
        }
    }
}

/// Checks a value by the words of a schema that descriptions have.
fn assert_valid(value: &Value, schema: &Value, path: &str) {
    let of_type = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    };
    let is_of_type = match &schema["type"] {
        Value::Null => true,
        Value::String(name) => of_type(name),
        names => names.as_array().unwrap().iter().any(|name| of_type(name.as_str().unwrap())),
    };
    assert!(is_of_type, "{path}: {value} is not as {schema} says");
    if let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object()) {
        for (name, value) in object {
            let schema = properties.get(name).unwrap_or_else(|| panic!("{path}: {name} is not described"));
            assert_valid(value, schema, path);
        }
        for name in schema["required"].as_array().unwrap() {
            assert!(object.contains_key(name.as_str().unwrap()), "{path}: there is no {name}");
        }
    }
    if let (Some(items), Some(schema)) = (value.as_array(), schema.get("items")) {
        items.iter().for_each(|item| assert_valid(item, schema, path));
    }
}
