//! Which path leads to which handler.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use chunkwire::{APPLICATION_JSON, Format, INCREMENTAL, JsonBody, NO_PROXY_BUFFERING, to_vec};
use chunkwire_engine::Handle;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body::Body as _;

use crate::about::{About, AboutResponse, Allowed, Argument, Otherwise, Tell};
#[cfg(feature = "postgres")]
use crate::database::{handlers, served::Database};
use crate::endpoint::{Routes, allowed, endpoint};
use crate::lasting;
use crate::link::{self, TOTAL_COUNT};
use crate::listing;
use crate::live::handlers::{self as live_handlers, about_feed};
use crate::live::html::Page;
use crate::live::live_samples::Live;
use crate::observe::metrics::Metrics;
use crate::openapi;
use crate::part::Part;
use crate::problem::{Parameter, Problem};
use crate::query::{self, AskedUsers, NoParameters, whole_number};
use crate::schema;
use crate::users::{User, Users};

/// The media type of a word in ASCII.
const WORD: &str = "text/plain";
const TEXT: (HeaderName, HeaderValue) = (header::CONTENT_TYPE, HeaderValue::from_static(WORD));

/// The path of the users.
const USERS: &str = "/api/v1/users";

/// The ids that users have.
const ID: Allowed = Allowed::Whole { least: 1, most: User::COUNT };

/// What handlers need to know.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) users: u64,
    pub(crate) max_users: u64,
    pub(crate) unbuffered: bool,
    pub(crate) engine: Handle,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) live: Live,
    /// Where the routes with records are: their scheme, and their port if the page has an address of its own.
    pub(crate) scheme: &'static str,
    pub(crate) port: Option<u16>,
    /// In place of the users.
    #[cfg(feature = "postgres")]
    pub(crate) database: Option<Arc<Database>>,
}

/// The routes of the server, as [`Server::router`](crate::Server::router) documents them.
pub(crate) fn router(app: App, has_admin: bool) -> Router {
    let mut routes = app.records();
    if app.unbuffered {
        routes.router = routes.router.layer(map_response(unbuffered));
    }
    let records = routes.told.clone();
    let mut routes = routes.merge(probes());
    if has_admin {
        routes = routes.merge(app.admin(records));
    }
    finished(routes).with_state(Arc::new(app))
}

/// The routes of an address for operators.
pub(crate) fn admin(app: App) -> Router {
    let records = app.records().told;
    finished(probes().merge(app.admin(records))).with_state(Arc::new(app))
}

fn probes() -> Routes<Arc<App>> {
    Routes::new().route(about_health, health).route(about_readiness, readiness)
}

/// Adds the description of all routes, and what answers elsewhere.
fn finished(mut routes: Routes<Arc<App>>) -> Router<Arc<App>> {
    routes.told.push(Arc::new(openapi::about));
    let told: Arc<[Tell]> = routes.told.into();
    let paths: Vec<_> = told.iter().map(|tell| tell().path).collect();
    let instead: Arc<str> = match &*paths {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")).into(),
        paths => paths.concat().into(),
    };
    let described = async move |State(app): State<Arc<App>>, _: NoParameters| description(&app, &told);
    let router = endpoint(routes.router, openapi::PATH, described);
    router.fallback(move |request| no_route(request, Arc::clone(&instead)))
}

impl App {
    /// The routes that have records.
    fn records(&self) -> Routes<Arc<Self>> {
        #[cfg(feature = "postgres")]
        if let Some(database) = &self.database {
            return handlers::routes(database);
        }
        let (default, max) = (self.users, self.max_users);
        let mut routes = Routes::new().route(move || about_users(default, max), users).route(about_user, user);
        // An id that is missing is a bad one.
        routes.router = endpoint(routes.router, "/api/v1/users/", user);
        routes
    }

    /// What is told of the server: the page, its feed, and the metrics.
    fn admin(&self, mut records: Vec<Tell>) -> Routes<Arc<Self>> {
        records.push(Arc::new(openapi::about));
        let own: [fn() -> About; 4] = [about_feed, about_metrics, about_health, about_readiness];
        let own = own.map(|tell| Arc::new(tell) as Tell).into();
        let page = Page { records, own, scheme: self.scheme, port: self.port };
        live_handlers::routes(self.live.clone(), page).route(about_metrics, metrics_text)
    }

    /// Whether all that requests need is there.
    fn is_ready(&self) -> bool {
        #[cfg(feature = "postgres")]
        if let Some(database) = &self.database {
            return database.is_described();
        }
        true
    }
}

fn about_users(default: u64, max: u64) -> About {
    let examples = ["?limit=3", "?limit=3&format=lines", "?limit=3&offset=1000"];
    let user = schema::user();
    let users = AboutResponse { status: 200, content: schema::list(&user, &schema::array(&user)) };
    About {
        path: USERS.to_owned(),
        about: "Generated users, as a JSON array or as lines.".to_owned(),
        key: None,
        arguments: query::arguments(default, max),
        responses: responses(users),
        examples: examples.map(|query| format!("{USERS}{query}")).into(),
        most: Some(max),
    }
}

fn about_user() -> About {
    let user = AboutResponse::of(200, APPLICATION_JSON, schema::user());
    About {
        path: format!("{USERS}/{{id}}"),
        about: "One user, by a whole number above 0.".to_owned(),
        key: Some(Argument::new("id", ID, Otherwise::Refused)),
        arguments: Vec::new(),
        responses: responses(user),
        examples: vec![format!("{USERS}/1")],
        most: None,
    }
}

/// The responses of a path with users: the whole one, that the client has it already, and problems.
fn responses(whole: AboutResponse) -> Vec<AboutResponse> {
    let problems = [400, 406, 412].map(AboutResponse::problem);
    [whole, AboutResponse::empty(304)].into_iter().chain(problems).collect()
}

fn about_health() -> About {
    About::plain("/healthz", "Whether the server runs.", WORD)
}

fn about_readiness() -> About {
    let mut about = About::plain("/readyz", "Whether it should be given requests.", WORD);
    about.responses.push(AboutResponse::of(503, WORD, schema::of("string")));
    about
}

fn about_metrics() -> About {
    About::plain("/metrics", "What the server counts, in the text format of Prometheus.", Metrics::MEDIA_TYPE)
}

fn description(app: &App, told: &[Tell]) -> Result<Response, Problem> {
    // What it has of columns is not known yet.
    if !app.is_ready() {
        return Err(Problem::unavailable(Problem::NOT_REACHED));
    }
    let json = HeaderValue::from_static(APPLICATION_JSON);
    Ok(([(header::CONTENT_TYPE, json)], openapi::document(told).to_string()).into_response())
}

async fn no_route(request: Request, instead: Arc<str>) -> Response {
    match (request.method(), request.uri().path()) {
        (&Method::OPTIONS, "*") => allowed().await,
        (_, path) => Problem::not_found(path, &instead).into_response(),
    }
}

async fn users(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let query = request.uri().query().unwrap_or_default();
    let AskedUsers { part, format } = query::users(query, app.users, app.max_users)?;
    let (format, headers) = listing::format(format, request.headers())?;
    let tag = lasting::tag(&[part.offset, part.limit], &headers);
    lasting::respond(tag, request.headers(), headers, |mut headers| {
        let beside = part.beside().map(|(relation, Part { offset, limit })| (relation, [limit, offset]));
        headers.extend(link::links(USERS, query, ["limit", "offset"], beside).map(|links| (header::LINK, links)));
        headers.insert(TOTAL_COUNT, User::COUNT.into());
        listing::response(JsonBody::new(format, Users::range(part.offset, part.limit)), format, headers)
    })
}

/// Asks proxies to pass on records as they come, where they do.
async fn unbuffered(mut response: Response) -> Response {
    if response.body().size_hint().exact().is_none() {
        response.headers_mut().extend([NO_PROXY_BUFFERING, INCREMENTAL]);
    }
    response
}

async fn user(_: NoParameters, request: Request) -> Result<Response, Problem> {
    let id = request.uri().path().rsplit('/').next().unwrap_or_default();
    let user = whole_number(id).and_then(User::with_id).ok_or_else(|| {
        Problem::parameter(Parameter { name: "id".to_owned(), given: id.to_owned(), allowed: ID.to_string() })
    })?;
    let accepted = Format::accepted(request.headers(), &[Format::Array])?;
    let headers = HeaderMap::from_iter(accepted.headers());
    let tag = lasting::tag(&[user.id], &headers);
    lasting::respond(tag, request.headers(), headers, |headers| (headers, to_vec(&user)).into_response())
}

async fn health(_: NoParameters) -> Response {
    ([TEXT], "ok\n").into_response()
}

async fn readiness(State(app): State<Arc<App>>, _: NoParameters) -> Response {
    if app.engine.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, [TEXT], "stopping\n").into_response();
    }
    if !app.is_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, [TEXT], format!("{}\n", Problem::NOT_REACHED)).into_response();
    }
    ([TEXT], "ok\n").into_response()
}

async fn metrics_text(State(app): State<Arc<App>>, _: NoParameters) -> Response {
    ([(header::CONTENT_TYPE, Metrics::MEDIA_TYPE)], app.metrics.text(&app.engine)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower_service::Service;

    use super::*;

    async fn get(target: &str) -> (u16, String) {
        let engine = chunkwire_engine::Engine::bind("127.0.0.1:0".parse().unwrap(), &Default::default()).unwrap();
        let app = App {
            users: 1000,
            max_users: 1_000_000,
            unbuffered: false,
            engine: engine.handle().clone(),
            metrics: Arc::default(),
            live: Live::default(),
            scheme: "http",
            port: None,
            #[cfg(feature = "postgres")]
            database: None,
        };
        let mut router = router(app, true);
        let request = Request::get(target).header(header::HOST, "localhost").body(Body::empty()).unwrap();
        let response = router.call(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.into()).unwrap())
    }

    #[tokio::test]
    async fn paths_and_their_answers() {
        assert_eq!(get("/api/v1/users?limit=0").await, (200, "[]".to_owned()));
        assert_eq!(get("/healthz").await, (200, "ok\n".to_owned()));
        let (status, ada) = get("/api/v1/users/1").await;
        assert_eq!((status, &ada[..30]), (200, r#"{"id":1,"name":"Ada Lovelace","#));
        assert_eq!(get("/api/v1/users?limit=1").await, (200, format!("[{ada}]")));
        for path in ["//", "/api/v1/users/1/", "/api/v1/users/1/2", "/api/v1/usersx", "/API/v1/users", "/healthz/"] {
            assert_eq!(get(path).await.0, 404, "{path}");
        }
        for path in ["/api/v1/users", "/api/v1/users/1", "/healthz", "/readyz", "/metrics", "/live", "/"] {
            let (status, problem) = get(&format!("{path}?page=2")).await;
            assert_eq!(status, 400, "{path}");
            let known = if path.ends_with("users") { "limit, offset" } else { "no parameter" };
            assert!(problem.contains("page") && problem.contains(known), "{path}: {problem}");
        }
        for path in ["/api/v1/users/0", "/api/v1/users/", "/api/v1/users/x", "/api/v1/users/18446744073709551616"] {
            assert_eq!(get(path).await.0, 400, "{path}");
        }
    }
}
