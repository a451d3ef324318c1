//! What the page showed, as text.

use std::fmt::Write as _;

use chunkwire::to_vec;
use chunkwire_server::users::User;
use chunkwire_server::{Figure, Sample};

use super::readers::{FAST_USERS, SLOW_USERS};
use crate::program::demo_options::Load;

/// A sample as a line.
pub(super) fn line(sample: &Sample) -> String {
    let shown =
        |figure: &Figure| figure.of(sample).map(|number| format!("{}: {}", figure.label(), figure.text(number)));
    let figures: Vec<_> = Figure::ALL.iter().filter_map(shown).collect();
    figures.join(", ") + "\n"
}

/// The most that was seen of each figure, and what a server would have held that builds its responses.
pub(super) fn table(samples: &[Sample], load: Load) -> String {
    let mut text = "\nThe most that the page showed:\n".to_owned();
    let mut row = |label: &str, shown: &str| {
        let _ = writeln!(text, "  {label:<28}{shown:>12}");
    };
    for figure in Figure::ALL {
        let most = samples.iter().filter_map(|sample| figure.of(sample)).reduce(f64::max);
        if let Some(most) = most {
            row(figure.label(), &figure.text(most));
        }
    }
    if let Some(last) = samples.last() {
        row("Sent in all", &bytes(last.sent_bytes_total));
    }
    let (fast, slow) = (u64::from(load.fast()), u64::from(load.slow()));
    let (short, long) = (length(FAST_USERS), length(SLOW_USERS));
    let held = bytes(fast * short + slow * long);
    let _ = writeln!(
        text,
        "\nA server that builds each response before it sends it would have held {held}: {fast} times {}, and {slow} times \
         {}. That is computed, by clients and the length of what they asked for, and not measured.",
        bytes(short),
        bytes(long)
    );
    text
}

/// The length of a response of this many users, an array.
fn length(users: u64) -> u64 {
    let of_users = (1..=users).filter_map(User::with_id).map(|user| to_vec(&user).len() as u64 + 1);
    of_users.sum::<u64>() + 1
}

fn bytes(number: u64) -> String {
    let figure = Figure::ALL.iter().find(|figure| figure.label() == "Process memory");
    figure.map_or_else(|| number.to_string(), |figure| figure.text(number as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_most_of_each_and_says_what_is_computed() {
        let most = Sample {
            responses_per_second: 1200.0,
            sent_bytes_total: 5_000_000,
            connections_open: 30,
            ..Sample::default()
        };
        let fewer = Sample { connections_open: 2, ..most };
        let table = table(&[most, fewer], Load { readers: 5, seconds: 1 });
        for part in [
            "  Requests                         1,200/s\n",
            "  Connections                           30\n",
            "  Sent in all                      5.00 MB\n",
            ": 3 times 108 kB, and 2 times 11.2 MB. That is computed",
        ] {
            assert!(table.contains(part), "there is no {part:?} in {table}");
        }
        assert!(!table.contains("Process memory"), "it is not known");
        assert!(line(&most).starts_with("Requests: 1,200/s, Sent: 0 B/s, Connections: 30, "));
    }
}
