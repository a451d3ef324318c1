//! Which path leads to which handler.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use chunkwire::{Format, INCREMENTAL, JsonBody, NO_PROXY_BUFFERING, to_vec};
use chunkwire_engine::Handle;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body::Body as _;

#[cfg(feature = "postgres")]
use crate::database::{handlers, served::Database};
use crate::endpoint::{allowed, endpoint};
use crate::lasting;
use crate::link::{self, TOTAL_COUNT};
use crate::listing;
use crate::live::handlers as live_handlers;
use crate::live::html::Page;
use crate::live::live_samples::Live;
use crate::live::shown_route::ShownRoute;
use crate::observe::metrics::Metrics;
use crate::part::Part;
use crate::problem::{Parameter, Problem};
use crate::query::{self, Asked, NoParameters, whole_number};
use crate::users::{User, Users};

/// The media type of a word in ASCII.
const TEXT: (HeaderName, HeaderValue) = (header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));

/// The path of the users.
const USERS: &str = "/api/v1/users";

/// The paths that health checks ask, and those for people and programs that watch the server.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];
const ADMIN: [&str; 3] = ["/metrics", "/live", "/"];

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
    let (mut router, mut paths) = app.records();
    if app.unbuffered {
        router = router.layer(map_response(unbuffered));
    }
    let mut router = router.merge(probes());
    paths.extend(PROBES.map(str::to_owned));
    if has_admin {
        router = router.merge(app.admin());
        paths.extend(ADMIN.map(str::to_owned));
    }
    with_fallback(router, &paths).with_state(Arc::new(app))
}

/// The routes of an address for those who run the server.
pub(crate) fn admin(app: App) -> Router {
    let paths: Vec<_> = PROBES.into_iter().chain(ADMIN).map(str::to_owned).collect();
    with_fallback(probes().merge(app.admin()), &paths).with_state(Arc::new(app))
}

fn probes() -> Router<Arc<App>> {
    Router::new().route("/healthz", endpoint(health)).route("/readyz", endpoint(readiness))
}

fn with_fallback(router: Router<Arc<App>>, paths: &[String]) -> Router<Arc<App>> {
    let instead: Arc<str> = match paths {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")).into(),
        paths => paths.concat().into(),
    };
    router.fallback(move |request| no_route(request, Arc::clone(&instead)))
}

impl App {
    /// The routes that have records, and their paths.
    fn records(&self) -> (Router<Arc<Self>>, Vec<String>) {
        #[cfg(feature = "postgres")]
        if let Some(database) = &self.database {
            return handlers::routes(database);
        }
        let router = Router::new()
            .route(USERS, endpoint(users))
            .route("/api/v1/users/", endpoint(user))
            .route("/api/v1/users/{id}", endpoint(user));
        (router, [USERS, "/api/v1/users/{id}"].map(str::to_owned).into())
    }

    /// What is told of the server: the page, its feed, and the metrics.
    fn admin(&self) -> Router<Arc<Self>> {
        let own = [
            ShownRoute::plain("/live", "The figures of this page: those of ten minutes, then one line each second."),
            ShownRoute::plain("/metrics", "What the server counts, in the text format of Prometheus."),
            ShownRoute::plain("/healthz", "Whether the server runs."),
            ShownRoute::plain("/readyz", "Whether it should be given requests."),
        ];
        let page = Page { records: self.shown(), own: own.into(), scheme: self.scheme, port: self.port };
        live_handlers::routes(self.live.clone(), page).route("/metrics", endpoint(metrics_text))
    }

    /// The routes that have records, as the page shows them.
    fn shown(&self) -> Vec<ShownRoute> {
        #[cfg(feature = "postgres")]
        if let Some(database) = &self.database {
            return database.shown();
        }
        let path = "/api/v1/users";
        let parameter = |name: &str, allowed: String| (name.to_owned(), allowed);
        let targets = ["?limit=3", "?limit=3&format=lines", "?limit=3&offset=1000"];
        let users = ShownRoute {
            path: path.to_owned(),
            about: "Generated users, as a JSON array or as lines.".to_owned(),
            parameters: vec![
                parameter("limit", format!("a whole number from 0 to {}, by default {}", self.max_users, self.users)),
                parameter("offset", format!("a whole number from 0 to {}, by default 0", u64::MAX)),
                parameter("format", "array or lines, by default what Accept prefers".to_owned()),
            ],
            examples: targets.map(|query| format!("{path}{query}")).into(),
            most: Some(self.max_users),
        };
        let user = ShownRoute {
            examples: vec![format!("{path}/1")],
            ..ShownRoute::plain("/api/v1/users/{id}", "One user, by a whole number above 0.")
        };
        vec![users, user]
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

async fn no_route(request: Request, instead: Arc<str>) -> Response {
    match (request.method(), request.uri().path()) {
        (&Method::OPTIONS, "*") => allowed().await,
        (_, path) => Problem::not_found(path, &instead).into_response(),
    }
}

async fn users(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let query = request.uri().query().unwrap_or_default();
    let Asked { part, format } = query::users(query, app.users, app.max_users)?;
    let (format, headers) = listing::format(format, request.headers())?;
    let tag = lasting::tag(&[part.offset, part.limit], &headers);
    lasting::respond(tag, request.headers(), headers, |mut headers| {
        let target = |Part { offset, limit }| {
            link::target(USERS, query, &[("limit", limit.to_string()), ("offset", offset.to_string())])
        };
        let links = link::links(part.beside().map(|(relation, part)| (relation, target(part))));
        headers.extend(links.map(|links| (header::LINK, links)));
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
        let allowed = format!("a whole number from 1 to {}", u64::MAX);
        Problem::parameter(Parameter { name: "id".to_owned(), given: id.to_owned(), allowed })
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
        return (StatusCode::SERVICE_UNAVAILABLE, [TEXT], "the database has not been reached yet\n").into_response();
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
