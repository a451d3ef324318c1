//! The program: `--config`, `--check`, and what it says.

use std::fs;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::{Process, output};
use chunkwire_test_support::time::soon;

use crate::fixture::{ROUTES, cluster};
use crate::support::file::File;
use crate::support::program::chunkwire;
use crate::support::server::{metric, metric_becomes};

const PASSWORD: &str = "geheim-5f3a";

/// The URL of a cluster, with a password.
fn with_password(cluster: &Cluster) -> String {
    cluster.url().replace("postgres@", &format!("postgres:{PASSWORD}@"))
}

/// Lets nobody in without the password.
async fn ask_for_password(cluster: &Cluster) {
    cluster.run(&format!("ALTER ROLE postgres PASSWORD '{PASSWORD}'")).await;
    fs::write(cluster.data().join("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n").unwrap();
    cluster.reload().await;
}

/// What a run printed on both streams, and its exit status.
async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = chunkwire(arguments);
    command.envs(variables.iter().copied());
    let output = output(command).await;
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn check_says_what_is_served() {
    let Some(cluster) = cluster().await else { return };
    let file = File::new("check.toml", ROUTES);
    let url = cluster.url();
    let (code, said) = run(&["--config", file.path(), "--check"], &[("CHUNKWIRE_DATABASE_URL", &url)]).await;
    assert_eq!(code, Some(0), "{said}");
    for line in [
        &format!("{url}: connected"),
        "/users",
        "/users/{id}",
        "  column     id: bigint, encoded here",
        "  key        id: bigint, ascending",
        "  limit      100 by default, 5000 at most",
        "/orders",
        "/orders/{placed_at,id}",
        "  parameter  customer: bigint, needed",
        "  parameter  since: timestamptz, \"2000-01-01\" by default",
        "  key        placed_at: timestamp with time zone, descending",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}: {said}");
    }
    assert_eq!(said.matches("  page cost  ").count(), 3, "{said}");

    let routes = format!("{ROUTES}\n[[route]]\npath = \"/v\"\nsql = \"SELECT -id AS id FROM users\"\nkey = [\"id\"]\n");
    let file = File::new("refused.toml", &routes);
    let (code, said) = run(&["--config", file.path(), "--check"], &[("CHUNKWIRE_DATABASE_URL", &url)]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("/v\n  can't be served: each page would compute all rows again"), "{said}");
    assert!(said.contains("/users/{id}"), "{said}");

    let started = run(&["--config", file.path(), "--listen", "127.0.0.1:0"], &[("CHUNKWIRE_DATABASE_URL", &url)]).await;
    assert_eq!(started.0, Some(1), "{}", started.1);
    assert!(started.1.contains("chunkwire: the route /v: each page"), "{}", started.1);
}

#[tokio::test]
async fn sighup_describes_again_or_leaves_all_as_it_was() {
    let Some(cluster) = cluster().await else { return };
    let file = File::new("again.toml", &format!("[database]\nurl = \"{}\"\n{ROUTES}", cluster.url()));
    let mut server = Process::start(chunkwire(&["--config", file.path(), "--listen", "127.0.0.1:0"])).await;
    server.logs("all routes are described").await;
    let mut client = Client::connect(server.address).await;
    cluster.run("ALTER TABLE users ADD COLUMN extra int DEFAULT 5").await;
    assert!(client.get("/users").await.json()[0]["extra"].is_null());
    server.signal("HUP").await;
    server.logs("all routes are described again").await;
    assert_eq!(client.get("/users").await.json()[0]["extra"], 5);
    assert_eq!(client.get("/users/7").await.json()["extra"], 5);

    cluster.run("ALTER TABLE users ADD COLUMN other int DEFAULT 6; DROP TABLE orders").await;
    server.signal("HUP").await;
    let line = server.logged("SIGHUP: all stays as it was").await;
    assert!(line.contains("ERROR") && line.contains("the route /orders"), "{line}");
    assert!(client.get("/users").await.json()[0]["other"].is_null());
    assert_eq!(client.get("/readyz").await.status, 200);
}

/// Routes come, change and go, and so does the database; what was begun goes on.
#[tokio::test]
async fn sighup_reads_the_routes_again() {
    let Some(cluster) = cluster().await else { return };
    let options = "listen = '127.0.0.1:0'\n";
    let database = format!("{options}[database]\nurl = '{}'\n", cluster.url());
    let users = "[[route]]\npath = '/users'\ntable = 'users'\nlimit = { default = 7, max = 3000 }\n";
    let file = File::new("routes-again.toml", &format!("{database}{users}"));
    let mut server = Process::start(chunkwire(&[file.option()])).await;
    server.logs("all routes are described").await;
    let mut client = Client::connect(server.address).await;
    let length = async |client: &mut Client, path| client.get(path).await.json().as_array().map(Vec::len);
    assert_eq!(length(&mut client, "/users").await, Some(7));
    let mut reader = Client::with_little_room(server.address).await;
    reader.ask("GET", "/users?limit=3000", "").await;
    reader.wait_for_data().await;

    let orders = "[[route]]\npath = '/orders'\nsql = 'SELECT placed_at, id FROM orders WHERE customer = 1'\n\
                  key = ['placed_at desc', 'id']\n";
    file.write(&format!("{database}{orders}{}", users.replace("7", "9").replace("'/users'", "'/people'")));
    server.signal("HUP").await;
    server.logs("all routes are described again").await;
    assert_eq!(length(&mut client, "/orders").await, Some(234));
    assert_eq!(length(&mut client, "/people").await, Some(9));
    assert_eq!(client.get("/users").await.status, 404);
    assert_eq!(reader.response().await.json().as_array().unwrap().len(), 3000);
    let rows = |route| format!("chunkwire_database_rows_total{{route=\"{route}\"}}");
    assert_eq!(metric(server.address, &rows("/users")).await, 3007.0, "what was counted stays");
    assert_eq!(metric(server.address, &rows("/people")).await, 9.0);

    for (wrong, named) in [
        (format!("{database}{users}{}", users.replace("'users'", "'usres'")), "in common"),
        (format!("{database}{}", users.replace("'users'", "'usres'")), "the route /users"),
        (format!("{options}[database]\nurl = 'postgres://h@127.0.0.1:1/d'\n{users}"), "the database"),
    ] {
        file.write(&wrong);
        server.signal("HUP").await;
        server.logged_with(&["SIGHUP: all stays as it was", named]).await;
        assert_eq!(length(&mut client, "/people").await, Some(9), "{named}");
    }

    // Without a database, the users are generated; and there may be one again, with other connections.
    file.write(options);
    server.signal("HUP").await;
    server.logs("SIGHUP: the file").await;
    metric_becomes(server.address, "chunkwire_database_connections{state=\"idle\"}", 0.0).await;
    assert_eq!(length(&mut client, "/api/v1/users?limit=2").await, Some(2));
    assert_eq!(client.get("/people").await.status, 404);
    file.write(&format!("{database}connections = 1\n{users}"));
    server.signal("HUP").await;
    server.logs("all routes are described again").await;
    assert_eq!(length(&mut client, "/users").await, Some(7));
    assert_eq!(metric(server.address, "chunkwire_database_connections").await, 1.0);
}

#[tokio::test]
async fn sighup_changes_other_settings_while_the_database_is_away() {
    let Some(cluster) = cluster().await else { return };
    cluster.stop().await;
    let database = format!("listen = '127.0.0.1:0'\n[database]\nurl = '{}'\n{ROUTES}", cluster.url());
    let file = File::new("away.toml", &database);
    let mut server = Process::start(chunkwire(&[file.option()])).await;
    for (limit, is_there) in [(7, false), (8, true)] {
        server.logs("the routes can't be described yet").await;
        file.write(&format!("max-connections = {limit}\n{database}"));
        server.signal("HUP").await;
        server.logs("all routes stay as they were").await;
        server.logged_with(&["SIGHUP: max-connections has changed", &limit.to_string()]).await;
        if is_there {
            cluster.run_again().await.unwrap();
        }
    }
    server.logs("all routes are described").await;
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/users").await.status, 200);

    cluster.stop().await;
    file.write(&database);
    server.signal("HUP").await;
    server.logged_with(&["SIGHUP: max-connections has changed", "8"]).await;
    cluster.run_again().await.unwrap();
    soon(async { while client.get("/users").await.status != 200 {} }).await;
}

/// What no later attempt makes better.
#[tokio::test]
async fn a_password_that_is_missing_ends_the_program() {
    let Some(cluster) = cluster().await else { return };
    fs::write(cluster.data().join("pg_hba.conf"), "host all all all scram-sha-256\n").unwrap();
    cluster.reload().await;
    let text = format!("listen = '127.0.0.1:0'\n[database]\nurl = '{}'\n{ROUTES}", cluster.url());
    let file = File::new("no-password.toml", &text);
    let mut command = chunkwire(&[file.option()]);
    command.env_remove("PGPASSFILE");
    let output = output(command).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("password missing"), "{:?}: {said}", output.status);
}

/// What is awaited at the start is not, once the file says something else.
#[tokio::test]
async fn sighup_may_replace_a_database_that_was_never_there() {
    let Some(cluster) = cluster().await else { return };
    let text = |url: &str| format!("listen = '127.0.0.1:0'\n[database]\nurl = '{url}'\n{ROUTES}");
    let file = File::new("never-there.toml", &text("postgres://h@127.0.0.1:1/d"));
    let mut server = Process::start(chunkwire(&[file.option()])).await;
    server.logs("the routes can't be described yet").await;
    file.write(&text(&cluster.url()));
    server.signal("HUP").await;
    server.logs("all routes are described again").await;
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/readyz").await.status, 200);
    assert_eq!(client.get("/users").await.status, 200);
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(!log.contains("can't be described yet"), "{log}");
}

#[tokio::test]
async fn a_mistake_in_the_file_has_its_place() {
    let file = File::new("mistake.toml", "[database]\nurl = \"postgres://h/d\"\n[[route]]\npth = \"/u\"\n");
    for arguments in [&["--config", file.path()][..], &["--config", file.path(), "--check"]] {
        let (code, said) = run(arguments, &[]).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with(&format!("chunkwire: {}:4: route[0].pth: ", file.path())), "{said}");
    }
    let (code, said) = run(&["--config", "/no/such.toml"], &[]).await;
    assert_eq!((code, said.starts_with("chunkwire: /no/such.toml: ")), (Some(1), true), "{said}");
    assert_eq!(run(&["--check"], &[]).await.0, Some(0), "there is no file to be wrong");
}

#[tokio::test]
async fn no_output_has_a_password() {
    let Some(cluster) = cluster().await else { return };
    ask_for_password(&cluster).await;
    let wrong = "[[route]]\npath = \"/u\"\ntable = \"usres\"\n";
    let url = with_password(&cluster);
    let other_database = url.replace("/postgres", "/nowhere");
    let other_password = url.replace(PASSWORD, &format!("{PASSWORD}-wrong"));
    let away = url.replace("127.0.0.1", "127.0.0.1:1,127.0.0.1");
    let broken = [
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:port/postgres"),
        format!("postgres://postgres:a/{PASSWORD}@127.0.0.1/postgres"),
        format!("postgres://postgres:a?{PASSWORD}=@127.0.0.1/postgres"),
        format!("host=127.0.0.1 password={PASSWORD}"),
        format!("{url}?sslmode=verify-full&sslrootcert=/no/such/file"),
    ];
    for url in [&url, &other_database, &other_password, &away].into_iter().chain(&broken) {
        for (place, routes) in [ROUTES, wrong].into_iter().enumerate() {
            let named = File::new(&format!("password-{place}.toml"), &format!("[database]\nurl = \"{url}\"\n{routes}"));
            let log = [("RUST_LOG", "trace")];
            let (_, said) = run(&["--config", named.path(), "--check"], &log).await;
            assert!(!said.contains(PASSWORD) && !said.is_empty(), "{url}: {said}");
            let file = File::new(&format!("variable-{place}.toml"), routes);
            let variable = [("RUST_LOG", "trace"), ("CHUNKWIRE_DATABASE_URL", url)];
            let (_, said) = run(&["--config", file.path(), "--check"], &variable).await;
            assert!(!said.contains(PASSWORD) && !said.is_empty(), "{url}: {said}");
        }
        let misplaced = File::new("misplaced.toml", &format!("[database]\nuri = \"{url}\"\n"));
        let (code, said) = run(&["--config", misplaced.path()], &[]).await;
        assert!(code == Some(1) && said.contains("uri") && !said.contains(PASSWORD), "{said}");
    }

    let file = File::new("serves.toml", &format!("[database]\nurl = \"{url}\"\n{ROUTES}"));
    let mut command = chunkwire(&["--config", file.path(), "--listen", "127.0.0.1:0", "--access-log"]);
    command.env("RUST_LOG", "trace");
    let mut server = Process::start(command).await;
    server.logs("all routes are described").await;
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/users").await.status, 200);
    assert_eq!(client.get("/users/7").await.status, 200);
    assert_eq!(client.get("/users?after=x").await.status, 400);
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(!log.contains(PASSWORD), "{log}");
}

#[tokio::test]
async fn a_password_comes_from_a_file() {
    let Some(cluster) = cluster().await else { return };
    ask_for_password(&cluster).await;
    let url = cluster.url();
    let variable = ("CHUNKWIRE_DATABASE_URL", &*url);
    let without = File::new("without.toml", ROUTES);
    let (code, said) = run(&["--config", without.path(), "--check"], &[variable]).await;
    assert_eq!((code, said.contains("password")), (Some(1), true), "{said}");

    let password = File::new("password", &format!("{PASSWORD}\n"));
    let file = File::new("file.toml", &format!("[database]\npassword-file = \"{}\"\n{ROUTES}", password.path()));
    let (code, said) = run(&["--config", file.path(), "--check"], &[variable]).await;
    assert_eq!(code, Some(0), "{said}");

    let passwords = File::new("pgpass", &format!("127.0.0.1:{}:*:postgres:{PASSWORD}\n", cluster.port()));
    let (code, said) =
        run(&["--config", without.path(), "--check"], &[variable, ("PGPASSFILE", passwords.path())]).await;
    assert_eq!(code, Some(0), "{said}");
}
