//! What is told of a route: by the page, and by the description of all routes.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::problem::Problem;
use crate::schema;

/// Tells of a route when somebody asks: what a database knows of one comes after the route.
pub(crate) type Tell = Arc<dyn Fn() -> About + Send + Sync>;

/// What is told of a route.
#[derive(Clone)]
pub(crate) struct About {
    /// Its path, in which a part may be in braces.
    pub(crate) path: String,
    pub(crate) about: String,
    /// What stands in the place of the part in braces.
    pub(crate) key: Option<Argument>,
    /// What the query may say.
    pub(crate) arguments: Vec<Argument>,
    /// The responses, beside the problem documents that any route may answer.
    pub(crate) responses: Vec<AboutResponse>,
    /// Targets to try, paths with a query.
    pub(crate) examples: Vec<String>,
    /// How many records a request may ask for.
    pub(crate) most: Option<u64>,
}

impl About {
    /// A route without arguments, whose path is one to try, and whose content is text in a media type.
    pub(crate) fn plain(path: &str, about: &str, media_type: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            about: about.to_owned(),
            key: None,
            arguments: Vec::new(),
            responses: vec![AboutResponse::problem(400), AboutResponse::of(200, media_type, schema::of("string"))],
            examples: vec![path.to_owned()],
            most: None,
        }
    }
}

/// A response under a status: schemas by media types.
#[derive(Clone)]
pub(crate) struct AboutResponse {
    pub(crate) status: u16,
    pub(crate) content: Vec<(&'static str, Value)>,
}

impl AboutResponse {
    /// A response in one media type.
    pub(crate) fn of(status: u16, media_type: &'static str, schema: Value) -> Self {
        Self { status, content: vec![(media_type, schema)] }
    }

    /// A problem document.
    pub(crate) fn problem(status: u16) -> Self {
        Self::of(status, Problem::MEDIA_TYPE, schema::problem())
    }

    /// A response without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, content: Vec::new() }
    }
}

/// A value that a request may say.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) allowed: Allowed,
    pub(crate) otherwise: Otherwise,
}

impl Argument {
    pub(crate) fn new(name: &str, allowed: Allowed, otherwise: Otherwise) -> Self {
        Self { name: name.to_owned(), allowed, otherwise }
    }

    /// How many records, of at most so many.
    pub(crate) fn limit(default: u64, most: u64) -> Self {
        Self::new("limit", Allowed::Whole { least: 0, most }, Otherwise::Value(default.to_string()))
    }

    /// In which format.
    pub(crate) fn format() -> Self {
        Self::new("format", Allowed::Format, Otherwise::Accepted)
    }

    /// Returns what is allowed as a schema.
    pub(crate) fn schema(&self) -> Value {
        let mut schema = match self.allowed {
            Allowed::Whole { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Allowed::Format => json!({ "type": "string", "enum": ["array", "lines"] }),
            #[cfg(feature = "postgres")]
            Allowed::Words(_) => schema::of("string"),
        };
        if let Otherwise::Value(text) = &self.otherwise {
            let number = text.parse().ok().filter(|_| matches!(self.allowed, Allowed::Whole { .. }));
            schema["default"] = number.map_or_else(|| Value::from(&**text), |number: u64| number.into());
        }
        schema
    }
}

/// What is allowed for a value, whose text says so to people.
#[derive(Clone, Debug)]
pub(crate) enum Allowed {
    Whole {
        least: u64,
        most: u64,
    },
    Format,
    #[cfg(feature = "postgres")]
    Words(String),
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { least, most } => write!(f, "a whole number from {least} to {most}"),
            Self::Format => f.write_str("array or lines"),
            #[cfg(feature = "postgres")]
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// What holds if a request does not say a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    Value(String),
    /// What `Accept` prefers.
    Accepted,
    /// As if there were no such value.
    #[cfg(feature = "postgres")]
    Nothing,
    /// It has to be said.
    Refused,
}

impl fmt::Display for Otherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => write!(f, ", by default {value}"),
            Self::Accepted => f.write_str(", by default what Accept prefers"),
            #[cfg(feature = "postgres")]
            Self::Nothing => Ok(()),
            Self::Refused => f.write_str(", in each request"),
        }
    }
}
