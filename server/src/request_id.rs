//! Names requests, so that a client and a reader of the log speak of the same one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;
use uuid::Uuid;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is kept.
const LONGEST: usize = 128;

/// A service whose requests have an id, their own or one that is made, which their responses have as well.
///
/// tower-http's `SetRequestId` keeps whatever the client has sent, of any length.
#[derive(Clone, Debug)]
pub(crate) struct RequestIds<S> {
    service: S,
}

impl<S> RequestIds<S> {
    pub(crate) fn new(service: S) -> Self {
        Self { service }
    }
}

impl<S, Q, B> Service<Request<Q>> for RequestIds<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        let id = match sent(request.headers()) {
            Some(id) => id.clone(),
            None => {
                let id = made();
                request.headers_mut().insert(X_REQUEST_ID, id.clone());
                id
            }
        };
        ResponseFuture { response: self.service.call(request), id: Some(id) }
    }
}

/// The id that a client has sent, if it has sent one, which has to be some visible characters of ASCII.
fn sent(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut ids = headers.get_all(X_REQUEST_ID).iter();
    let id =
        ids.next().filter(|id| (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic))?;
    ids.next().is_none().then_some(id)
}

fn made() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    HeaderValue::from_str(Uuid::new_v4().hyphenated().encode_lower(&mut text)).expect("digits and hyphens")
}

pin_project! {
    /// The response of [`RequestIds`].
    pub(crate) struct ResponseFuture<F> {
        #[pin]
        response: F,
        id: Option<HeaderValue>,
    }
}

impl<F: Future<Output = Result<Response<B>, E>>, B, E> Future for ResponseFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.response.poll(cx))?;
        response.headers_mut().extend(this.id.take().map(|id| (X_REQUEST_ID, id)));
        Poll::Ready(Ok(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(ids: &[&[u8]]) -> bool {
        let ids = ids.iter().map(|id| (X_REQUEST_ID, HeaderValue::from_bytes(id).unwrap()));
        let mut headers = HeaderMap::new();
        for (name, id) in ids {
            headers.append(name, id);
        }
        sent(&headers).is_some()
    }

    #[test]
    fn what_a_client_sent_is_kept_if_it_is_an_id() {
        for id in ["7", "01890b5d-ac96-774b-bcce-b302099a8057", "Root=1-67891233-abc;Sampled=1", &"x".repeat(LONGEST)] {
            assert!(kept(&[id.as_bytes()]), "{id}");
        }
        let long = "x".repeat(LONGEST + 1);
        for ids in [&[][..], &[&b""[..]], &[b"a b"], &[b"a\tb"], &[b"\xe9"], &[long.as_bytes()], &[b"a", b"b"]] {
            assert!(!kept(ids), "{ids:?}");
        }
    }

    #[test]
    fn what_is_made_is_one_and_differs() {
        let [one, other] = [made(), made()];
        assert!(kept(&[one.as_bytes()]) && one != other && one.len() == 36, "{one:?}");
    }
}
