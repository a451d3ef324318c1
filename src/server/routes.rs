//! Which path leads to which answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{Either, Full};

use super::accept;
use super::config::Config;
use super::metrics::Metrics;
use super::page::{self, whole_number};
use super::problem::{Parameter, Problem};
use super::status::Status;
use super::strict;
use crate::users::{User, Users};
use crate::{Iter, JsonBody, to_vec};

/// The body of an answer: records as a stream, users where nothing else is said, or a few bytes.
pub type Body<S = Iter<Users>> = Either<JsonBody<S>, Full<Bytes>>;

/// What every path but the unknown ones allows.
pub(super) const ALLOW: &str = "GET, HEAD, OPTIONS";

/// The routes of the server and what they need to know.
///
/// - `GET /api/v1/users`: users as a JSON array or as lines, chosen by `Accept`; `limit` and `offset` in the query.
/// - `GET /api/v1/users/{id}`: one user.
/// - `GET /healthz`: whether the server runs.
/// - `GET /readyz`: whether it should be given requests: 503 from the moment that it is asked to stop.
/// - `GET /metrics`: what it does, in the text format of Prometheus.
///
/// `HEAD` is answered as `GET` is, without the body and what announces it, and produces no user. `OPTIONS`, of these
/// paths or of `*`, is answered by what they allow. Everything else is answered by a problem document (RFC 9457): 400,
/// 404, 405, 406, 414, 417 or 501.
///
/// Before it is routed, a request has to be strict HTTP/1.1: it has one valid `Host`, a valid target, and no body if it
/// is a `GET` or a `HEAD`. The answer to one that is not ends the connection, as does that to one with a body.
#[derive(Clone, Debug)]
pub struct Routes {
    users: u64,
    max_users: u64,
    status: Arc<Status>,
}

impl Routes {
    /// Routes with the limits of `config`.
    pub fn new(config: &Config) -> Self {
        Self::of(config, Arc::default())
    }

    /// Routes of a server.
    pub(super) fn of(config: &Config, status: Arc<Status>) -> Self {
        Self { users: config.users, max_users: config.max_users, status }
    }

    /// Answers a request; its body is not looked at.
    pub fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        let answer = strict::check(request).and_then(|()| self.route(request));
        let mut response = answer.unwrap_or_else(Response::from);
        strict::close_behind_a_body(request.headers(), &mut response);
        response
    }

    fn route<B>(&self, request: &Request<B>) -> Result<Response<Body>, Problem> {
        let path = request.uri().path();
        let answer = match path.strip_prefix("/api/v1/users") {
            Some("") => Self::users,
            Some(id) if id.starts_with('/') && !id[1..].contains('/') => Self::user,
            _ if path == "/healthz" => Self::health,
            _ if path == "/readyz" => Self::readiness,
            _ if path == "/metrics" => Self::metrics,
            // Only an OPTIONS comes as far as this with it.
            _ if path == "*" => Self::options,
            _ => return Err(Problem::not_found(path)),
        };
        match *request.method() {
            Method::GET | Method::HEAD => answer(self, request),
            Method::OPTIONS => self.options(request),
            _ => Err(Problem::method_not_allowed(request.method(), ALLOW)),
        }
    }

    /// What may be asked for (RFC 9110, section 9.3.7).
    fn options<B>(&self, _: &Request<B>) -> Result<Response<Body>, Problem> {
        let mut response = Response::new(Either::Right(Full::default()));
        *response.status_mut() = StatusCode::NO_CONTENT;
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(ALLOW));
        Ok(response)
    }

    fn users<B>(&self, request: &Request<B>) -> Result<Response<Body>, Problem> {
        let users = page::users(request.uri().query().unwrap_or_default(), self.users, self.max_users)?;
        let (media_type, format) = accept::users(request.headers())?;
        Ok(response(media_type, Either::Left(JsonBody::new(format, users))))
    }

    fn user<B>(&self, request: &Request<B>) -> Result<Response<Body>, Problem> {
        let id = request.uri().path().rsplit('/').next().unwrap_or_default();
        let user = whole_number(id).and_then(User::with_id).ok_or_else(|| {
            let allowed = format!("a whole number from 1 to {}", u64::MAX);
            Problem::parameter(Parameter { name: "id".to_owned(), given: id.to_owned(), allowed })
        })?;
        let media_type = accept::user(request.headers())?;
        Ok(response(media_type, Either::Right(to_vec(&user).into())))
    }

    fn health<B>(&self, _: &Request<B>) -> Result<Response<Body>, Problem> {
        Ok(response("text/plain", Either::Right("ok\n".into())))
    }

    fn readiness<B>(&self, _: &Request<B>) -> Result<Response<Body>, Problem> {
        let stopping = self.status.is_stopping();
        let mut response = response("text/plain", Either::Right(if stopping { "stopping\n" } else { "ok\n" }.into()));
        if stopping {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        Ok(response)
    }

    fn metrics<B>(&self, _: &Request<B>) -> Result<Response<Body>, Problem> {
        Ok(response(Metrics::MEDIA_TYPE, Either::Right(self.status.metrics.text().into())))
    }
}

fn response(media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn get(target: &str) -> (u16, String) {
        let request = Request::get(target).header(header::HOST, "localhost").body(()).unwrap();
        let response = Routes::new(&Config::default()).answer(&request);
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut text = String::new();
        while let Some(frame) = body.frame().await {
            text.push_str(str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
        (status, text)
    }

    #[tokio::test]
    async fn paths_and_their_answers() {
        assert_eq!(get("/api/v1/users?limit=0").await, (200, "[]".to_owned()));
        assert_eq!(get("/healthz").await, (200, "ok\n".to_owned()));
        let (status, ada) = get("/api/v1/users/1").await;
        assert_eq!((status, &ada[..30]), (200, r#"{"id":1,"name":"Ada Lovelace","#));
        assert_eq!(get("/api/v1/users?limit=1").await, (200, format!("[{ada}]")));
        for path in ["/", "/api/v1/users/1/", "/api/v1/users/1/2", "/api/v1/usersx", "/API/v1/users", "/healthz/"] {
            assert_eq!(get(path).await.0, 404, "{path}");
        }
        for path in ["/api/v1/users/0", "/api/v1/users/", "/api/v1/users/x", "/api/v1/users/18446744073709551616"] {
            assert_eq!(get(path).await.0, 400, "{path}");
        }
    }
}
