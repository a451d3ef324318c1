//! The routes of a database, as the page shows them.

use super::route_config::{Declared, Route};
use super::served::Database;
use crate::live::shown_route::ShownRoute;

impl Database {
    /// Returns its routes, as the page shows them.
    pub(crate) fn shown(&self) -> Vec<ShownRoute> {
        self.routes.iter().flat_map(|served| shown(&served.route)).collect()
    }
}

fn shown(route: &Route) -> Vec<ShownRoute> {
    let path = &route.path;
    let parameter = |name: &str, allowed: String| (name.to_owned(), allowed);
    let of_file = |Declared { name, type_name, default }: &Declared| match default {
        Some(default) => parameter(name, format!("{type_name}, by default {}", default.0)),
        None => parameter(name, format!("{type_name}, in each request")),
    };
    let mut parameters = vec![
        parameter("limit", format!("a whole number from 0 to {}, by default {}", route.limit.max, route.limit.default)),
        parameter("format", "array or lines, by default what Accept prefers".to_owned()),
    ];
    parameters.extend(route.parameters.iter().map(of_file));
    let is_complete = route.parameters.iter().all(|declared| declared.default.is_some());
    let examples = ["?limit=3", "?limit=3&format=lines"].map(|query| format!("{path}{query}"));
    let list = ShownRoute {
        path: path.clone(),
        about: "Rows of the database, as a JSON array or as lines.".to_owned(),
        parameters,
        examples: if is_complete { examples.into() } else { Vec::new() },
        most: is_complete.then_some(route.limit.max),
    };
    let item = route.item.then(|| ShownRoute {
        examples: Vec::new(),
        ..ShownRoute::plain(&format!("{path}/{{key}}"), "The row that has this key.")
    });
    [Some(list), item].into_iter().flatten().collect()
}
