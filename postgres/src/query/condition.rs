//! Which rows come after a key.
//!
//! The forms are those that PostgreSQL looks up in an index: a row comparison if all parts have the same direction, and
//! otherwise one for each run of them. Written as `a > $1 OR (a = $1 AND b > $2)`, the same condition reads the whole
//! index (PostgreSQL, section 9.24.5).

use super::key::Direction;

/// A part of the key, as it stands in SQL.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) column: String,
    pub(super) direction: Direction,
    pub(super) parameter: String,
}

/// Returns the condition of the rows that come after the key in the parameters.
pub(super) fn behind(parts: &[Part]) -> String {
    let Some(first) = parts.first() else { return "true".to_owned() };
    let run = parts.iter().take_while(|part| part.direction == first.direction).count();
    let (run, rest) = parts.split_at(run);
    let columns = row(run.iter().map(|part| &*part.column));
    let parameters = row(run.iter().map(|part| &*part.parameter));
    let sign = first.direction.behind();
    match rest.is_empty() {
        true => format!("{columns} {sign} {parameters}"),
        false => format!("{columns} {sign}= {parameters} AND ({columns} {sign} {parameters} OR ({}))", behind(rest)),
    }
}

/// Returns the condition of the row that has the key in the parameters.
pub(super) fn at(parts: &[Part]) -> String {
    all(parts.iter().map(equal))
}

/// Returns the conditions of the rows that come after the key in the parameters and are not [`behind`] it, since a part
/// is NULL: one for each part that ascends, where NULL comes last, with the place of that part.
pub(super) fn null_behind(parts: &[Part]) -> impl Iterator<Item = (usize, String)> {
    let ascending = parts.iter().enumerate().filter(|(_, part)| part.direction == Direction::Ascending);
    ascending.map(|(place, part)| {
        let null = format!("{} IS NULL", part.column);
        (place, all(parts[..place].iter().map(equal).chain([null])))
    })
}

fn equal(part: &Part) -> String {
    format!("{} = {}", part.column, part.parameter)
}

fn all(conditions: impl Iterator<Item = String>) -> String {
    conditions.collect::<Vec<_>>().join(" AND ")
}

fn row<'part>(values: impl Iterator<Item = &'part str>) -> String {
    let values: Vec<_> = values.collect();
    match &*values {
        [one] => (*one).to_owned(),
        several => format!("({})", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::Direction::{Ascending, Descending};
    use super::*;

    fn parts(directions: &[Direction]) -> Vec<Part> {
        let part = |(direction, (column, place)): (&Direction, (char, usize))| Part {
            column: column.into(),
            direction: *direction,
            parameter: format!("${place}"),
        };
        directions.iter().zip(('a'..).zip(1..)).map(part).collect()
    }

    #[test]
    fn a_run_of_one_direction_is_one_comparison() {
        for (directions, expected) in [
            (&[Ascending][..], "a > $1"),
            (&[Descending], "a < $1"),
            (&[Ascending, Ascending], "(a, b) > ($1, $2)"),
            (&[Descending, Descending], "(a, b) < ($1, $2)"),
            (&[Descending, Ascending], "a <= $1 AND (a < $1 OR (b > $2))"),
            (&[Ascending, Ascending, Descending], "(a, b) >= ($1, $2) AND ((a, b) > ($1, $2) OR (c < $3))"),
            (&[Ascending, Descending, Ascending], "a >= $1 AND (a > $1 OR (b <= $2 AND (b < $2 OR (c > $3))))"),
        ] {
            assert_eq!(behind(&parts(directions)), expected);
        }
    }

    #[test]
    fn null_is_last_in_ascending_order() {
        for (directions, expected) in [
            (&[Ascending][..], &[(0, "a IS NULL")][..]),
            (&[Descending], &[]),
            (&[Ascending, Ascending], &[(0, "a IS NULL"), (1, "a = $1 AND b IS NULL")]),
            (&[Descending, Ascending], &[(1, "a = $1 AND b IS NULL")]),
        ] {
            let conditions: Vec<_> = null_behind(&parts(directions)).collect();
            assert!(
                conditions.iter().map(|(place, text)| (*place, &**text)).eq(expected.iter().copied()),
                "{conditions:?}"
            );
        }
    }

    #[test]
    fn one_row_has_all_parts() {
        assert_eq!(at(&parts(&[Ascending, Descending])), "a = $1 AND b = $2");
    }
}
