//! Memory as lines: against time, and against the length of the response. Both on logarithmic scales, since the
//! contenders lie orders of magnitude apart.

use std::path::Path;

use plotters::prelude::*;

use super::super::Result;
use super::super::contenders::{Contender, distinct};
use super::super::growth::{Grown, Outcome};
use super::super::numbers::{grouped, megabytes};
use super::super::throughput::Throughput;
use super::canvas::{GRID, INK, Key, PALE, chart, colour, legend, plot_area, width};

/// The line of a contender: its points and what the legend says about it.
struct Line {
    contender: &'static Contender,
    points: Vec<(f64, f64)>,
    note: String,
}

/// Draws memory against time in the first round for a number of connections.
///
/// # Errors
///
/// Returns an error if the file can't be written.
pub(crate) fn memory(path: &Path, throughput: &Throughput, connections: u32) -> Result<()> {
    let lines: Vec<Line> = throughput
        .over(connections)
        .iter()
        .map(|runs| {
            let samples = &runs.rounds[0].samples;
            let points = samples.list.iter().map(|sample| (sample.seconds, sample.rss as f64 / 1e6)).collect();
            let note = format!("highest {} MB", megabytes(samples.highest_rss() as f64));
            Line { contender: runs.contender, points, note }
        })
        .collect();
    let end = highest(&lines, |(seconds, _)| seconds).max(1.0);
    // Labels must differ, also if a short run has several in a second.
    let decimals = if end < 10.0 { 1 } else { 0 };
    let title = format!("Memory of the server under {} connections", grouped(connections.into()));
    chart(path, &title, "resident memory in MB (logarithmic) against seconds of load", |area| {
        let plot_area = plot_area(area);
        let mut builder = ChartBuilder::on(&plot_area);
        builder.x_label_area_size(28).y_label_area_size(52);
        let mut plot = builder.build_cartesian_2d(0.0..end, rss_range(&lines).log_scale())?;
        plot.configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(PALE)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .x_label_formatter(&|x| format!("{x:.decimals$} s"))
            .y_label_formatter(&|y| grouped(*y))
            .draw()?;
        for line in lines.iter().rev() {
            let style = colour(line.contender).stroke_width(width(line.contender));
            plot.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
        }
        legend(area, &keys(&lines))
    })
}

/// Draws memory against the length of the response.
///
/// # Errors
///
/// Returns an error if the file can't be written.
pub(crate) fn growth(path: &Path, growth: &[Grown]) -> Result<()> {
    let lines: Vec<Line> = distinct(growth.iter().map(|grown| grown.contender))
        .into_iter()
        .filter_map(|contender| growth_line(contender, growth))
        .collect();
    let start = lines.iter().flat_map(|line| &line.points).map(|(users, _)| *users).fold(f64::INFINITY, f64::min);
    let end = highest(&lines, |(users, _)| users);
    if start >= end {
        return Err("a chart of growth needs two lengths that a contender could send".into());
    }
    let below = "resident memory in MB against users of the response (both logarithmic)";
    chart(path, "Memory against the length of the response", below, |area| {
        let plot_area = plot_area(area);
        let mut builder = ChartBuilder::on(&plot_area);
        builder.x_label_area_size(28).y_label_area_size(52);
        let range = (start..end * 1.05).log_scale();
        let mut plot = builder.build_cartesian_2d(range, rss_range(&lines).log_scale())?;
        plot.configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(PALE)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .x_label_formatter(&|x| grouped(*x))
            .y_label_formatter(&|y| grouped(*y))
            .draw()?;
        for line in lines.iter().rev() {
            let (colour, width) = (colour(line.contender), width(line.contender));
            plot.draw_series(LineSeries::new(line.points.iter().copied(), colour.stroke_width(width)))?;
            plot.draw_series(line.points.iter().map(|point| Circle::new(*point, width + 1, colour.filled())))?;
        }
        legend(area, &keys(&lines))
    })
}

fn growth_line(contender: &'static Contender, growth: &[Grown]) -> Option<Line> {
    let of: Vec<&Grown> = growth.iter().filter(|grown| grown.contender.name == contender.name).collect();
    let whole = |grown: &&Grown| match grown.outcome {
        Outcome::Whole(rss) => Some((grown.users as f64, rss as f64 / 1e6)),
        _ => None,
    };
    let points: Vec<(f64, f64)> = of.iter().filter_map(whole).collect();
    let (longest, rss) = *points.last()?;
    let note = match of.iter().find(|grown| whole(grown).is_none()) {
        None => format!("{} MB at {}", megabytes(rss * 1e6), grouped(longest)),
        Some(_) => format!("up to {}", grouped(longest)),
    };
    Some(Line { contender, points, note })
}

fn rss_range(lines: &[Line]) -> std::ops::Range<f64> {
    let lowest = lines.iter().flat_map(|line| &line.points).map(|(_, rss)| *rss).fold(f64::INFINITY, f64::min);
    // Whole decades have labels that are easy to read. A process that is gone has no memory, and no logarithm.
    let (lowest, highest) = (lowest.max(1.0), highest(lines, |(_, rss)| rss).max(10.0));
    10f64.powf(lowest.log10().floor())..10f64.powf(highest.log10().ceil())
}

fn highest(lines: &[Line], of: impl Fn((f64, f64)) -> f64) -> f64 {
    lines.iter().flat_map(|line| &line.points).map(|point| of(*point)).fold(0.0, f64::max)
}

fn keys(lines: &[Line]) -> Vec<Key<'_>> {
    let key = |line: &Line| {
        let (name, colour, width) = (line.contender.name, colour(line.contender), width(line.contender));
        Key { name, colour, width, note: line.note.clone() }
    };
    lines.iter().map(key).collect()
}
