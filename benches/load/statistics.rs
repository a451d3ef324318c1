//! Statistics of several rounds: the middle, and how far apart they are.

/// The median of a figure over rounds, and its extremes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The middle value; the mean of the two middle ones if their number is even.
    pub(crate) median: f64,
    /// The smallest value.
    pub(crate) low: f64,
    /// The largest value.
    pub(crate) high: f64,
}

impl Spread {
    /// Returns the spread of some values, or `None` if there are none.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
        Some(Self { median, low, high })
    }

    /// Returns how far apart the extremes are, in percent of the median.
    pub(crate) fn percent(&self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.high - self.low) / self.median * 100.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_in_any_order() {
        for (values, median) in [(&[3.0, 1.0, 2.0][..], 2.0), (&[4.0, 1.0, 3.0, 2.0], 2.5), (&[7.0], 7.0)] {
            assert_eq!(Spread::of(values.iter().copied()).unwrap().median, median, "{values:?}");
        }
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn the_spread_is_that_of_the_extremes() {
        let spread = Spread::of([90.0, 100.0, 110.0]).unwrap();
        assert_eq!((spread.low, spread.high), (90.0, 110.0));
        assert_eq!(spread.percent(), 20.0);
        assert_eq!(Spread::of([0.0, 0.0]).unwrap().percent(), 0.0);
    }
}
