//! Every type, by values that were written down, against `row_to_json` of a real server.

mod common;

use chunkwire_postgres::{Columns, Tier};
use common::{Alike, client, same_as_row_to_json};
use tokio_postgres::Client;

async fn compare(client: &Client, value: &str, alike: Alike) {
    let sql = format!("SELECT v, row_to_json(q)::text FROM (SELECT {value} AS v) q");
    let row = client.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{value}: {error:?}"));
    same_as_row_to_json(&row, alike).unwrap_or_else(|error| panic!("{value}\n{error}"));
}

/// Values whose JSON is the same bytes.
const SAME: &[&str] = &[
    "true",
    "false",
    "0::int2",
    "32767::int2",
    "'-32768'::int2",
    "0::int4",
    "-1::int4",
    "2147483647::int4",
    "'-2147483648'::int4",
    "0::int8",
    "9007199254740993::int8",
    "9223372036854775807::int8",
    "'-9223372036854775808'::int8",
    "0::oid",
    "4294967295::oid",
    "'0'::xid",
    "'4294967295'::xid",
    "'0.5'::float4",
    "'1.17549435e-38'::float4",
    "'NaN'::float4",
    "'Infinity'::float4",
    "'-Infinity'::float4",
    "'0.1'::float8",
    "'-123.456'::float8",
    "'NaN'::float8",
    "'Infinity'::float8",
    "'-Infinity'::float8",
    "0::numeric",
    "0.0::numeric",
    "0.000::numeric",
    "1::numeric",
    "-1::numeric",
    "10::numeric",
    "9999::numeric",
    "10000::numeric",
    "10001::numeric",
    "99999999::numeric",
    "100000000::numeric",
    "1000000000000::numeric",
    "0.1::numeric",
    "0.01::numeric",
    "0.001::numeric",
    "0.0001::numeric",
    "0.00001::numeric",
    "0.12345::numeric",
    "0.123456789::numeric",
    "12.3400::numeric",
    "12.3400::numeric(20,2)",
    "-0.05::numeric(10,3)",
    "1234.5678::numeric",
    "12345.6789::numeric",
    "-12345678901234567890.12345678901234567890::numeric",
    "1e1000::numeric",
    "1e-1000::numeric",
    "1e131071::numeric",
    "1e-16383::numeric",
    "repeat('9', 1000)::numeric",
    "(repeat('1234567890', 100) || '.' || repeat('0987654321', 100))::numeric",
    "123456::numeric(10,-3)",
    "1::numeric / 3",
    "2::numeric ^ 200",
    "'NaN'::numeric",
    "'Infinity'::numeric",
    "'-Infinity'::numeric",
    "''",
    "'plain'::text",
    "'quote \" and \\ and /'::text",
    "E'\\t\\n\\r\\b\\f'::text",
    "(SELECT string_agg(chr(n), '') FROM generate_series(1, 300) n)",
    "'Grüße, 世界, 🦀'::text",
    "chr(55295) || chr(57344) || chr(1114111)",
    "repeat('long ', 10000)",
    "'short'::varchar(10)",
    "'pad'::char(10)",
    "''::char(3)",
    "'pg_class'::name",
    "''::\"char\"",
    "'x'::\"char\"",
    "'\"'::\"char\"",
    "E'\\n'::\"char\"",
    "127::\"char\"",
    "'-128'::int4::\"char\"",
    "'-1'::int4::\"char\"",
    "pg_sleep(0)",
    "1::\"char\"",
    "'<a href=\"x\">&amp;</a>'::xml",
    "'<?xml version=\"1.0\"?><a/>'::xml",
    "'<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>é</a>'::xml",
    "'<?xml version=\"1.0\" encoding=\"latin1\" standalone=\"yes\"?><a/>'::xml",
    "'<?xml version=\"1.1\"?><a/>'::xml",
    "'a<b/>c'::xml",
    "'{\"a\": [1, 2.50, null, true], \"a\": \"again\"}'::json",
    "'\"text\"'::json",
    "'1e400'::json",
    "'null'::json",
    "'  {  }  '::json",
    "'\"\\ud83e\\udd80\"'::json",
    "'{\"a\": [1, 2.50, null, true], \"b\": {\"c\": \"\\u00e9\\n\"}}'::jsonb",
    "'null'::jsonb",
    "'\"text\"'::jsonb",
    "'1e400'::jsonb",
    "'[]'::jsonb",
    "'00000000-0000-0000-0000-000000000000'::uuid",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
    "'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'::uuid",
    "''::bytea",
    "'\\x00'::bytea",
    "'\\xdeadBEEF'::bytea",
    "decode(repeat('ff', 1000), 'hex')",
    "'2025-12-31'::date",
    "'2000-01-01'::date",
    "'2000-02-29'::date",
    "'2000-03-01'::date",
    "'1999-12-31'::date",
    "'1900-02-28'::date",
    "'1900-03-01'::date",
    "'1970-01-01'::date",
    "'0001-01-01'::date",
    "'0001-12-31 BC'::date",
    "'0044-03-15 BC'::date",
    "'0401-02-29 BC'::date",
    "'4713-01-01 BC'::date",
    "'4714-11-24 BC'::date",
    "'9999-12-31'::date",
    "'10000-01-01'::date",
    "'294276-12-31'::date",
    "'1000000-06-15'::date",
    "'5874897-12-31'::date",
    "'infinity'::date",
    "'-infinity'::date",
    "'00:00:00'::time",
    "'00:00:00.000001'::time",
    "'12:34:56.7'::time",
    "'12:34:56.780000'::time",
    "'12:34:56.07'::time",
    "'12:34:56.007'::time",
    "'12:34:56.00078'::time",
    "'12:34:56.123456'::time",
    "'12:34:56.1234'::time(2)",
    "'23:59:59.999999'::time",
    "'24:00:00'::time",
    "'2025-12-31 23:59:59.999999'::timestamp",
    "'2000-01-01 00:00:00'::timestamp",
    "'1999-12-31 23:59:59.999999'::timestamp",
    "'2000-01-01 00:00:00.5'::timestamp",
    "'2000-01-01 00:00:00.050'::timestamp",
    "'0044-03-15 12:00:00.25 BC'::timestamp",
    "'4714-11-24 00:00:00 BC'::timestamp",
    "'10000-01-01 01:02:03'::timestamp",
    "'294276-12-31 23:59:59.999999'::timestamp",
    "'infinity'::timestamp",
    "'-infinity'::timestamp",
    "'2025-07-01 12:00:00+02'::timestamptz",
    "'2025-07-01 12:00:00.000100-11:30'::timestamptz",
    "'1883-11-18 12:00:00 America/New_York'::timestamptz",
    "'0044-03-15 12:00:00+00 BC'::timestamptz",
    "'0001-01-01 00:00:00+12'::timestamptz",
    "'4714-11-24 00:00:00+00 BC'::timestamptz",
    "'294276-12-31 23:59:59.999999+00'::timestamptz",
    "'infinity'::timestamptz",
    "'-infinity'::timestamptz",
    "'{}'::int4[]",
    "'{1,NULL,-3}'::int4[]",
    "'{{1,2},{3,NULL}}'::int4[]",
    "'{{{{{{7}}}}}}'::int8[]",
    "'[0:2]={1,2,3}'::int2[]",
    "'[-5:-4][7:8]={{a,NULL},{\"NULL\",\"c d\"}}'::text[]",
    "'{\"\",\"\\\"\",\"\\\\\",\",\"}'::text[]",
    "array_fill('x'::text, ARRAY[2,3,4,2])",
    "array_fill(NULL::bool, ARRAY[3])",
];

/// Values whose JSON is equal, but not by the byte: floats, whose digits are those of ryu here.
const EQUAL: &[&str] = &[
    "0::float8",
    "'-0'::float8",
    "1::float8",
    "-100::float8",
    "'1e15'::float8",
    "'1e-5'::float8",
    "'1e16'::float8",
    "'1e22'::float8",
    "'1e23'::float8",
    "'123456789012345680'::float8",
    "'5e-324'::float8",
    "'2.2250738585072014e-308'::float8",
    "'1.7976931348623157e308'::float8",
    "pi()",
    "0::float4",
    "'-0'::float4",
    "'1e10'::float4",
    "'16777216'::float4",
    "'3.4028235e38'::float4",
    "'1e-45'::float4",
    "'67936384'::float4",
    "'{1,1.5,NULL,NaN,-Infinity,1e300}'::float8[]",
];

#[tokio::test]
async fn values_are_the_same_bytes() {
    let Some(client) = client().await else { return };
    for value in SAME {
        compare(&client, value, Alike::Bytes).await;
    }
    // In lines, what could end one is replaced or escaped.
    for value in [
        "E'{\\n\"a\"\\r\\n:\\n1\\n}'::json",
        "('\"' || chr(8232) || chr(8233) || chr(133) || '\"')::json",
        "('{\"' || chr(8232) || '\":\"' || chr(133) || '\"}')::jsonb",
        "ARRAY[E'[\\n]', '\"' || chr(8233) || '\"']::json[]",
        "chr(8232) || chr(8233) || chr(133)",
    ] {
        compare(&client, value, Alike::Bytes).await;
    }
    for value in EQUAL {
        let alike = if value.ends_with("float4") { Alike::Float4 } else { Alike::Float8 };
        compare(&client, value, alike).await;
    }
    assert!(SAME.len() + EQUAL.len() >= 150);
}

/// Native types, each with two values.
const NATIVE: &[(&str, &str, &str)] = &[
    ("bool", "true", "false"),
    ("int2", "-7", "300"),
    ("int4", "-70000", "8"),
    ("int8", "5000000000", "-9"),
    ("oid", "4000000000", "1"),
    ("xid", "4000000000", "3"),
    ("float4", "0.25", "-Infinity"),
    ("float8", "0.1", "NaN"),
    ("numeric", "12.3400", "-Infinity"),
    ("numeric(8,2)", "12.34", "NaN"),
    ("text", "a \"b\" {c}, d", ""),
    ("varchar", "x", "NULL"),
    ("varchar(5)", "x", "é"),
    ("bpchar", "x  ", "\\"),
    ("char(4)", "x", "é"),
    ("name", "n", "ö"),
    ("\"char\"", "c", ""),
    ("xml", "<a/>", "<b c=\"d\"/>"),
    ("json", "{\"a\" : 1}", "[ ]"),
    ("jsonb", "{\"a\" : 1}", "\"x\""),
    ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001"),
    ("bytea", "\\x00ff", "\\x"),
    ("date", "0044-03-15 BC", "infinity"),
    ("time", "12:00:00.5", "24:00"),
    ("time(1)", "12:00:00.5", "23:59"),
    ("timestamp", "10000-01-01 00:00:00.25", "-infinity"),
    ("timestamp(3)", "2025-01-01 00:00:00.25", "infinity"),
    ("timestamptz", "0001-01-01 00:00:00+00 BC", "2025-07-01 12:00:00.000001+02"),
    ("mood", "sad", "very \"happy\""),
];

#[tokio::test]
async fn native_types_are_null_in_arrays_and_in_domains_as_well() {
    let Some(client) = client().await else { return };
    client.batch_execute("CREATE TYPE mood AS ENUM ('sad', 'very \"happy\"')").await.unwrap();
    for (number, (ty, one, other)) in NATIVE.iter().enumerate() {
        let alike = match *ty {
            "float4" => Alike::Float4,
            "float8" => Alike::Float8,
            _ => Alike::Bytes,
        };
        let (domain, domain_of_array) = (format!("domain_{number}"), format!("array_domain_{number}"));
        let domains = format!(
            "CREATE DOMAIN {domain} AS {ty}; CREATE DOMAIN of_{domain} AS {domain}; \
             CREATE DOMAIN {domain_of_array} AS {ty}[]"
        );
        client.batch_execute(&domains).await.unwrap();
        let (one, other) = (format!("'{one}'::{ty}"), format!("'{other}'::{ty}"));
        for value in [
            one.clone(),
            other.clone(),
            format!("NULL::{ty}"),
            format!("NULL::{ty}[]"),
            format!("'{{}}'::{ty}[]"),
            format!("'{{NULL,NULL}}'::{ty}[]"),
            format!("ARRAY[{one}]"),
            format!("ARRAY[{one}, NULL, {other}]"),
            format!("ARRAY[[{one}, NULL], [{other}, {one}], [NULL, NULL]]::{ty}[]"),
            format!("array_fill({other}, ARRAY[2, 1, 2], ARRAY[-3, 0, 1000000])"),
            format!("({one})::{domain}"),
            format!("({one})::of_{domain}"),
            format!("NULL::{domain}"),
            format!("ARRAY[{one}, NULL]::{domain}[]"),
            format!("ARRAY[{one}, NULL]::of_{domain}[]"),
            format!("ARRAY[{one}, NULL]::{domain_of_array}"),
        ] {
            compare(&client, &value, alike).await;
        }
    }
}

/// Values that PostgreSQL has to write.
const NOT_NATIVE: &[(Tier, &str)] = &[
    (Tier::Text, "'1 year -2 days 03:04:05.6'::interval"),
    (Tier::Text, "'12:00:00.5+02'::timetz"),
    (Tier::Text, "'192.168.0.1/24'::inet"),
    (Tier::Text, "'2001:db8::/32'::cidr"),
    (Tier::Text, "'08:00:2b:01:02:03'::macaddr"),
    (Tier::Text, "'08:00:2b:01:02:03:04:05'::macaddr8"),
    (Tier::Text, "B'1010'"),
    (Tier::Text, "B'1010'::varbit"),
    (Tier::Text, "'12.34'::money"),
    (Tier::Text, "'(1,2.5)'::point"),
    (Tier::Text, "'[(1,2),(3,4)]'::lseg"),
    (Tier::Text, "'((1,2),(3,4))'::path"),
    (Tier::Text, "'(1,2),(3,4)'::box"),
    (Tier::Text, "'((1,2),(3,4),(5,6))'::polygon"),
    (Tier::Text, "'{1,2,3}'::line"),
    (Tier::Text, "'<(1,2),3>'::circle"),
    (Tier::Text, "to_tsvector('english', 'a \"fat\" cat')"),
    (Tier::Text, "'fat & \"rat\"'::tsquery"),
    (Tier::Text, "'now'::regproc"),
    (Tier::Text, "'now()'::regprocedure"),
    (Tier::Text, "'||/'::regoper"),
    (Tier::Text, "'+(int4,int4)'::regoperator"),
    (Tier::Text, "'pg_class'::regclass"),
    (Tier::Text, "'int4'::regtype"),
    (Tier::Text, "'english'::regconfig"),
    (Tier::Text, "'simple'::regdictionary"),
    (Tier::Text, "'pg_catalog'::regnamespace"),
    (Tier::Text, "'postgres'::regrole"),
    (Tier::Text, "'\"C\"'::regcollation"),
    (Tier::Text, "'16/B374D848'::pg_lsn"),
    (Tier::Text, "'(1,2)'::tid"),
    (Tier::Text, "'$.a[*] ? (@ > \"x\")'::jsonpath"),
    (Tier::Text, "'[1,10)'::int4range"),
    (Tier::Text, "'[1.5,\"10\")'::numrange"),
    (Tier::Text, "'[2025-01-01,2025-02-01)'::tstzrange"),
    (Tier::Text, "'{[1,3),[5,7)}'::int4multirange"),
    (Tier::Text, "'1 day'::duration"),
    (Tier::ToJson, "ROW(1, 'a \"b\"', NULL)"),
    (Tier::ToJson, "ROW(1, 'x')::pair"),
    (Tier::ToJson, "ARRAY[ROW(1, 'x')::pair, NULL]"),
    (Tier::ToJson, "'1 2 3'::int2vector"),
    (Tier::ToJson, "'1 2'::oidvector"),
    (Tier::ToJson, "ARRAY['1 day'::interval, NULL]"),
    (Tier::ToJson, "ARRAY['[1,2)'::int4range]"),
    (Tier::ToJson, "ARRAY['12'::money]"),
    (Tier::ToJson, "ARRAY['1 2'::int2vector]"),
    (Tier::ToJson, "'a=>1, b=>NULL'::hstore"),
    (Tier::ToJson, "'CiText'::citext"),
    (Tier::ToJson, "'{1 day,NULL}'::durations"),
    (Tier::ToJson, "'12'::xid8"),
    (Tier::ToJson, "'12'::cid"),
    (Tier::ToJson, "'10:20:10,14,15'::pg_snapshot"),
];

#[tokio::test]
async fn columns_that_are_asked_for_as_their_tier_says_are_the_same_bytes() {
    let Some(client) = client().await else { return };
    let types = "CREATE DOMAIN duration AS interval; CREATE DOMAIN durations AS interval[]; \
                 CREATE TYPE pair AS (id int, name text); CREATE EXTENSION hstore; CREATE EXTENSION citext";
    client.batch_execute(types).await.unwrap();
    for (tier, value) in NOT_NATIVE {
        let statement = client.prepare(&format!("SELECT {value} AS v")).await.unwrap();
        assert_eq!(Tier::of(statement.columns()[0].type_()), *tier, "{value}");
        let form = match tier {
            Tier::Native => "v",
            Tier::Text => "v::text",
            Tier::ToJson => "to_json(v)",
        };
        let refused = Columns::new(statement.columns()).unwrap_err().to_string();
        assert!(
            refused.ends_with(&format!(": ask for the column \"v\" as {}", form.replace('v', "\"v\""))),
            "{refused}"
        );
        let sql = format!("SELECT {form} AS v, row_to_json(q)::text FROM (SELECT {value} AS v) q");
        let row = client.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{value}: {error:?}"));
        same_as_row_to_json(&row, Alike::Bytes).unwrap_or_else(|error| panic!("{value}\n{error}"));
    }
}
