//! Throughput, memory and CPU time side by side, as bars.

use std::path::Path;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::super::Result;
use super::super::numbers::{grouped, megabytes};
use super::super::throughput::{Run, Runs, Throughput};
use super::canvas::{Area, INK, PALE, SIZE, TITLE, chart, colour, letters};

/// The width of the column of names, in pixels.
const NAMES: i32 = 160;

/// The width that is kept for the figure after a bar, in pixels.
const FIGURE: i32 = 70;

/// What the bars of a column mean.
struct Column {
    title: &'static str,
    figure: fn(&Run) -> f64,
    label: fn(f64) -> String,
}

const COLUMNS: [Column; 3] = [
    Column { title: "requests/s (more is better)", figure: |run| run.counts.rate(), label: grouped },
    Column { title: "MB of RSS (less is better)", figure: |run| run.samples.highest_rss() as f64, label: megabytes },
    Column { title: "µs of CPU by response (less is better)", figure: |run| run.cpu, label: grouped },
];

/// Draws the medians of throughput, memory and CPU time for a number of connections.
///
/// # Errors
///
/// Returns an error if the file can't be written.
pub(crate) fn throughput(path: &Path, throughput: &Throughput, connections: u32) -> Result<()> {
    let title = format!("Throughput, memory and CPU time under {} connections", grouped(connections.into()));
    let below = "medians over rounds; server and load generator share the cores";
    let all = throughput.over(connections);
    chart(path, &title, below, |area| draw(area, &all))
}

fn draw(area: &Area<'_>, all: &[Runs<'_>]) -> Result<()> {
    let (width, height) = (SIZE.0 as i32, SIZE.1 as i32);
    let top = TITLE + 40;
    let row = (height - top - 16) / all.len().max(1) as i32;
    let column = (width - NAMES - 20) / COLUMNS.len() as i32;
    for (i, runs) in all.iter().enumerate() {
        let at = (NAMES - 10, top + row * i as i32 + row / 2);
        area.draw(&Text::new(runs.contender.name, at, letters(14, INK, HPos::Right)))?;
    }
    for (index, Column { title, figure, label }) in COLUMNS.iter().enumerate() {
        let left = NAMES + column * index as i32;
        area.draw(&Text::new(*title, (left, TITLE + 22), letters(14, PALE, HPos::Left)))?;
        let medians: Vec<f64> = all.iter().map(|runs| runs.median(figure)).collect();
        let most = medians.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        for (i, (runs, median)) in all.iter().zip(&medians).enumerate() {
            let y = top + row * i as i32;
            let right = left + (median / most * f64::from(column - FIGURE)).round() as i32;
            let bar = [(left, y + row / 6), (right.max(left + 1), y + row - row / 6)];
            area.draw(&Rectangle::new(bar, colour(runs.contender).filled()))?;
            area.draw(&Text::new(label(*median), (right + 6, y + row / 2), letters(13, INK, HPos::Left)))?;
        }
    }
    Ok(())
}
