//! What all charts have in common: size, background, letters, and a legend.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::Result;
use super::super::contenders::Contender;

/// A place to draw on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Width and height in pixels.
pub(super) const SIZE: (u32, u32) = (960, 500);

/// The height of the title, in pixels.
pub(super) const TITLE: i32 = 56;

/// The width of the legend, in pixels.
pub(super) const LEGEND: i32 = 190;

/// A light background that stands out little from a white page, and makes dark letters legible on a dark one.
const GROUND: RGBColor = RGBColor(250, 250, 248);

/// Letters.
pub(super) const INK: RGBColor = RGBColor(40, 40, 40);

/// Letters of less weight, and axes.
pub(super) const PALE: RGBColor = RGBColor(105, 105, 105);

/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(222, 222, 218);

/// Draws a chart with a title and a line below it into a file.
pub(super) fn chart(path: &Path, title: &str, below: &str, draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<()> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&GROUND)?;
    area.draw(&Text::new(title.to_owned(), (20, 16), ("sans-serif", 20).into_font().color(&INK)))?;
    area.draw(&Text::new(below.to_owned(), (20, 40), ("sans-serif", 13).into_font().color(&PALE)))?;
    draw(&area)?;
    area.present()?;
    Ok(())
}

/// Returns the style of letters to the left or right of a point, centred on its height.
pub(super) fn letters(size: i32, colour: RGBColor, to: HPos) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&colour).pos(Pos::new(to, VPos::Center))
}

/// Returns the colour of a contender.
pub(super) fn colour(contender: &Contender) -> RGBColor {
    let (red, green, blue) = contender.colour;
    RGBColor(red, green, blue)
}

/// Returns the width of a contender's line in pixels. chunkwire's must be easy to find among the others.
pub(super) fn width(contender: &Contender) -> u32 {
    if contender.name == "chunkwire" { 4 } else { 2 }
}

/// What the legend says about a line.
pub(super) struct Key<'a> {
    pub(super) name: &'a str,
    pub(super) colour: RGBColor,
    pub(super) width: u32,
    pub(super) note: String,
}

/// The part of the area that is neither title nor legend.
pub(super) fn plot_area<'a>(area: &Area<'a>) -> Area<'a> {
    area.margin(TITLE + 8, 10, 10, LEGEND)
}

/// Lists lines down the right edge, each with a note.
pub(super) fn legend(area: &Area<'_>, keys: &[Key<'_>]) -> Result<()> {
    /// The distance of two entries in pixels, if there is room for it.
    const ROW: i32 = 34;
    let row = ROW.min((SIZE.1 as i32 - TITLE - 24) / keys.len().max(1) as i32);
    let left = SIZE.0 as i32 - LEGEND + 10;
    for (i, key) in keys.iter().enumerate() {
        let y = TITLE + 24 + row * i as i32;
        let style = key.colour.stroke_width(key.width);
        area.draw(&PathElement::new([(left, y), (left + 22, y)], style))?;
        area.draw(&Text::new(key.name.to_owned(), (left + 30, y), letters(14, INK, HPos::Left)))?;
        area.draw(&Text::new(key.note.clone(), (left + 30, y + 15), letters(12, PALE, HPos::Left)))?;
    }
    Ok(())
}
