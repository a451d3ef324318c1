//! The progress of the benchmark: a bar on a terminal, and a line for each result anywhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The bar and the lines above it.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Returns a bar with a number of steps.
    pub(crate) fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len}, {eta} left\n{msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar }
    }

    /// Begins a step.
    pub(crate) fn step(&self, title: &str) {
        // The steps before this one are done.
        if !self.bar.message().is_empty() {
            self.bar.inc(1);
        }
        self.bar.set_message(title.to_owned());
    }

    /// Prints a line that stays.
    pub(crate) fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
