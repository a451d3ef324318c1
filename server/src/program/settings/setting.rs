//! What holds of an option, and from where.

use std::fmt::Write as _;

/// What holds of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) name: String,
    /// Nothing, if it is unset.
    pub(crate) value: Option<String>,
    /// Where the value is from: a place in the file, a variable, the command line, or the default.
    pub(crate) source: String,
    /// Whether nobody should read it.
    pub(crate) is_secret: bool,
}

/// A line for each.
pub(crate) fn table(settings: &[Setting]) -> String {
    let width =
        |text: fn(&Setting) -> &str| settings.iter().map(|setting| text(setting).len()).max().unwrap_or_default();
    let (names, values) = (width(|setting| &setting.name), width(Setting::shown));
    let mut text = String::new();
    for setting in settings {
        let _ = writeln!(text, "{:names$}  {:values$}  {}", setting.name, setting.shown(), setting.source);
    }
    text
}

impl Setting {
    /// The value, where people read it.
    pub(crate) fn shown(&self) -> &str {
        match &self.value {
            Some(_) if self.is_secret => "(not shown)",
            Some(value) => value,
            None => "-",
        }
    }
}
