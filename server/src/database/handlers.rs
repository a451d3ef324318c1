//! Responses of the routes: lists and items.

use std::error::Error as _;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use chunkwire::{Envelope, Error, Format, JsonBody, Record as _, Source, Writer};
use chunkwire_postgres::{Pages, PagesError};
use http::HeaderMap;
use tracing::error;

use super::about;
use super::described::Described;
use super::failure::{Chain, given_up, no_connection, of_statement};
use super::link::{next, template};
use super::parameters::{AskedRows, Bound, of_item, of_list};
use super::route_config::RouteConfig;
use super::served::{Database, Served};
use crate::endpoint::Routes;
use crate::link::LINK_TEMPLATE;
use crate::listing;
use crate::problem::Problem;

/// Returns the routes of a database.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(database: &Arc<Database>) -> Routes<S> {
    database.routes.iter().fold(Routes::new(), |routes, served| {
        let (told, of, lists) = (Arc::clone(served), Arc::clone(served), Arc::clone(database));
        let handler = move |request| list(Arc::clone(&lists), Arc::clone(&of), request);
        let routes = routes.route(move || about::list(&told), handler);
        if !served.route.item {
            return routes;
        }
        let (told, of, items) = (Arc::clone(served), Arc::clone(served), Arc::clone(database));
        let handler = move |request| item(Arc::clone(&items), Arc::clone(&of), request);
        routes.route(move || about::item(&told), handler)
    })
}

/// Answers a list: the rows of a route from the first, or from the first after a key.
async fn list(database: Arc<Database>, served: Arc<Served>, request: Request) -> Result<Response, Problem> {
    let described = described(&served)?;
    let text = request.uri().query().unwrap_or_default();
    let AskedRows { limit, format, after, bound } = of_list(&served.route, described.key(), text)?;
    let (format, headers) = listing::format(format, request.headers())?;
    let mut values: Vec<_> = bound.iter().map(Bound::value).collect();
    let observer = Arc::clone(&served.observer);
    let query = match described {
        Described::Pages(query) => query,
        Described::Snapshot(query) => {
            let rows = database.pools.snapshot(&query, observer).parameters(values).limit(limit);
            return respond(JsonBody::from_source(format, rows), format, headers, &bound).await;
        }
    };
    let key = values.split_off(if after { values.len() - query.key().len() } else { values.len() });
    let pages = database.pools.pages(&query, observer).parameters(values).after(key).limit(limit);
    let body = match (format, served.route.envelope) {
        (Format::Array, true) => JsonBody::from_source(envelope(&served.route, text, &pages), pages),
        _ => JsonBody::from_source(format, pages),
    };
    let mut response = respond(body, format, headers, &bound).await?;
    if served.route.link_template {
        response.headers_mut().extend(template(&served.route, text).map(|template| (LINK_TEMPLATE, template)));
    }
    Ok(response)
}

/// Awaits the first row of a body, and returns the response of it.
async fn respond<S: Source + Unpin + Send + 'static>(
    body: JsonBody<S>,
    format: Format,
    headers: HeaderMap,
    bound: &[Bound],
) -> Result<Response, Problem> {
    let body = body.full_chunks().ready().await.map_err(|error| of_body(&error, bound))?;
    Ok(listing::response(body, format, headers))
}

/// The object whose last field is the target of the next request, or null if there are no more rows.
fn envelope(route: &RouteConfig, query: &str, pages: &Pages) -> Envelope {
    let (path, query, resume) = (route.path.clone(), query.to_owned(), pages.resume());
    Envelope::new("rows").after(move |_, object| {
        object.field("next", resume.key().map(|key| next(&path, &query, &key)));
    })
}

/// Answers an item: the row that has the key in the path, or 404.
async fn item(database: Arc<Database>, served: Arc<Served>, request: Request) -> Result<Response, Problem> {
    let Described::Pages(query) = &described(&served)? else {
        // A file that wants items of a snapshot is refused.
        return Err(Problem::internal());
    };
    let key = request.uri().path().rsplit('/').next().unwrap_or_default();
    let bound = of_item(&served.route, query, request.uri().query().unwrap_or_default(), key)?;
    let accepted = Format::accepted(request.headers(), &[Format::Array])?;
    let row = database.pools.item(query, bound.iter().map(Bound::value).collect()).await;
    let row = row.map_err(|error| of_body(&Error::new(error), &bound))?.ok_or_else(|| Problem::no_row(key))?;
    let mut json = BytesMut::new();
    query.columns().record(&row).write(&mut Writer::new(&mut json)).map_err(|error| of_body(&error, &bound))?;
    Ok((accepted.headers(), json.freeze()).into_response())
}

fn described(served: &Served) -> Result<Described, Problem> {
    served.described().ok_or_else(|| Problem::unavailable(Problem::NOT_REACHED))
}

/// The problem of a body that has nothing yet.
fn of_body(error: &Error, bound: &[Bound]) -> Problem {
    match error.source().and_then(|cause| cause.downcast_ref()) {
        Some(PagesError::NoConnection(error)) => no_connection(error),
        Some(PagesError::Database(error)) => of_statement(error, bound),
        Some(PagesError::TimedOut | PagesError::TooOld) => given_up(),
        _ => {
            error!(error = %Chain(error), "a row can't be written");
            Problem::internal()
        }
    }
}
