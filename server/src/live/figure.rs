//! The figures that are shown of a sample: their names, their units, and how they look as text.

use super::sample::Sample;

/// A figure of a [`Sample`], as the page shows it.
///
/// # Examples
///
/// ```
/// use chunkwire_server::{Figure, Sample};
///
/// let sample = Sample { connections_open: 1000, process_memory_bytes: Some(18_100_000), ..Sample::default() };
/// let shown = |label: &str| {
///     let figure = Figure::ALL.iter().find(|figure| figure.label() == label).unwrap();
///     figure.of(&sample).map(|number| figure.text(number))
/// };
/// assert_eq!(shown("Connections").unwrap(), "1,000");
/// assert_eq!(shown("Process memory").unwrap(), "18.1 MB");
/// assert_eq!(shown("Database connections in use"), None);
/// ```
#[derive(Debug)]
pub struct Figure {
    pub(super) key: &'static str,
    label: &'static str,
    pub(super) unit: Unit,
    pub(super) about: &'static str,
    of: fn(&Sample) -> Option<f64>,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    Bytes,
    CountPerSecond,
    BytesPerSecond,
}

impl Unit {
    /// Its name for the script of the page, which writes numbers as [`Figure::text`] does.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Bytes => "bytes",
            Self::CountPerSecond => "count/s",
            Self::BytesPerSecond => "bytes/s",
        }
    }
}

impl Figure {
    /// All of them, in the order in which they are shown.
    pub const ALL: &[Self] = &[
        Self {
            key: "responses_per_second",
            label: "Requests",
            unit: Unit::CountPerSecond,
            about: "Responses that ended in the last second.",
            of: |sample| Some(sample.responses_per_second),
        },
        Self {
            key: "sent_bytes_per_second",
            label: "Sent",
            unit: Unit::BytesPerSecond,
            about: "Bytes that sockets took in the last second.",
            of: |sample| Some(sample.sent_bytes_per_second),
        },
        Self {
            key: "connections_open",
            label: "Connections",
            unit: Unit::Count,
            about: "Open now, also those that are idle.",
            of: |sample| Some(sample.connections_open as f64),
        },
        Self {
            key: "responses_stalled",
            label: "Stalled clients",
            unit: Unit::Count,
            about: "Responses that have waited for their client for more than a second.",
            of: |sample| Some(sample.responses_stalled as f64),
        },
        Self {
            key: "chunks_alive",
            label: "Chunks alive",
            unit: Unit::Count,
            about: "Of 16 KiB, on their way to sockets: one for each response at most.",
            of: |sample| Some(sample.chunks_alive as f64),
        },
        Self {
            key: "process_memory_bytes",
            label: "Process memory",
            unit: Unit::Bytes,
            about: "Resident, everything included.",
            of: |sample| sample.process_memory_bytes.map(|bytes| bytes as f64),
        },
        Self {
            key: "kernel_tcp_memory_bytes",
            label: "Kernel socket memory",
            unit: Unit::Bytes,
            about: "Of all TCP sockets of this system, those of local clients as well.",
            of: |sample| sample.kernel_tcp_memory_bytes.map(|bytes| bytes as f64),
        },
        Self {
            key: "database_connections_leased",
            label: "Database connections in use",
            unit: Unit::Count,
            about: "Lent to responses that read rows now.",
            of: |sample| sample.database_connections_leased.map(|count| count as f64),
        },
    ];

    /// Returns what it is called.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Returns its number in a sample, if that is known.
    pub fn of(&self, sample: &Sample) -> Option<f64> {
        (self.of)(sample)
    }

    /// Whether it is there only if there is a database.
    pub(super) fn is_of_database(&self) -> bool {
        self.key.starts_with("database_")
    }

    /// Returns a number of it as text, with its unit.
    pub fn text(&self, number: f64) -> String {
        match self.unit {
            Unit::Count => whole(number),
            Unit::Bytes => bytes(number),
            Unit::CountPerSecond => format!("{}/s", whole(number)),
            Unit::BytesPerSecond => format!("{}/s", bytes(number)),
        }
    }
}

/// A whole number, with a comma before each three digits.
fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes with three digits at least, in the largest unit below it.
fn bytes(number: f64) -> String {
    let (mut number, mut unit) = (number, "B");
    for larger in ["kB", "MB", "GB", "TB"] {
        if number < 999.5 {
            break;
        }
        (number, unit) = (number / 1000.0, larger);
    }
    let decimals = match number {
        _ if unit == "B" => 0,
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{number:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        for (number, text) in [(0.0, "0"), (999.0, "999"), (1000.4, "1,000"), (1_234_567.0, "1,234,567")] {
            assert_eq!(whole(number), text);
        }
        let texts = [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (1000.0, "1.00 kB"),
            (18_130_000.0, "18.1 MB"),
            (999_400.0, "999 kB"),
            (999_600.0, "1.00 MB"),
            (1.58e9, "1.58 GB"),
            (5.7e15, "5700 TB"),
        ];
        for (number, text) in texts {
            assert_eq!(bytes(number), text);
        }
    }

    /// What the script of the page reads, and what is shown without it, are fields of a record.
    #[test]
    fn each_is_a_field_of_the_record() {
        let sample = Sample { database_connections_leased: Some(7), ..Sample::default() };
        let json: serde_json::Value = serde_json::from_slice(&chunkwire::to_vec(&sample)).unwrap();
        for figure in Figure::ALL {
            let field = json.get(figure.key).unwrap_or_else(|| panic!("there is no {}", figure.key));
            assert_eq!(field.as_f64(), figure.of(&sample), "{}", figure.key);
        }
    }
}
