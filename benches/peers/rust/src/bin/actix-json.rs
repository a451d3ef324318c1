//! actix-web with `.json(Vec<User>)`: the whole array, then the whole JSON, then the response.

use actix_web::{App, HttpResponse, HttpServer, Responder, get, web};
use peers::{BACKLOG, DEFAULT_LIMIT, Page, User};

#[get("/api/v1/users")]
async fn users(page: web::Query<Page>) -> impl Responder {
    let users: Vec<User> = peers::users(page.limit.unwrap_or(DEFAULT_LIMIT)).collect();
    HttpResponse::Ok().json(users)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| App::new().service(users)).backlog(BACKLOG).tcp_nodelay(true).bind(peers::address())?.run().await
}
