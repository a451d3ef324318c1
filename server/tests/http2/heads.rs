//! A response that is a head by its status says nothing of a length.

use chunkwire_test_support::http2_client::{Client, WIDE, read};
use chunkwire_test_support::time::soon;
use http::Request;

use crate::support::server::config;
use crate::support::wire::Wire;

on_every_wire!(what_has_no_body_has_no_length);

async fn what_has_no_body_has_no_length(wire: &Wire) {
    let mut client = Client::connect(&wire.serve(&config()), WIDE).await;
    for (method, status) in [("OPTIONS", 204), ("GET", 304)] {
        let request = Request::builder().method(method).uri("http://localhost/api/v1/users?limit=3");
        let request = request.header("if-none-match", "*").body(()).unwrap();
        let response = soon(client.requests.send_request(request, true).unwrap().0).await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers().get("content-length")), (status, None));
        assert_eq!(read(response).await, (Vec::new(), None));
    }
}
