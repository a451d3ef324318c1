//! Leased pages against a real server: every row once, whatever happens to reader and database.

#[path = "common/bodies.rs"]
mod bodies;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use chunkwire_postgres::{Definition, Direction, Lender, ObservePages, Pages, PagesError, Query, Value};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;
use http_body_util::BodyExt;

use bodies::{body, cause, next, pool, rest};

use Direction::{Ascending, Descending};

const ROWS: usize = 5000;

/// Rows of about 150 bytes, so that a chunk has about a hundred.
const TABLE: &str = "
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, ident uuid NOT NULL UNIQUE, class int NOT NULL,
    note text, UNIQUE (class, id));
INSERT INTO users SELECT n, 'user ' || n, md5(n::text)::uuid, n % 7, repeat('x', 20 + n % 50) FROM generate_series(1, 5000) n;
CREATE INDEX ON users (class DESC, id);
CREATE INDEX ON users (name COLLATE \"und-x-icu\", id);
ANALYZE users;
";

async fn described(cluster: &Cluster, definition: Definition) -> Query {
    definition.describe(&mut cluster.client().await).await.unwrap()
}

/// What PostgreSQL makes of the same rows.
async fn expected(cluster: &Cluster, select: &str) -> String {
    let sql = format!("SELECT coalesce(string_agg(row_to_json(r)::text || E'\\n', ''), '') FROM ({select}) r");
    cluster.value(&sql).await
}

/// Waits until no backend but the one that asks does anything or holds a snapshot.
async fn until_idle(cluster: &Cluster) {
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() \
                AND (state <> 'idle' OR backend_xmin IS NOT NULL)";
    soon(async { while cluster.value(busy).await != "0" {} }).await;
}

#[tokio::test]
async fn pages_are_one_query_whatever_the_key_and_the_limit() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let pool = pool(&cluster.url(), 1);
    let users = || Definition::table("users");
    for (definition, select) in [
        (users(), "SELECT * FROM users ORDER BY id"),
        (users().key("id", Descending), "SELECT * FROM users ORDER BY id DESC"),
        (users().key("ident", Ascending), "SELECT * FROM users ORDER BY ident"),
        (users().key("class", Ascending).key("id", Ascending), "SELECT * FROM users ORDER BY class, id"),
        (
            users().columns(["name", "note"]).key("class", Descending).key("id", Ascending),
            "SELECT name, note FROM users ORDER BY class DESC, id",
        ),
        (
            Definition::sql(r#"SELECT id, name COLLATE "und-x-icu" AS name FROM users"#)
                .key("name", Ascending)
                .key("id", Ascending),
            r#"SELECT id, name FROM users ORDER BY name COLLATE "und-x-icu", id"#,
        ),
    ] {
        let query = described(&cluster, definition).await;
        let whole = expected(&cluster, select).await;
        let lines: Vec<_> = whole.split_inclusive('\n').collect();
        for limit in [0, 1, 36, 37, 38, 109, 110, 111, 1023, 1024, 1025, 1026, 4999, 5000, 5001] {
            let sent = rest(body(Pages::new(pool.clone(), query.clone()).limit(limit))).await.unwrap();
            let wanted = lines[..ROWS.min(limit as usize)].concat();
            assert!(sent == wanted.as_bytes(), "{select}, {limit}: {} of {} bytes", sent.len(), wanted.len());
        }
        let prepared = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'";
        assert_eq!(cluster.value(prepared).await, "1");
    }
}

/// Every chunk begins a page anew, since the client comes back when the page is gone.
#[tokio::test]
async fn a_slow_client_has_every_row_once_in_full_chunks() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 1), described(&cluster, Definition::table("users")).await);
    let whole = expected(&cluster, "SELECT * FROM users ORDER BY id").await;
    let mut body = body(Pages::new(pool.clone(), query).hold(Duration::ZERO));
    let mut sent = Vec::new();
    while let Some(frame) = soon(body.frame()).await {
        let frame = frame.unwrap().into_data().unwrap();
        sent.extend_from_slice(&frame);
        assert!(frame.len() == CHUNK_SIZE || sent.len() == whole.len(), "{} bytes", frame.len());
        // It is not held by this client.
        drop(soon(pool.get()).await.unwrap());
    }
    assert!(sent == whole.as_bytes());
}

/// Counts what is told of pages.
#[derive(Default)]
struct Told {
    sent: AtomicUsize,
    thrown_away: AtomicUsize,
    pages: AtomicUsize,
    taken_back: AtomicUsize,
    retries: AtomicUsize,
}

impl ObservePages for Told {
    fn page_end(&self, sent: usize, thrown_away: usize) {
        self.sent.fetch_add(sent, Relaxed);
        self.thrown_away.fetch_add(thrown_away, Relaxed);
    }

    fn page_begin(&self, _: Duration) {
        self.pages.fetch_add(1, Relaxed);
    }

    fn taken_back(&self) {
        self.taken_back.fetch_add(1, Relaxed);
    }

    fn retry(&self, _: &PagesError) {
        self.retries.fetch_add(1, Relaxed);
    }
}

#[tokio::test]
async fn what_slow_clients_and_failures_cost_is_told() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 1), described(&cluster, Definition::table("users")).await);
    let told = Arc::new(Told::default());
    let pages = || Pages::new(Lender::new(pool.clone()).observer(told.clone()), query.clone());
    rest(body(pages().hold(Duration::from_secs(60)))).await.unwrap();
    assert_eq!(told.sent.load(Relaxed), ROWS);
    assert_eq!((told.taken_back.load(Relaxed), told.retries.load(Relaxed)), (0, 0));

    // This client reads one chunk, and its connection is lost before it comes back.
    let mut slow = body(pages());
    next(&mut slow).await.unwrap();
    soon(async {
        while told.taken_back.load(Relaxed) == 0 {
            tokio::task::yield_now().await
        }
    })
    .await;
    assert!(told.thrown_away.load(Relaxed) > 0);
    cluster.restart().await;
    rest(slow).await.unwrap();
    assert!(told.retries.load(Relaxed) <= 2, "{}", told.retries.load(Relaxed));
}

/// Also after the first row alone was asked for.
#[tokio::test]
async fn short_rows_come_by_large_pages() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 5000)").await;
    let (pool, query) = (pool(&cluster.url(), 1), described(&cluster, Definition::table("t")).await);
    let told = Arc::new(Told::default());
    let pages = Pages::new(Lender::new(pool).observer(told.clone()), query).hold(Duration::from_secs(60));
    let sent = rest(body(pages).ready().await.unwrap()).await.unwrap();
    assert_eq!(sent.iter().filter(|byte| **byte == b'\n').count(), 5000);
    assert!(told.pages.load(Relaxed) <= 8, "{} pages", told.pages.load(Relaxed));
}

#[tokio::test]
async fn clients_that_do_not_read_hold_no_connection_and_no_snapshot() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 2), described(&cluster, Definition::table("users")).await);
    let mut stalled = Vec::new();
    for _ in 0..50 {
        let mut body = body(Pages::new(pool.clone(), query.clone()));
        let first = next(&mut body).await.unwrap();
        stalled.push((first, body));
    }
    until_idle(&cluster).await;
    let healthy = rest(body(Pages::new(pool.clone(), query.clone()).limit(10))).await.unwrap();
    assert_eq!(healthy.iter().filter(|byte| **byte == b'\n').count(), 10);
    assert_eq!(pool.status().size, 2);

    // They go on where they were.
    let whole = expected(&cluster, "SELECT * FROM users ORDER BY id").await;
    for (first, body) in stalled {
        let sent = [first.to_vec(), rest(body).await.unwrap()].concat();
        assert!(sent == whole.as_bytes());
    }
}

#[tokio::test]
async fn a_database_that_is_restarted_in_mid_response_costs_no_row() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 2), described(&cluster, Definition::table("users")).await);
    let whole = expected(&cluster, "SELECT * FROM users ORDER BY id").await;
    for hold in [Duration::ZERO, Duration::from_secs(60)] {
        let mut body = body(Pages::new(pool.clone(), query.clone()).hold(hold));
        let first = next(&mut body).await.unwrap();
        cluster.stop().await;
        let (sent, started) = tokio::join!(rest(body), cluster.run_again());
        started.unwrap();
        assert!([first.to_vec(), sent.unwrap()].concat() == whole.as_bytes(), "{hold:?}");
    }
}

#[tokio::test]
async fn a_backend_that_is_terminated_after_every_chunk_costs_no_row() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 2), described(&cluster, Definition::table("users")).await);
    let whole = expected(&cluster, "SELECT * FROM users ORDER BY id").await;
    let mut body = body(Pages::new(pool, query).hold(Duration::from_secs(60)));
    let mut sent = Vec::new();
    while let Some(frame) = soon(body.frame()).await {
        sent.extend(frame.unwrap().into_data().unwrap());
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND \
                      pid <> pg_backend_pid()";
        cluster.run(others).await;
    }
    assert!(sent == whole.as_bytes(), "{} of {} bytes", sent.len(), whole.len());
}

/// A page that always fails is not asked for for ever, and neither is a database that is away before the first row.
#[tokio::test]
async fn a_page_that_fails_again_and_again_ends_the_body() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster
        .run(
            "CREATE FUNCTION away(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN IF n > 300 THEN RAISE EXCEPTION \
         'gone' USING ERRCODE = '57P01'; END IF; RETURN n; END $$; CREATE TABLE t (id int PRIMARY KEY, note text); \
         INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n;",
        )
        .await;
    let pool = pool(&cluster.url(), 1);
    let query =
        described(&cluster, Definition::sql("SELECT id, note, away(id) AS away FROM t").key("id", Ascending)).await;
    let mut body = body(Pages::new(pool.clone(), query.clone()));
    let mut sent = Vec::new();
    let error = loop {
        match soon(body.frame()).await.unwrap() {
            Ok(frame) => sent.extend(frame.into_data().unwrap()),
            Err(error) => break error,
        }
    };
    assert_eq!(cause(&error).code().unwrap().code(), "57P01");
    assert!(sent.starts_with(b"{\"id\":1,") && sent.iter().filter(|byte| **byte == b'\n').count() <= 300);

    cluster.stop().await;
    let error = JsonBody::from_source(Format::Array, Pages::new(pool, query)).ready().await.unwrap_err();
    assert!(matches!(cause(&error), PagesError::NoConnection(_)), "{error:?}");
}

#[tokio::test]
async fn rows_that_can_not_be_sent_end_the_body_behind_the_last_that_could() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster
        .run(
            "CREATE TABLE t (id int PRIMARY KEY, part int, note text); \
         INSERT INTO t SELECT n, n, repeat('x', CASE n WHEN 7 THEN 300000 ELSE 10 END) FROM generate_series(1, 9) n; \
         CREATE VIEW v AS SELECT id, nullif(part, 4) AS part FROM t",
        )
        .await;
    let pool = pool(&cluster.url(), 1);
    let table = described(&cluster, Definition::table("t")).await;
    let error = rest(body(Pages::new(Lender::new(pool.clone()).max_record(100_000), table.clone()))).await.unwrap_err();
    assert!(matches!(cause(&error), PagesError::TooLong { bytes: 300_000.., most: 100_000 }), "{error:?}");
    assert!(error.to_string().ends_with("after 6 records"), "{error}");
    assert!(rest(body(Pages::new(pool.clone(), table.clone()))).await.is_ok());

    let nulls = described(&cluster, Definition::view("v").key("part", Ascending).accept_expensive_pages()).await;
    let error = rest(body(Pages::new(pool.clone(), nulls))).await.unwrap_err();
    assert!(matches!(cause(&error), PagesError::NullInKey { column } if column == "part"), "{error:?}");
    assert!(error.to_string().ends_with("after 8 records"), "{error}");

    // A column that is dropped is no field any more: nothing is sent in its place.
    cluster.run("ALTER TABLE t DROP COLUMN note").await;
    let error = rest(body(Pages::new(pool.clone(), table))).await.unwrap_err();
    assert_eq!(cause(&error).code().unwrap().code(), "42703");
}

/// Rows whose key is none, in the middle of pages and between them: no response without one of them looks complete.
#[tokio::test]
async fn rows_that_are_behind_no_key_are_not_left_out_silently() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster
        .run(
            "CREATE TABLE t (a int, b int, c int NOT NULL, note text); CREATE INDEX ON t (a); CREATE INDEX ON t (a, b); \
             CREATE INDEX ON t (a, b DESC, c); CREATE INDEX ON t (a DESC); CREATE INDEX ON t (c); \
             INSERT INTO t SELECT n, n, n, repeat('x', 100) FROM generate_series(1, 3000) n; \
             CREATE VIEW v AS SELECT * FROM t; CREATE TABLE parent (c int PRIMARY KEY, a int, b int, note text); \
             CREATE TABLE child (PRIMARY KEY (c)) INHERITS (parent); INSERT INTO parent SELECT c, a, b, note FROM t",
        )
        .await;
    let pool = pool(&cluster.url(), 1);
    let view = || Definition::view("v");
    let parent = "INSERT INTO child SELECT c, a, b, note FROM t WHERE c <= 1500";
    let (null, same) = ("the column `", "several rows have the same");
    for (definition, change, cause_begins) in [
        (view().key("a", Ascending), "UPDATE t SET a = NULL WHERE c = 3000", null),
        (view().key("a", Descending), "UPDATE t SET a = NULL WHERE c = 1", null),
        (view().key("a", Ascending).key("b", Ascending), "UPDATE t SET a = 1, b = NULLIF(b, 2500)", null),
        (view().key("a", Ascending).key("b", Ascending), "UPDATE t SET a = NULL WHERE c = 1500", null),
        (
            view().key("a", Ascending).key("b", Descending).key("c", Ascending),
            "UPDATE t SET a = NULL WHERE c = 9",
            null,
        ),
        (view().key("a", Ascending), "UPDATE t SET a = a / 1500", same),
        (view().key("a", Descending), "UPDATE t SET a = a / 2", same),
        (view().key("a", Ascending).key("b", Ascending), "UPDATE t SET a = a / 1500, b = 0", same),
        (Definition::table("parent"), parent, same),
    ] {
        let query = described(&cluster, definition.clone()).await;
        let whole = rest(body(Pages::new(pool.clone(), query.clone()))).await.unwrap();
        assert_eq!(whole.iter().filter(|byte| **byte == b'\n').count(), 3000);
        cluster.run(change).await;
        // Each chunk has pages of its own if nothing is held.
        for (lender, hold) in [(Lender::new(pool.clone()), 2000), (Lender::new(pool.clone()).unprepared(), 0)] {
            let pages = Pages::new(lender, query.clone()).hold(Duration::from_millis(hold));
            let sent = rest(body(pages)).await.map(|sent| sent.len());
            let error = sent.expect_err(&format!("{definition:?}, {change}"));
            assert!(cause(&error).to_string().starts_with(cause_begins), "{definition:?}, {change}: {error:?}");
        }
        cluster.run("UPDATE t SET a = c, b = c; DELETE FROM child").await;
    }
}

/// Row by row, each behind the text of the key of the one before.
#[tokio::test]
async fn rows_go_on_behind_the_text_of_a_key_of_any_type() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run("CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN grade AS int").await;
    let pool = pool(&cluster.url(), 1);
    for (ty, values) in [
        ("int8", &["-1", "9223372036854775807"][..]),
        ("numeric", &["1.10", "12345678901234567890.123456789", "Infinity", "NaN"]),
        ("float4", &["-0.1", "1e30", "67936384", "NaN"]),
        ("float8", &["5e-324", "0.1", "1.7976931348623157e308", "Infinity"]),
        ("timestamptz", &["-infinity", "0044-03-15 12:00:00.5 BC", "2020-02-29 23:59:59.999999+05", "infinity"]),
        ("timestamp", &["4713-01-01 00:00 BC", "294276-12-31 23:59:59.999999"]),
        ("date", &["0001-01-01 BC", "9999-12-31", "infinity"]),
        ("time", &["00:00", "24:00"]),
        ("interval", &["1 day", "1 month -1 day", "-3 years 00:00:00.1"]),
        ("text", &["", "a\\b\"c", "é, \n&%", "null"]),
        ("bpchar(3)", &["a", "b c"]),
        ("bytea", &["\\x", "\\x00ff"]),
        ("uuid", &["00000000-0000-0000-0000-000000000000", "ffffffff-0000-0000-0000-000000000001"]),
        ("bool", &["false", "true"]),
        ("jsonb", &["null", "\"text\"", "1", "[1, \"2\"]", "{\"a\": null}"]),
        ("text[]", &["{}", "{a,NULL,\"b,c\"}"]),
        ("inet", &["10.0.0.1", "10.0.0.0/8", "::1"]),
        ("mood", &["sad", "happy"]),
        ("grade", &["1", "2"]),
    ] {
        let table = format!("CREATE TABLE t (k {ty} PRIMARY KEY); INSERT INTO t SELECT unnest($1::text[])::{ty}");
        let (create, insert) = table.split_once("; ").unwrap();
        cluster.run(create).await;
        cluster.client().await.execute(insert, &[&values]).await.unwrap();
        let (query, mut sent, mut after) = (described(&cluster, Definition::table("t")).await, Vec::new(), Vec::new());
        for rest_of_rows in (0..=values.len()).rev() {
            let pages = Pages::new(pool.clone(), query.clone()).after(after).limit(1);
            let resume = pages.resume();
            sent.extend(rest(body(pages)).await.unwrap());
            assert_eq!(resume.key().is_some(), rest_of_rows > 0, "{ty}");
            after = resume.key().into_iter().flatten().map(Value::Text).collect();
        }
        assert_eq!(String::from_utf8(sent).unwrap(), whole(&pool, &query).await, "{ty}");
        cluster.run("DROP TABLE t").await;
    }
}

async fn whole(pool: &deadpool_postgres::Pool, query: &Query) -> String {
    String::from_utf8(rest(body(Pages::new(pool.clone(), query.clone()))).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_client_that_leaves_leaves_no_query_behind() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 1), described(&cluster, Definition::table("users")).await);
    let mut locks = cluster.client().await;
    let lock = locks.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users").await.unwrap();
    for _ in 0..4 {
        let mut body = body(Pages::new(pool.clone(), query.clone()));
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        tokio::select! {
            frame = body.frame() => panic!("{frame:?}"),
            _ = soon(async { while cluster.value(waits).await == "0" {} }) => {}
        }
    }
    soon(async {
        while pool.status().size > 0 {
            tokio::task::yield_now().await
        }
    })
    .await;
    // Nobody but the lock is left, and no cancellation that is late can meet another: its connection is closed.
    let select = soon(async { pool.get().await.unwrap().query_one("SELECT 42", &[]).await.unwrap() }).await;
    assert_eq!(select.get::<_, i32>(0), 42);
    drop(lock);
    rest(body(Pages::new(pool, query))).await.unwrap();
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_not_waited_for_for_ever() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 1), described(&cluster, Definition::table("users")).await);
    let mut locks = cluster.client().await;
    let lock = locks.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users").await.unwrap();
    let pages = Pages::new(pool.clone(), query.clone()).query_timeout(Duration::from_millis(50));
    let error = rest(body(pages)).await.unwrap_err();
    assert!(matches!(cause(&error), PagesError::TimedOut), "{error:?}");
    assert!(soon(pool.get()).await.is_ok());
}

#[tokio::test]
async fn parameters_and_keys_are_values_and_a_part_of_a_key_too_few_is_an_error() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let pool = pool(&cluster.url(), 1);
    let text = |text: &str| Value::Text(text.to_owned());
    let sql = "SELECT id FROM users WHERE class = $1";
    let query = described(&cluster, Definition::sql(sql).parameter("int").key("id", Ascending)).await;
    for lender in [Lender::new(pool.clone()), Lender::new(pool.clone()).unprepared()] {
        let pages = |parameters, after| Pages::new(lender.clone(), query.clone()).parameters(parameters).after(after);
        let sent = rest(body(pages(vec![text("3")], vec![text(" 4980")]))).await.unwrap();
        assert_eq!(
            sent,
            expected(&cluster, "SELECT id FROM users WHERE class = 3 AND id > 4980 ORDER BY id").await.as_bytes()
        );
        for (parameters, after) in
            [(vec![text("3 OR true")], vec![]), (vec![text("3")], vec![text("1); DROP TABLE users; --")])]
        {
            let error = rest(body(pages(parameters, after))).await.unwrap_err();
            assert_eq!(cause(&error).code().unwrap().code(), "22P02");
        }
        for (parameters, after) in [(vec![], vec![]), (vec![text("3")], vec![text("1"), text("2")])] {
            let error = rest(body(pages(parameters, after))).await.unwrap_err();
            assert!(matches!(cause(&error), PagesError::Values { .. }), "{error:?}");
        }
    }
}
