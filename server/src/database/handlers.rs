//! Answers of the routes: lists and items.

use std::error::Error as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use chunkwire::{Envelope, Error, Format, JsonBody, Record as _, Writer};
use chunkwire_postgres::{Pages, PagesError, Query};
use tracing::error;

use super::failure::{Chain, given_up, no_connection, of_statement};
use super::link::{LINK_TEMPLATE, next, template};
use super::parameters::{Asked, Bound, of_item, of_list};
use super::route_config::Route;
use super::served::{Database, Served};
use crate::endpoint::endpoint;
use crate::listing;
use crate::problem::Problem;

/// Returns the routes of a database, and their paths.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(database: &Arc<Database>) -> (Router<S>, Vec<String>) {
    let (mut router, mut paths) = (Router::new(), Vec::new());
    for served in &database.routes {
        let (list_of, item_of) = (Arc::clone(served), Arc::clone(served));
        let (lists, items) = (Arc::clone(database), Arc::clone(database));
        let path = &served.route.path;
        let handler = move |request| list(Arc::clone(&lists), Arc::clone(&list_of), request);
        router = router.route(path, endpoint(handler));
        paths.push(path.clone());
        if served.route.item {
            let path = format!("{path}/{{key}}");
            let handler = move |request| item(Arc::clone(&items), Arc::clone(&item_of), request);
            router = router.route(&path, endpoint(handler));
            paths.push(path);
        }
    }
    (router, paths)
}

/// Answers a list: the rows of a route from the first or from behind a key.
async fn list(database: Arc<Database>, served: Arc<Served>, request: Request) -> Result<Response, Problem> {
    let query = &described(&served)?;
    let text = request.uri().query().unwrap_or_default();
    let Asked { limit, format, after, bound } = of_list(&served.route, query, text)?;
    let (format, headers) = listing::format(format, request.headers())?;
    let mut parameters: Vec<_> = bound.iter().map(Bound::value).collect();
    let key = parameters.split_off(if after { parameters.len() - query.key().len() } else { parameters.len() });
    let pages =
        database.pools.pages(query, Arc::clone(&served.observer)).parameters(parameters).after(key).limit(limit);
    let body = match (format, served.route.envelope) {
        (Format::Array, true) => JsonBody::from_source(envelope(&served.route, text, &pages), pages),
        _ => JsonBody::from_source(format, pages),
    };
    let body = body.full_chunks().ready().await;
    let body = body.map_err(|error| of_body(&error, &bound))?;

    let mut response = listing::response(body, format, headers);
    if served.route.link_template {
        response.headers_mut().extend(template(&served.route, text).map(|template| (LINK_TEMPLATE, template)));
    }
    Ok(response)
}

/// The object whose last field is the target of the next request, or null if there are no more rows.
fn envelope(route: &Route, query: &str, pages: &Pages) -> Envelope {
    let (path, query, resume) = (route.path.clone(), query.to_owned(), pages.resume());
    Envelope::new("rows").after(move |_, object| {
        object.field("next", resume.key().map(|key| next(&path, &query, &key)));
    })
}

/// Answers an item: the row that has the key in the path, or 404.
async fn item(database: Arc<Database>, served: Arc<Served>, request: Request) -> Result<Response, Problem> {
    let query = &described(&served)?;
    let key = request.uri().path().rsplit('/').next().unwrap_or_default();
    let bound = of_item(&served.route, query, request.uri().query().unwrap_or_default(), key)?;
    let accepted = Format::accepted(request.headers(), &[Format::Array])?;
    let row = database.pools.item(query, bound.iter().map(Bound::value).collect()).await;
    let row = row.map_err(|error| of_body(&Error::new(error), &bound))?.ok_or_else(|| Problem::no_row(key))?;
    let mut json = BytesMut::new();
    query.columns().record(&row).write(&mut Writer::new(&mut json)).map_err(|error| of_body(&error, &bound))?;
    Ok((accepted.headers(), json.freeze()).into_response())
}

fn described(served: &Served) -> Result<Query, Problem> {
    served.query().ok_or_else(|| Problem::unavailable("the database has not been reached yet"))
}

/// The problem of a body that has nothing yet.
fn of_body(error: &Error, bound: &[Bound]) -> Problem {
    match error.source().and_then(|cause| cause.downcast_ref()) {
        Some(PagesError::NoConnection(error)) => no_connection(error),
        Some(PagesError::Database(error)) => of_statement(error, bound),
        Some(PagesError::TimedOut) => given_up(),
        _ => {
            error!(error = %Chain(error), "a row can't be written");
            Problem::internal()
        }
    }
}
