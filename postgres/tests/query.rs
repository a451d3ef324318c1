//! Definitions, described by a real server, and the pages of what they describe.

use chunkwire_postgres::{Definition, DescribeError, Direction, Query, Tier, Value};
use chunkwire_test_support::postgres::Cluster;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use Direction::{Ascending, Descending};

/// All rows by pages of 7: the visible columns as text, and the key of each row as it came.
async fn read_all(client: &Client, query: &Query, parameters: &[Value]) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None::<Vec<Value>>);
    loop {
        let values: Vec<_> = parameters.iter().cloned().chain(after.iter().flatten().cloned()).collect();
        let rows = page(client, query, after.is_some(), 7, &values).await;
        let Some(last) = rows.last() else { return all };
        after = Some(key_of(query, last));
        all.extend(rows.iter().map(|row| row.get::<_, &str>(0).to_owned()));
        assert!(all.len() < 10_000, "it does not end");
    }
}

async fn page(client: &Client, query: &Query, after: bool, rows: usize, values: &[Value]) -> Vec<Row> {
    let statement = client.prepare_typed(query.page_sql(after), query.page_types(after)).await.unwrap();
    let rows = [Value::Text(rows.to_string())];
    let values: Vec<_> = values.iter().chain(&rows).map(|value| value as &(dyn ToSql + Sync)).collect();
    client.query(&statement, &values).await.unwrap()
}

fn key_of(query: &Query, row: &Row) -> Vec<Value> {
    query.key().iter().map(|part| Value::Binary(row.get::<_, Raw>(part.place()).0)).collect()
}

struct Raw(bytes::Bytes);

impl tokio_postgres::types::FromSql<'_> for Raw {
    fn from_sql(_: &tokio_postgres::types::Type, raw: &[u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw.to_vec().into()))
    }

    fn accepts(_: &tokio_postgres::types::Type) -> bool {
        true
    }
}

async fn expected(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

const TABLES: &str = r#"
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL, mood mood NOT NULL, tag inet,
    ident uuid NOT NULL UNIQUE, price numeric NOT NULL, UNIQUE (at, id));
INSERT INTO users SELECT n, (ARRAY['ä', 'Z', 'a', 'b''', 'é', '"'])[n % 6 + 1] || n, timestamptz 'epoch' + n / 7 * interval '1 day',
    (ARRAY['sad', 'ok', 'happy'])[n % 3 + 1]::mood, '10.0.0.1', md5(n::text)::uuid, n / 10.0 FROM generate_series(1, 500) n;
CREATE INDEX ON users (name COLLATE "und-x-icu", id);
CREATE INDEX ON users (at DESC, id);
CREATE INDEX ON users (mood, price DESC, id);
CREATE TABLE "Odd ""names""" ("the id" int PRIMARY KEY, "a;b" text, "drop" text);
INSERT INTO "Odd ""names""" VALUES (1, 'x', 'y');
CREATE TABLE no_key (a int, b int UNIQUE, c int NOT NULL UNIQUE);
CREATE VIEW active AS SELECT id, name, at FROM users WHERE id % 2 = 0;
CREATE TABLE events (at date, id int, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2000-01-01') TO ('2001-01-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2001-01-01') TO ('2002-01-01');
INSERT INTO events SELECT date '2000-06-01' + n % 500, n FROM generate_series(1, 300) n;
"#;

async fn described(client: &mut Client, definition: &Definition) -> Query {
    match definition.describe(client).await {
        Ok(query) => query,
        Err(error) => panic!("{definition:?}: {error}"),
    }
}

#[tokio::test]
async fn pages_have_every_row_once_and_in_order() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLES).await;
    let mut client = cluster.client().await;
    let users = || Definition::sql("SELECT id::text AS text, * FROM users");
    for (definition, order) in [
        (users().key("id", Ascending), "users ORDER BY id"),
        (users().key("id", Descending), "users ORDER BY id DESC"),
        (users().key("ident", Ascending), "users ORDER BY ident"),
        (users().key("at", Ascending).key("id", Ascending), "users ORDER BY at, id"),
        (users().key("at", Descending).key("id", Descending), "users ORDER BY at DESC, id DESC"),
        (users().key("at", Descending).key("id", Ascending), "users ORDER BY at DESC, id"),
        (
            users().key("mood", Ascending).key("price", Descending).key("id", Ascending),
            "users ORDER BY mood, price DESC, id",
        ),
        (
            Definition::sql(r#"SELECT id::text AS text, id, name COLLATE "und-x-icu" AS name FROM users"#)
                .key("name", Ascending)
                .key("id", Ascending),
            r#"users ORDER BY name COLLATE "und-x-icu", id"#,
        ),
        (
            Definition::sql("SELECT id::text AS text, * FROM active -- and no more").key("id", Ascending),
            "active ORDER BY id",
        ),
        (
            Definition::sql("SELECT id::text AS text, * FROM events").key("at", Ascending).key("id", Ascending),
            "events ORDER BY at, id",
        ),
        (
            Definition::sql(
                "SELECT id::text AS text, id FROM users WHERE id < 100 UNION ALL SELECT (id + 1000)::text, id + 1000 \
                 FROM users WHERE id = 7",
            )
            .key("id", Ascending)
            .accept_expensive_pages(),
            "(SELECT id FROM users WHERE id < 100 UNION ALL SELECT 1007) u ORDER BY id",
        ),
    ] {
        let query = described(&mut client, &definition).await;
        let all = read_all(&client, &query, &[]).await;
        assert_eq!(all, expected(&client, &format!("SELECT id::text AS text FROM {order}")).await, "{definition:?}");
        for rows in [0, 1, 32, 500, 9999] {
            assert_eq!(page(&client, &query, false, rows, &[]).await.len(), all.len().min(rows), "{rows}");
        }
    }
}

#[tokio::test]
async fn parameters_are_before_the_key_and_are_read_by_the_database() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLES).await;
    let mut client = cluster.client().await;
    let sql = "SELECT id::text AS text, id, mood FROM users WHERE mood = $1 AND id > $2";
    let sad = Definition::sql(sql).parameter("mood").parameter("bigint").key("id", Ascending);
    let query = described(&mut client, &sad).await;
    let text = |text: &str| Value::Text(text.to_owned());
    let all = read_all(&client, &query, &[text("sad"), text(" 42 ")]).await;
    let same = "SELECT id::text AS text FROM users WHERE mood = 'sad' AND id > 42 ORDER BY id";
    assert_eq!(all, expected(&client, same).await);
    assert_eq!(query.page_types(false).len(), 3);
    assert_eq!(query.page_types(true).len(), 4);
    for (mood, id, code) in [("sadder", "1", "22P02"), ("sad", "1 OR true", "22P02"), ("sad", "1e99", "22P02")] {
        let statement = client.prepare_typed(query.page_sql(false), query.page_types(false)).await.unwrap();
        let error = client.query(&statement, &[&text(mood), &text(id), &text("1")]).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), code);
    }
}

#[tokio::test]
async fn a_table_has_its_primary_key_and_an_item_is_one_row() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLES).await;
    let mut client = cluster.client().await;
    let query = described(&mut client, &Definition::table("public.Users").columns(["name", "tag", "mood"])).await;
    let key: Vec<_> = query.key().iter().map(|part| (part.name(), part.direction(), part.type_name())).collect();
    assert_eq!(key, [("id", Ascending, "bigint")]);
    let columns: Vec<_> =
        query.about_columns().iter().map(|column| (column.name(), column.type_name(), column.tier())).collect();
    assert_eq!(columns[..2], [("name", "text", Tier::Native), ("tag", "inet", Tier::Text)]);
    assert!(query.plan().first_page() > 0.0 && query.plan().next_page() > 0.0 && query.plan().obstacle().is_none());

    let statement = client.prepare_typed(query.item_sql(), query.item_types()).await.unwrap();
    for (id, rows) in [("7", 1), ("501", 0)] {
        assert_eq!(client.query(&statement, &[&Value::Text(id.to_owned())]).await.unwrap().len(), rows);
    }

    assert!(!query.page_sql(true).contains("UNION"), "the key is proven: nothing else is looked up");

    let query = described(&mut client, &Definition::table("events")).await;
    assert_eq!(query.key().len(), 2);
    let query = described(&mut client, &Definition::table(r#""Odd ""names""""#)).await;
    let names: Vec<_> = query.about_columns().iter().map(|column| column.name()).collect();
    assert_eq!(names, ["the id", "a;b", "drop"]);
    assert_eq!(page(&client, &query, false, 1, &[]).await.len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_what_there_is() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLES).await;
    let mut client = cluster.client().await;
    let users = || Definition::table("users");
    let sql = |sql: &str| Definition::sql(sql).key("id", Ascending);
    for (definition, named) in [
        (Definition::table("usres"), &["\"usres\"", "public.users", "public.no_key"][..]),
        (Definition::table("users; DROP TABLE users"), &["users; DROP TABLE users"]),
        (Definition::table("active"), &["\"active\"", "a view"]),
        (Definition::view("users").key("id", Ascending), &["\"users\"", "a table"]),
        (Definition::table("users_pkey"), &["neither"]),
        (Definition::view("active"), &["no key"]),
        (users().columns(["id", "nmae"]), &["\"nmae\"", "name", "ident"]),
        (users().columns(["id\" FROM users; --"]), &["no column"]),
        (users().columns(["id", "id"]), &["two columns \"id\""]),
        (users().columns([""; 0]), &["no column is chosen"]),
        (users().key("idd", Ascending), &["\"idd\""]),
        (users().key("name", Ascending), &["(name)", "(id)", "(at, id)", "(ident)"]),
        (users().key("tag", Ascending).key("id", Ascending), &["\"tag\"", "NULL"]),
        (Definition::table("no_key"), &["no primary key", "(c)"]),
        (Definition::table("no_key").key("b", Ascending), &["\"b\"", "NULL"]),
        (sql("SELECT 1 AS id, 2 AS id"), &["two columns \"id\""]),
        (sql("SELECT id FROM users WHERE id = $1"), &["1 parameters", "0 are declared"]),
        (sql("SELECT id FROM users WHERE id = $1").parameter("bigitn"), &["\"bigitn\""]),
        (sql("SELECT id FROM users;"), &["syntax error"]),
        (sql("SELECT id FROM users) q; DROP TABLE users; SELECT (1"), &["multiple commands"]),
        (sql("DELETE FROM users RETURNING id"), &["syntax error"]),
        (sql("WITH d AS (DELETE FROM users RETURNING id) SELECT id FROM d"), &["data-modifying"]),
        (sql("SELECT json '1' AS id"), &["ordering operator"]),
        (sql("SELECT id, nothing FROM users"), &["nothing"]),
    ] {
        let error = definition.describe(&mut client).await.unwrap_err();
        let text = error.to_string();
        for name in named {
            assert!(text.contains(name), "{definition:?}: {name}: {text}");
        }
    }
    assert_eq!(cluster.value("SELECT count(*) FROM users").await, "500");
}

/// An index of a part of the key is enough where few rows have that part in common.
#[tokio::test]
async fn a_key_of_which_a_part_is_looked_up_is_refused_if_many_rows_share_it() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster
        .run(
            "CREATE TABLE t AS SELECT n AS id, 'c' || n % 3 AS country, n / 20 AS batch FROM generate_series(1, 100000) n; \
             CREATE INDEX ON t (country); CREATE INDEX ON t (batch); ANALYZE t",
        )
        .await;
    let mut client = cluster.client().await;
    let by = |part: &str| Definition::sql("SELECT * FROM t").key(part, Ascending).key("id", Ascending);
    assert!(described(&mut client, &by("batch")).await.plan().obstacle().is_none());
    let error = by("country").describe(&mut client).await.unwrap_err().to_string();
    assert!(error.contains("Incremental Sort of the many rows that have the same t.country"), "{error}");
    assert!(error.contains("index on (country, id)"), "{error}");
    cluster.run("CREATE UNIQUE INDEX ON t (country, id)").await;
    assert!(described(&mut client, &by("country")).await.plan().obstacle().is_none());
}

#[tokio::test]
async fn a_key_that_is_not_looked_up_is_refused() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLES).await;
    let mut client = cluster.client().await;
    for (sql, is_looked_up) in [
        ("SELECT * FROM users", true),
        ("SELECT * FROM active WHERE name <> ''", true),
        ("SELECT * FROM users UNION ALL SELECT * FROM users", true),
        ("SELECT u.id, o.name FROM users u JOIN users o ON o.id = u.id + 1", true),
        ("SELECT u.id, o.name FROM users u LEFT JOIN users o USING (name)", true),
        ("SELECT id, count(*) FROM users GROUP BY id", true),
        ("SELECT id, row_number() OVER (PARTITION BY id) FROM users", true),
        ("SELECT DISTINCT id FROM users", true),
        ("SELECT -id AS id FROM users", false),
        ("SELECT count(*) AS id FROM users GROUP BY name", false),
        ("SELECT id, row_number() OVER (ORDER BY id) FROM users", false),
        ("WITH u AS MATERIALIZED (SELECT * FROM users) SELECT * FROM u", false),
        ("SELECT * FROM generate_series(1, 1000) AS id", false),
        ("SELECT * FROM users OFFSET 0", false),
        ("SELECT * FROM (SELECT * FROM users WHERE name > '' LIMIT 100000) u", false),
    ] {
        let definition = Definition::sql(sql).key("id", Ascending);
        match definition.describe(&mut client).await {
            Ok(query) => assert!(is_looked_up, "{sql}: {query:?}"),
            Err(error @ DescribeError::Expensive { .. }) => {
                assert!(!is_looked_up, "{sql}: {error}");
                assert!(error.to_string().contains("index on (id)"), "{error}");
                let query = described(&mut client, &definition.accept_expensive_pages()).await;
                assert!(query.plan().obstacle().is_some());
            }
            Err(error) => panic!("{sql}: {error}"),
        }
    }
    // Nothing is left in the session.
    assert_eq!(
        client.query("SELECT FROM pg_prepared_statements WHERE name ~ 'chunkwire'", &[]).await.unwrap().len(),
        0
    );
}
