//! Rows of a query as the records of a body.

mod common;

use std::error::Error;

use chunkwire::{Format, JsonBody};
use chunkwire_postgres::{ColumnError, Columns, Rows, UnsupportedColumn};
use common::client;
use http_body_util::BodyExt;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, RowStream};

async fn rows(client: &Client, sql: &str) -> RowStream {
    client.query_raw(sql, Vec::<i32>::new()).await.unwrap()
}

async fn body(client: &Client, format: Format, sql: &str) -> Result<String, chunkwire::Error> {
    let bytes = JsonBody::from_stream(format, Rows::new(rows(client, sql).await)).collect().await?.to_bytes();
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

/// Returns the text of what a body failed for.
async fn failure(client: &Client, sql: &str) -> (String, chunkwire::Error) {
    let error = body(client, Format::Array, sql).await.unwrap_err();
    (error.source().unwrap().to_string(), error)
}

#[tokio::test]
async fn a_query_is_one_document() {
    let Some(client) = client().await else { return };
    let sql = "SELECT n AS id, 'row ' || n AS name, NULLIF(n % 3, 0) AS rest, ARRAY[n, NULL] AS \"of \"\" it\" \
               FROM generate_series(1, 5000) n";
    let as_array = format!("SELECT '[' || string_agg(row_to_json(q)::text, ',') || ']' FROM ({sql}) q");
    let as_lines = format!("SELECT string_agg(row_to_json(q)::text || E'\\n', '') FROM ({sql}) q");
    for (format, expected) in [(Format::Array, as_array), (Format::Lines, as_lines)] {
        let expected: String = client.query_one(&expected, &[]).await.unwrap().get(0);
        assert_eq!(body(&client, format, sql).await.unwrap(), expected);
    }
    assert_eq!(body(&client, Format::Array, "SELECT 1 AS id WHERE false").await.unwrap(), "[]");
    assert_eq!(body(&client, Format::Array, "SELECT FROM generate_series(1, 2)").await.unwrap(), "[{},{}]");
}

#[tokio::test]
async fn a_line_break_in_a_name_ends_no_line() {
    let Some(client) = client().await else { return };
    let lines = body(&client, Format::Lines, "SELECT 1 AS \"a\u{2028}b\nc\", 2 AS d").await.unwrap();
    assert_eq!(lines, "{\"a\\u2028b\\nc\":1,\"d\":2}\n");
}

#[tokio::test]
async fn an_error_of_the_query_ends_the_body() {
    let Some(client) = client().await else { return };
    let (_, error) = failure(&client, "SELECT 1 / (500 - n) AS x FROM generate_series(1, 1000) n").await;
    assert_eq!(error.to_string(), "the source of the records failed after 499 records");
    let cause: &tokio_postgres::Error = error.source().unwrap().downcast_ref().unwrap();
    assert_eq!(cause.code(), Some(&SqlState::DIVISION_BY_ZERO));
}

#[tokio::test]
async fn columns_that_have_no_form_are_named_before_the_head() {
    let Some(client) = client().await else { return };
    for (sql, expected) in [
        (
            "SELECT 1 AS id, interval '1 day' AS \"a\"\"ge\"",
            "values of the type interval are not encoded here: ask for the column \"a\"\"ge\" as \"a\"\"ge\"::text",
        ),
        (
            "SELECT ROW(1, 2) AS pair",
            "values of the type record are not encoded here: ask for the column \"pair\" as to_json(\"pair\")",
        ),
        ("SELECT 1 AS id, 2 AS id", "two columns have the name \"id\": give each another name, by AS"),
    ] {
        let rows = Rows::new(rows(&client, sql).await);
        let error = JsonBody::from_stream(Format::Array, rows).ready().await.unwrap_err();
        let cause: &UnsupportedColumn = error.source().unwrap().downcast_ref().unwrap();
        assert_eq!(cause.to_string(), expected);
    }
}

#[tokio::test]
async fn a_row_of_another_statement_is_refused() {
    let Some(client) = client().await else { return };
    let columns = async |sql| {
        let row = client.query_one(sql, &[]).await.unwrap();
        (Columns::new(row.columns()).unwrap(), row)
    };
    let (two, _) = columns("SELECT 1 AS id, 'Ada' AS name").await;
    let (one, row) = columns("SELECT 7 AS id").await;
    let (_, other) = columns("SELECT 7::int8 AS id").await;
    assert_eq!(common::json(&one, &row), "{\"id\":7}");
    assert_eq!(common::json(&two.first(1), &row), "{\"id\":7}");
    assert_eq!(common::json(&two.first(0), &row), "{}");
    for (columns, row, expected) in [
        (&two, &row, "the row has no column \"name\""),
        (&one, &other, "the column \"id\" is not of the type that was described"),
    ] {
        use chunkwire::{Record, Writer};
        let error = columns.record(row).write(&mut Writer::new(&mut bytes::BytesMut::new())).unwrap_err();
        let cause: &ColumnError = error.source().unwrap().downcast_ref().unwrap();
        assert_eq!(cause.to_string(), expected);
    }
}

#[tokio::test]
async fn a_row_over_the_limit_ends_the_body() {
    let Some(client) = client().await else { return };
    let sql = "SELECT repeat('x', n) AS x FROM generate_series(9990, 10010) n";
    let rows = Rows::new(rows(&client, sql).await).max_row(10_000);
    let error = JsonBody::from_stream(Format::Lines, rows).collect().await.unwrap_err();
    // Each row has 4 bytes besides: the length of its value.
    assert_eq!(error.to_string(), "the source of the records failed after 7 records");
    assert_eq!(error.source().unwrap().to_string(), "a row has 10001 bytes, and 10000 are allowed");
}

#[tokio::test]
async fn text_in_another_encoding_is_an_error() {
    let Some(client) = client().await else { return };
    client.batch_execute("SET client_encoding = 'LATIN1'").await.unwrap();
    let sql = "SELECT CASE n WHEN 3 THEN 'caf' || chr(233) ELSE 'tea' END AS drink FROM generate_series(1, 5) n";
    let (cause, error) = failure(&client, sql).await;
    assert_eq!(cause, "a value of the column \"drink\" can't be written: the text is not UTF-8");
    assert_eq!(error.to_string(), "the source of the records failed after 2 records");
}

#[tokio::test]
async fn names_may_be_of_any_length_and_have_any_characters() {
    let Some(client) = client().await else { return };
    let names = (1..=24).map(|length| "x".repeat(length)).chain(["a \"b\"".to_owned(), "é\u{2028}\n".to_owned()]);
    let columns: Vec<_> = names.map(|name| format!("1 AS \"{}\"", name.replace('"', "\"\""))).collect();
    let select = format!("SELECT {}", columns.join(", "));
    let row = client.query_one(&select, &[]).await.unwrap();
    let json = common::json(&Columns::new(row.columns()).unwrap(), &row);
    let reference = client.query_one(&format!("SELECT row_to_json(r)::text FROM ({select}) r"), &[]).await.unwrap();
    let parsed = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
    assert_eq!(parsed(&json), parsed(reference.get(0)), "{json}");
}
