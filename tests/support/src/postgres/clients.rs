//! Clients of a server.

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::time::soon;

/// Returns a client with a connection of its own, which a task of the current runtime keeps.
pub(super) async fn connected(url: &str) -> Client {
    let (client, connection) = soon(tokio_postgres::connect(url, NoTls)).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Returns the only value of a query as text.
pub(super) async fn value(client: &Client, sql: &str) -> String {
    let messages = soon(client.simple_query(sql)).await.unwrap();
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    row.expect("a row").get(0).expect("a value").to_owned()
}
