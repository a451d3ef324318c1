//! Rows that change while they are read.

use chunkwire_postgres::Pages;
use chunkwire_test_support::time::soon;
use tokio::sync::watch;

use crate::bodies::{body, next, pool};
use crate::fixture::{cluster, users};

/// What the docs promise: rows that exist all the time are sent exactly once. Here, those of even ids exist all the time
/// and change, and those of odd ids come and go.
#[tokio::test]
async fn rows_that_exist_throughout_are_sent_exactly_once() {
    let Some(cluster) = cluster(&[]).await else { return };
    let query = users(&cluster).await;
    let (changed, mut changes) = watch::channel(0);
    let client = cluster.client().await;
    let writer = tokio::spawn(async move {
        for turn in 0.. {
            let part = turn % 7;
            let changes = format!(
                "BEGIN; DELETE FROM users WHERE id % 2 = 1 AND id % 7 = {part}; COMMIT; \
                 BEGIN; UPDATE users SET note = reverse(note) || '{part}' WHERE id % 2 = 0 AND id % 7 = {part}; COMMIT; \
                 INSERT INTO users SELECT n, 'new ' || n, 'x' FROM generate_series(1, 5999, 2) n \
                 WHERE n % 7 = ({part} + 3) % 7 ON CONFLICT DO NOTHING"
            );
            soon(client.batch_execute(&changes)).await.unwrap();
            if changed.send(turn).is_err() {
                break;
            }
        }
    });
    let mut body = body(Pages::new(pool(&cluster.url(), 1), query));
    let mut sent = Vec::new();
    while let Some(chunk) = next(&mut body).await {
        sent.extend(chunk);
        soon(changes.changed()).await.unwrap();
    }
    drop(changes);
    soon(writer).await.unwrap();

    let lines = sent.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let ids: Vec<u64> = lines
        .map(|line| {
            let line = std::str::from_utf8(line).unwrap();
            line.strip_prefix("{\"id\":").and_then(|rest| rest.split(',').next()).unwrap().parse().unwrap()
        })
        .collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "a row was sent twice, or not in order");
    assert!(ids.iter().copied().filter(|id| id % 2 == 0).eq((2..=5000).step_by(2)), "a row is missing");
}
