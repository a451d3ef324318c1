//! The log in JSON: an object on each line.

use std::fmt::{self, Write as _};

use chunkwire::{Encode, Writer as JsonWriter, object, to_vec};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::escaped::EscapedJson;

/// Events as tracing-subscriber writes them, whose lines no program can take for several: not all go by `\n` alone.
#[derive(Debug)]
pub(super) struct JsonLines(pub(super) Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        self.0.format_event(context, Writer::new(&mut EscapedJson(writer)), event)
    }
}

/// Returns a line like those of events, which no filter hides.
pub(super) fn line(level: Level, message: &str) -> String {
    let mut timestamp = String::new();
    // It can't fail, and the message is worth more.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    let json = to_vec(&Line { timestamp, level: level.as_str(), message });
    let mut line = EscapedJson(String::new());
    let _ = writeln!(line, "{}", String::from_utf8_lossy(&json));
    line.0
}

struct Line<'a> {
    timestamp: String,
    level: &'static str,
    message: &'a str,
}

impl Encode for Line<'_> {
    fn encode(&self, out: &mut JsonWriter<'_>) {
        let Self { timestamp, level, message } = self;
        object!(out, { "timestamp": timestamp, "level": level, "message": message, "target": "chunkwire" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_those_of_events_have() {
        let line = line(Level::ERROR, "a\n\"b\u{2028}");
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&json["level"], &json["message"]), (&"ERROR".into(), &"a\n\"b\u{2028}".into()));
        assert_eq!(json["target"], "chunkwire");
        assert!(json["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert_eq!(line.lines().count(), 1);
        assert!(!line.contains('\u{2028}'));
    }
}
