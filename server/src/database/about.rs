//! What is told of the routes of a database.

use chunkwire::APPLICATION_JSON;
use chunkwire_postgres::{DescribedColumn, KeyColumn, Tier};
use serde_json::{Value, json};

use super::parameters::{allowed, key_shape};
use super::route_config::{Declared, RouteConfig};
use super::served::Served;
use crate::about::{About, AboutResponse, Allowed, Argument, Otherwise};
use crate::schema;

/// What a database may answer instead of rows.
const PROBLEMS: [u16; 4] = [400, 406, 503, 504];

/// Tells of a list, as far as the database has been asked about it.
pub(super) fn list(served: &Served) -> About {
    let route = &served.route;
    let described = served.described();
    let mut arguments = vec![Argument::limit(route.limit.default, route.limit.max), Argument::format()];
    if let Some(key) = described.as_ref().and_then(|described| described.key()) {
        arguments.push(Argument::new("after", Allowed::Words(key_shape(key)), Otherwise::Nothing));
    }
    arguments.extend(of_file(route));
    let record = row(served);
    let array = match route.envelope {
        true => {
            schema::object([("rows".to_owned(), schema::array(&record)), ("next".to_owned(), nullable(&["string"]))])
        }
        false => schema::array(&record),
    };
    let rows = AboutResponse { status: 200, content: schema::list(&record, &array) };
    let path = &route.path;
    let is_complete = route.parameters.iter().all(|declared| declared.default.is_some());
    let examples = ["?limit=3", "?limit=3&format=lines"].map(|query| format!("{path}{query}"));
    About {
        path: path.clone(),
        about: "Rows of the database, as a JSON array or as lines.".to_owned(),
        key: None,
        arguments,
        responses: PROBLEMS.into_iter().map(AboutResponse::problem).chain([rows]).collect(),
        examples: if is_complete { examples.into() } else { Vec::new() },
        most: is_complete.then_some(route.limit.max),
    }
}

/// Tells of an item, as far as the database has been asked about it.
pub(super) fn item(served: &Served) -> About {
    let route = &served.route;
    let described = served.described();
    let key: &[KeyColumn] = described.as_ref().and_then(|described| described.key()).unwrap_or_default();
    let problems = PROBLEMS.into_iter().chain([404]).map(AboutResponse::problem);
    About {
        path: route.item_path(),
        about: "The row that has this key.".to_owned(),
        key: Some(Argument::new("key", Allowed::Words(key_shape(key)), Otherwise::Refused)),
        arguments: of_file(route).collect(),
        responses: problems.chain([AboutResponse::of(200, APPLICATION_JSON, row(served))]).collect(),
        examples: Vec::new(),
        most: None,
    }
}

fn of_file(route: &RouteConfig) -> impl Iterator<Item = Argument> {
    route.parameters.iter().map(|declared| {
        let Declared { name, default, .. } = declared;
        let otherwise = default.as_ref().map_or(Otherwise::Refused, |default| Otherwise::Value(default.0.clone()));
        Argument::new(name, Allowed::Words(allowed(declared)), otherwise)
    })
}

fn row(served: &Served) -> Value {
    let described = served.described();
    let columns = described.as_ref().map(|described| described.about_columns()).unwrap_or_default();
    schema::object(columns.iter().map(|column| (column.name().to_owned(), value(column))))
}

/// A value of a column, which may be NULL.
fn value(column: &DescribedColumn) -> Value {
    match (column.tier(), column.type_name()) {
        (Tier::ToJson, _) | (_, "json" | "jsonb") => json!({}),
        (Tier::Text, _) => nullable(&["string"]),
        (Tier::Native, name) if name.ends_with("[]") => nullable(&["array"]),
        (Tier::Native, "smallint" | "integer" | "bigint") => nullable(&["integer"]),
        (Tier::Native, "boolean") => nullable(&["boolean"]),
        // NaN and the infinities are texts.
        (Tier::Native, "real" | "double precision") => nullable(&["number", "string"]),
        (Tier::Native, name) if name.starts_with("numeric") => nullable(&["number", "string"]),
        (Tier::Native, _) => nullable(&["string"]),
    }
}

/// A value of one of these types, or null.
fn nullable(types: &[&str]) -> Value {
    let types = [types, &["null"]].concat();
    json!({ "type": types })
}
