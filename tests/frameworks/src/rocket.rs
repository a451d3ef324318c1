use std::net::SocketAddr;
use std::sync::mpsc::Sender;

use http_body_util::BodyExt;
use rocket::config::{Config, LogLevel};
use rocket::fairing::AdHoc;
use rocket::http::ContentType;
use rocket::http::uri::Origin;
use rocket::response::Responder;
use rocket::response::stream::ReaderStream;
use rocket::{get, routes};
use tokio_util::io::StreamReader;

use crate::source;

#[get("/<_..>")]
fn respond<'r>(target: &Origin<'_>) -> impl Responder<'r, 'r> {
    let body = source::body(target.path().as_str());
    // The line:
    (ContentType::JSON, ReaderStream::one(StreamReader::new(body.into_data_stream())))
}

pub async fn serve(listening: Sender<SocketAddr>) {
    let config = Config { port: 0, log_level: LogLevel::Off, ..Config::default() };
    let told = AdHoc::on_liftoff("address", |rocket| {
        let address = (rocket.config().address, rocket.config().port).into();
        Box::pin(async move { listening.send(address).unwrap() })
    });
    rocket::custom(config).mount("/", routes![respond]).attach(told).launch().await.unwrap();
}
