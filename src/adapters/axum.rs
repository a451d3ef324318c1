//! Bodies as what a handler of axum returns.

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};

use super::end::End;
use super::on_end::OnEnd;
use crate::body::json_body::JsonBody;
use crate::body::source::Source;

/// A handler can return the body itself, or in a tuple with a status and headers, which replace those of
/// [`JsonBody::into_response`].
///
/// # Examples
///
/// ```
/// use axum::Router;
/// use axum::response::IntoResponse;
/// use axum::routing::get;
/// use chunkwire::{APPLICATION_JSON, Format, JsonBody, NO_PROXY_BUFFERING};
///
/// async fn squares() -> impl IntoResponse {
///     JsonBody::new(Format::Array, (0..1_000_000_u64).map(|n| n * n))
/// }
///
/// async fn behind_nginx() -> impl IntoResponse {
///     ([NO_PROXY_BUFFERING], squares().await)
/// }
///
/// let app: Router = Router::new().route("/squares", get(squares)).route("/behind-nginx", get(behind_nginx));
///
/// # drop(app);
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let headers = behind_nginx().await.into_response().headers().clone();
/// assert_eq!(headers["content-type"], APPLICATION_JSON);
/// assert_eq!(headers["x-accel-buffering"], "no");
/// # }
/// ```
impl<S: Source + Send + 'static> IntoResponse for JsonBody<S> {
    fn into_response(self) -> Response {
        self.into_response().map(Body::new)
    }
}

/// A handler can return the body itself, as it can a [`JsonBody`].
impl<S, F> IntoResponse for OnEnd<S, F>
where
    S: Source + Send + 'static,
    F: FnOnce(&End<'_>) + Send + 'static,
{
    fn into_response(self) -> Response {
        self.into_response().map(Body::new)
    }
}
