//! The description of all routes, by OpenAPI 3.1.

use chunkwire::APPLICATION_JSON;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::about::{About, AboutResponse, Argument, Otherwise, Tell};
use crate::schema;

/// Where it is.
pub(crate) const PATH: &str = "/openapi.json";

/// Tells of the description itself.
pub(crate) fn about() -> About {
    let about = About::plain(PATH, "All of these by OpenAPI 3.1, for programs that write clients.", APPLICATION_JSON);
    About {
        responses: vec![AboutResponse::of(200, APPLICATION_JSON, schema::of("object")), AboutResponse::problem(400)],
        ..about
    }
}

/// Returns the description of these routes.
pub(crate) fn document(routes: &[Tell]) -> Value {
    let paths = routes.iter().map(|tell| tell()).map(|route| {
        let operation = operation(&route);
        (route.path, json!({ "get": operation }))
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "chunkwire",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Each path answers GET, HEAD and OPTIONS.",
        },
        "paths": paths.collect::<Map<_, _>>(),
    })
}

fn operation(route: &About) -> Value {
    let of_path = route.key.iter().map(|key| parameter(key, "path"));
    let of_query = route.arguments.iter().map(|argument| parameter(argument, "query"));
    let mut responses: Map<_, _> =
        route.responses.iter().map(|told| (told.status.to_string(), response(told))).collect();
    // What strict HTTP refuses, and what failed.
    responses.insert("default".to_owned(), response(&AboutResponse::problem(500)));
    json!({
        "description": route.about,
        "parameters": of_path.chain(of_query).collect::<Vec<_>>(),
        "responses": responses,
    })
}

fn parameter(argument: &Argument, place: &str) -> Value {
    json!({
        "name": argument.name,
        "in": place,
        "required": argument.otherwise == Otherwise::Refused,
        "description": format!("{}{}", argument.allowed, argument.otherwise),
        "schema": argument.schema(),
    })
}

fn response(told: &AboutResponse) -> Value {
    let status = StatusCode::from_u16(told.status).ok();
    let reason = status.and_then(|status| status.canonical_reason()).unwrap_or_default();
    let contents = told.content.iter().map(|(media_type, schema)| (*media_type, json!({ "schema": schema })));
    let contents: Map<_, _> = contents.map(|(media_type, content)| (media_type.to_owned(), content)).collect();
    match contents.is_empty() {
        true => json!({ "description": reason }),
        false => json!({ "description": reason, "content": contents }),
    }
}
