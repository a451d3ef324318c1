//! Numbers for readers: grouped by thousands, bytes as megabytes, microseconds as milliseconds.

/// Returns a whole number with a comma at every thousand.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::from(if number <= -0.5 { "-" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns bytes in megabytes of a million; small ones with a decimal.
pub(crate) fn megabytes(bytes: f64) -> String {
    decimal(bytes / 1e6)
}

/// Returns microseconds in milliseconds; small ones with decimals.
pub(crate) fn milliseconds(microseconds: f64) -> String {
    decimal(microseconds / 1e3)
}

/// Returns a number with about three digits.
fn decimal(number: f64) -> String {
    match number.abs() {
        n if n < 9.995 => format!("{number:.2}"),
        n if n < 99.95 => format!("{number:.1}"),
        _ => grouped(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in
            [(0.0, "0"), (999.4, "999"), (999.5, "1,000"), (-1234.0, "-1,234"), (1e9, "1,000,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn small_numbers_keep_decimals() {
        for (bytes, text) in [(0.0, "0.00"), (1_234_000.0, "1.23"), (14.6e6, "14.6"), (1_234e6, "1,234")] {
            assert_eq!(megabytes(bytes), text);
        }
        assert_eq!(milliseconds(99_949.0), "99.9");
        assert_eq!(milliseconds(99_950.0), "100");
    }
}
