//! Memory and connections against time while clients stop reading, reach the server's limit, and are gone.

use std::path::Path;

use plotters::prelude::*;

use super::super::Result;
use super::super::numbers::{grouped, megabytes};
use super::super::release::{Look, Release, STALL_TIMEOUT};
use super::canvas::{GRID, INK, Key, PALE, chart, legend, plot_area};

/// Kernel memory of both ends, of the server's end, resident memory, and connections.
const COLOURS: [RGBColor; 4] =
    [RGBColor(165, 165, 165), RGBColor(33, 113, 181), RGBColor(214, 39, 40), RGBColor(44, 160, 44)];

/// One of the lines.
type Figure = fn(&Look) -> f64;

/// Draws what is released after the limit.
///
/// # Errors
///
/// Returns an error if the file can't be written.
pub(crate) fn release(path: &Path, release: &Release, clients: u32) -> Result<()> {
    let looks = &release.looks;
    let highest = |figure: Figure| looks.iter().map(figure).fold(0.0, f64::max);
    let memory: [(&str, Figure); 3] = [
        ("kernel, both ends", |look| look.tcp as f64),
        ("kernel, server's end", |look| look.sockets.memory as f64),
        ("resident memory", |look| look.rss as f64),
    ];
    let connections: Figure = |look| look.sockets.count as f64;
    let top = memory.iter().map(|(_, figure)| highest(*figure) / 1e6).fold(10.0, f64::max);
    let end = looks.last().map_or(1.0, |look| look.seconds).max(1.0);
    let title =
        format!("{} clients that never read, and a limit of {} s", grouped(clients.into()), STALL_TIMEOUT.as_secs());
    chart(path, &title, "memory in MB (left, logarithmic) and open connections (right) against seconds", |area| {
        let plot_area = plot_area(area);
        let mut builder = ChartBuilder::on(&plot_area);
        builder.x_label_area_size(28).y_label_area_size(52).right_y_label_area_size(56);
        let range = (1.0..10f64.powf(top.log10().ceil())).log_scale();
        let mut plot = builder
            .build_cartesian_2d(0.0..end, range)?
            .set_secondary_coord(0.0..end, 0.0..highest(connections).max(1.0) * 1.1);
        let labels = || ("sans-serif", 13).into_font().color(&INK);
        plot.configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(PALE)
            .label_style(labels())
            .x_label_formatter(&|x| format!("{x:.0} s"))
            .y_label_formatter(&|y| grouped(*y))
            .draw()?;
        plot.configure_secondary_axes()
            .axis_style(PALE)
            .label_style(labels())
            .y_label_formatter(&|y| grouped(*y))
            .draw()?;
        let mut keys = Vec::new();
        for ((name, figure), colour) in memory.into_iter().zip(COLOURS) {
            // Zero has no logarithm.
            let points = looks.iter().map(|look| (look.seconds, (figure(look) / 1e6).max(1.0)));
            plot.draw_series(LineSeries::new(points, colour.stroke_width(3)))?;
            let note = format!("highest {} MB", megabytes(highest(figure)));
            keys.push(Key { name, colour, width: 3, note });
        }
        let points = looks.iter().map(|look| (look.seconds, connections(look)));
        plot.draw_secondary_series(LineSeries::new(points, COLOURS[3].stroke_width(2)))?;
        let note = format!("highest {}", grouped(highest(connections)));
        keys.push(Key { name: "open connections", colour: COLOURS[3], width: 2, note });
        legend(area, &keys)
    })
}
