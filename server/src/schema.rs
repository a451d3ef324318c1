//! Schemas of what is answered (JSON Schema 2020-12, as OpenAPI 3.1 has it).

use chunkwire::Format;
use serde_json::{Value, json};

/// A value of a type.
pub(crate) fn of(name: &str) -> Value {
    json!({ "type": name })
}

/// An object that has all of these fields.
pub(crate) fn object(fields: impl IntoIterator<Item = (String, Value)>) -> Value {
    let (names, properties): (Vec<_>, serde_json::Map<_, _>) =
        fields.into_iter().map(|(name, schema)| (name.clone(), (name, schema))).unzip();
    json!({ "type": "object", "properties": properties, "required": names })
}

/// An array of records.
pub(crate) fn array(record: &Value) -> Value {
    json!({ "type": "array", "items": record })
}

/// What a list of records is in each of its media types: an array, which may be in an object, or lines.
pub(crate) fn list(record: &Value, array: &Value) -> Vec<(&'static str, Value)> {
    let lines = json!({
        "type": "string",
        "description": "A record in each line.",
        "contentMediaType": Format::Array.content_type(),
        "contentSchema": record,
    });
    let of = |format: Format, schema: Value| format.media_types().iter().map(move |name| (*name, schema.clone()));
    of(Format::Array, array.clone()).chain(of(Format::Lines, lines)).collect()
}

/// A generated user.
pub(crate) fn user() -> Value {
    let fields = [
        ("id", json!({ "type": "integer", "minimum": 1 })),
        ("name", of("string")),
        ("email", json!({ "type": "string", "format": "email" })),
        ("age", json!({ "type": "integer", "minimum": 18, "maximum": 80 })),
        ("score", json!({ "type": "number", "minimum": 0.01, "maximum": 99.99 })),
        ("active", of("boolean")),
    ];
    object(fields.map(|(name, schema)| (name.to_owned(), schema)))
}

/// A problem document.
pub(crate) fn problem() -> Value {
    let text = of("string");
    json!({
        "type": "object",
        "properties": {
            "type": text,
            "title": text,
            "status": of("integer"),
            "detail": text,
            "parameter": text,
            "given": text,
            "allowed": text,
        },
        "required": ["type", "title", "status", "detail"],
    })
}
