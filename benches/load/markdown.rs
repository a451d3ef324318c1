//! The parts of Markdown that the report is made of.

use std::fmt::Write;

/// A table of which all columns but the first are numbers where there are more than two.
pub(crate) fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>, out: &mut String) {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let numbers = if header.len() > 2 { "--:" } else { "---" };
    let rule: Vec<&str> = (0..header.len()).map(|column| if column == 0 { "---" } else { numbers }).collect();
    out.push_str(&line(header));
    out.push_str(&line(&rule));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        out.push_str(&line(&cells.iter().map(String::as_str).collect::<Vec<_>>()));
    }
}

/// A section with a list, unless it has no lines.
pub(crate) fn list<'a>(title: &str, lines: impl Iterator<Item = &'a String>, out: &mut String) {
    for (i, line) in lines.enumerate() {
        if i == 0 {
            text(out, &format!("\n## {title}\n\n"));
        }
        // A `String` takes everything.
        let _ = writeln!(out, "- {}", line.replace('\n', " "));
    }
}

/// Text as it is.
pub(crate) fn text(out: &mut String, text: &str) {
    out.push_str(text);
}
