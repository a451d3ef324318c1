use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::Sender;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chunkwire::APPLICATION_JSON;
use http_body_util::BodyExt;

use crate::source;

async fn respond(request: HttpRequest) -> HttpResponse {
    let body = source::body(request.path());
    // The line:
    HttpResponse::Ok().content_type(APPLICATION_JSON).streaming(body.into_data_stream())
}

pub async fn serve(listening: Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listening.send(listener.local_addr().unwrap()).unwrap();
    let app = || App::new().default_service(web::to(respond));
    HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run().await.unwrap();
}
