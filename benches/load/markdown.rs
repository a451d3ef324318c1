//! The parts of Markdown that the report is made of.

use std::fmt::Write;

/// Returns a table. If it has more than two columns, all but the first are numbers.
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

/// Returns a section with a list, unless it has no lines.
pub(crate) fn list<'a>(title: &str, lines: impl Iterator<Item = &'a String>, out: &mut String) {
    for (i, line) in lines.enumerate() {
        if i == 0 {
            text(out, &format!("\n## {title}\n\n"));
        }
        // A `String` accepts everything.
        let _ = writeln!(out, "- {}", line.replace('\n', " "));
    }
}

/// Returns text that is shown as is.
pub(crate) fn text(out: &mut String, text: &str) {
    out.push_str(text);
}
