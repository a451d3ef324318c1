//! A route, as the page shows it.

/// A route, as the page shows it.
#[derive(Clone, Debug)]
pub(crate) struct ShownRoute {
    /// Its path, in which a part may be in braces.
    pub(crate) path: String,
    pub(crate) about: String,
    /// Names of parameters of the query, and what is allowed for each.
    pub(crate) parameters: Vec<(String, String)>,
    /// Targets to try, paths with a query.
    pub(crate) examples: Vec<String>,
    /// How many records a request may ask for.
    pub(crate) most: Option<u64>,
}

impl ShownRoute {
    /// One of the server's own, without parameters.
    pub(crate) fn plain(path: &str, about: &str) -> Self {
        let about = about.to_owned();
        Self { path: path.to_owned(), about, parameters: Vec::new(), examples: vec![path.to_owned()], most: None }
    }
}
