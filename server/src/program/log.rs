//! The log: events and panics on stderr, one line each.
//!
//! Lines are written by a thread of their own. If nobody reads them, they wait in a queue; when that is full, further
//! ones are lost and counted, and the log says so once lines are taken again.

use std::env::{self, VarError};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, OnceLock};

use tracing::{Level, error, warn};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::debug_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, fmt, registry};

use super::escaped::Escaped;
use super::json_lines::{self, JsonLines};
use super::output::{has_colours, wait_a_moment};

/// How many lines may wait. A line has some 200 bytes, and 50,000 at most if the target of a request is as long as a
/// head may be and is nothing but what has to be escaped.
const QUEUE: usize = 1024;

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// A log that takes lines.
#[derive(Debug)]
pub(crate) struct Log {
    lost: ErrorCounter,
    filter: Filter,
    worker: WorkerGuard,
}

/// Which events the log has, which can be changed while it takes them.
#[derive(Clone, Debug)]
pub(crate) struct Filter(Handle<EnvFilter, Registry>);

/// Stderr, as the thread of the log writes to it.
struct Stderr {
    format: LogFormat,
    lost: Arc<OnceLock<ErrorCounter>>,
    /// How many lost lines the log has told of.
    told: usize,
}

impl LogFormat {
    /// Returns a line that is not an event's: it need not wait behind the end of the program, and no filter hides it.
    pub(crate) fn line(self, level: Level, message: &str) -> String {
        match self {
            Self::Text => format!("{message}\n"),
            Self::Json => json_lines::line(level, message),
        }
    }
}

impl Log {
    /// Sends events and panics to stderr from now on. `default` is the filter where `RUST_LOG` has none.
    pub(crate) fn start(format: LogFormat, default: &str) -> Self {
        let lost = Arc::default();
        let stderr = Stderr { format, lost: Arc::clone(&lost), told: 0 };
        let builder = NonBlockingBuilder::default().buffered_lines_limit(QUEUE).thread_name("log");
        let (writer, worker) = builder.finish(stderr);
        let lost = lost.get_or_init(|| writer.error_counter()).clone();

        let (wanted, mistake) = wanted(default);
        let (filter, handle) = reload::Layer::new(wanted);
        let events = registry().with(filter);
        // A caller that closes stderr does not want to hear that it is closed.
        let lines = fmt::layer().with_writer(writer).log_internal_errors(false);
        match format {
            LogFormat::Text => events.with(lines.fmt_fields(fields()).with_ansi(has_colours(&io::stderr()))).init(),
            LogFormat::Json => {
                let lines = lines.with_ansi(false).json().flatten_event(true).with_span_list(false);
                events.with(lines.map_event_format(JsonLines)).init();
            }
        }
        panic::set_hook(Box::new(log_panic));
        if let Some(mistake) = mistake {
            warn!(mistake, instead = default, "RUST_LOG is not understood");
        }
        Self { lost, filter: Filter(handle), worker }
    }

    /// Returns what tells how many lines were lost.
    pub(crate) fn lost(&self) -> impl Fn() -> usize + Send + Sync + 'static {
        let lost = self.lost.clone();
        move || lost.dropped_lines()
    }

    /// Returns what changes which events it has.
    pub(crate) fn filter(&self) -> Filter {
        self.filter.clone()
    }

    /// Gives the lines that wait a moment to be taken. Those of later events are lost.
    pub(crate) fn end(self) {
        // It waits for the thread that writes, and prints to stdout if that takes long.
        wait_a_moment(move || drop(self.worker));
    }
}

impl Filter {
    /// Takes another filter where `RUST_LOG` has none.
    pub(crate) fn set(&self, default: &str) {
        let _ = self.0.reload(wanted(default).0);
    }
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write(bytes)
    }

    /// Called when no line waits any more.
    fn flush(&mut self) -> io::Result<()> {
        let lost = self.lost.get().map_or(0, ErrorCounter::dropped_lines);
        if lost > self.told {
            let message = format!("{} lines of the log were lost, which nobody had read in time", lost - self.told);
            io::stderr().write_all(self.format.line(Level::WARN, &message).as_bytes())?;
            self.told = lost;
        }
        Ok(())
    }
}

/// Returns the filter that `RUST_LOG` has, or `default` and, if it has one, why that is not understood. Other programs
/// may share the variable, so that this is no reason not to start.
fn wanted(default: &str) -> (EnvFilter, Option<String>) {
    let mistake = match env::var(EnvFilter::DEFAULT_ENV) {
        Err(VarError::NotPresent) => None,
        Err(error) => Some(error.to_string()),
        Ok(wanted) if wanted.is_empty() => None,
        Ok(wanted) => match EnvFilter::builder().parse(&wanted) {
            Ok(filter) => return (filter, None),
            Err(error) => Some(format!("{wanted:?}: {error}")),
        },
    };
    (EnvFilter::new(default), mistake)
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    error!("{panic}");
}

/// The fields of an event or a span, on one line whatever is in them.
fn fields() -> impl for<'writer> FormatFields<'writer> {
    debug_fn(|writer, field, value| match field.name() {
        "message" => write!(Escaped(writer), "{value:?}"),
        name => write!(Escaped(writer), "{name}={value:?}"),
    })
    .delimited(" ")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use tracing::subscriber::with_default;
    use tracing::{error, info_span};

    use super::*;

    fn logged(events: impl FnOnce()) -> String {
        let (mut lines, writer) = io::pipe().unwrap();
        let subscriber = tracing_subscriber::fmt().fmt_fields(fields()).without_time().with_ansi(false);
        with_default(subscriber.with_writer(Arc::new(writer)).finish(), events);
        let mut text = String::new();
        lines.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn whatever_others_write_is_on_one_line_and_plain() {
        let hostile = "a\nb\u{9b}c\u{85}d\u{a0}status=200\u{202e}";
        let escaped = "a\\nb\\u{9b}c\\u{85}d\\u{a0}status=200\\u{202e}";
        let text = logged(|| {
            let _span = info_span!("request", uri = %hostile).entered();
            error!(text = hostile, shown = %hostile, debug = ?Some(hostile), error = &io::Error::other(hostile) as &dyn std::error::Error, "{hostile}");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.chars().all(|character| character == '\n' || matches!(character, ' '..='~')), "{text:?}");
        for expected in [
            format!("uri={escaped}}}"),
            format!(": {escaped} "),
            format!("text=\"{escaped}\""),
            format!("shown={escaped} "),
            format!("debug=Some(\"{escaped}\")"),
            format!("error={escaped}"),
        ] {
            assert!(text.contains(&expected), "{expected}: {text}");
        }
    }

    #[test]
    fn a_panic_is_one_line() {
        panic::set_hook(Box::new(log_panic));
        let text = logged(|| drop(panic::catch_unwind(|| panic!("of\ntwo lines"))));
        drop(panic::take_hook());
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("of\\ntwo lines") && text.contains(file!()), "{text}");
    }
}
