//! The program behind PgBouncer, which lends a session for a transaction only.

use chunkwire_test_support::client::Client;
use chunkwire_test_support::postgres::PgBouncer;
use chunkwire_test_support::process::output;
use tokio::task::JoinSet;

use crate::fixture::{ROUTES, cluster, get, program, text};
use crate::support::file::File;
use crate::support::program::chunkwire;

/// Types that the client of the database does not know by itself, as columns, keys and parameters.
const TYPES: &str = "
    CREATE DOMAIN grade AS int; CREATE EXTENSION citext;
    CREATE TABLE moods (mood mood, name citext, moods mood[], grades grade[], note text NOT NULL, PRIMARY KEY (mood, name));
    INSERT INTO moods SELECT CASE WHEN n % 2 = 0 THEN 'sad' ELSE 'happy' END::mood, 'Name ' || n, ARRAY['sad', NULL]::mood[],
        ARRAY[n, 2], repeat('x', 300) FROM generate_series(1, 4000) n;
    CREATE INDEX ON users (mood, id);
";

const MORE_ROUTES: &str = r#"
    [[route]]
    path = "/moods"
    table = "moods"
    item = true

    [[route]]
    path = "/of"
    sql = "SELECT id, mood FROM users WHERE mood = $1"
    parameters = [{ name = "mood", type = "mood", default = "sad" }]
    key = ["id"]
"#;

const TARGETS: [&str; 9] = [
    "/users?limit=3000",
    "/users/7",
    "/users?limit=2&after=7",
    "/orders?customer=1",
    "/orders/2020-01-01T00:00:00Z,o%2C1?customer=1",
    "/moods?limit=4000",
    "/moods/sad,name%202",
    "/moods?after=sad,NAME%2022",
    "/of?limit=3000",
];

#[tokio::test(flavor = "multi_thread")]
async fn all_is_as_it_is_without_a_pooler() {
    let Some(cluster) = cluster().await else { return };
    let Some(pooler) = PgBouncer::start(&cluster, "default_pool_size = 2").await else { return };
    cluster.run(TYPES).await;
    let routes = format!("{ROUTES}{MORE_ROUTES}");
    let settings = "pooler = \"transaction\"\nconnections = 6";
    let direct = program(&cluster.url(), "", &routes).await;
    let mut expected = Vec::new();
    for target in TARGETS {
        let response = get(direct.address, target).await;
        assert_eq!(response.status, 200, "{target}: {}", text(&response));
        expected.push(response.body);
    }
    // What one leaves in a session is in the way of none that starts later.
    for turn in 0..3 {
        let server = program(&pooler.url(), settings, &routes).await;
        let mut clients = JoinSet::new();
        for (place, target) in TARGETS.into_iter().enumerate().cycle().take(40) {
            let address = server.address;
            clients.spawn(async move { (place, Client::connect(address).await.get(target).await) });
        }
        for (place, response) in clients.join_all().await {
            let target = TARGETS[place];
            assert_eq!(response.status, 200, "{turn}, {target}: {}", text(&response));
            assert!(response.body == expected[place], "{turn}, {target}: {} bytes", response.body.len());
        }
        assert_eq!(get(server.address, "/of?mood=sadder").await.status, 400);

        let file = File::new("pooler.toml", &format!("[database]\nurl = \"{}\"\n{settings}\n{routes}", pooler.url()));
        let said = output(chunkwire(&["--config", file.path(), "--check"])).await;
        assert!(said.status.success(), "{said:?}");
    }
}
