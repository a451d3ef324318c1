//! The program: `--config`, `--check`, and what it says.

use std::fs;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::{Process, output};

use crate::fixture::{ROUTES, cluster, program};
use crate::support::file::File;
use crate::support::program::chunkwire;

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
    let mut server = program(&cluster.url(), "", ROUTES).await;
    let mut client = Client::connect(server.address).await;
    cluster.run("ALTER TABLE users ADD COLUMN extra int DEFAULT 5").await;
    assert!(client.get("/users").await.json()[0]["extra"].is_null());
    server.signal("HUP").await;
    server.logs("SIGHUP: all routes are described again").await;
    assert_eq!(client.get("/users").await.json()[0]["extra"], 5);
    assert_eq!(client.get("/users/7").await.json()["extra"], 5);

    cluster.run("ALTER TABLE users ADD COLUMN other int DEFAULT 6; DROP TABLE orders").await;
    server.signal("HUP").await;
    let line = server.logged("SIGHUP: all routes stay as they were").await;
    assert!(line.contains("ERROR") && line.contains("the route /orders"), "{line}");
    assert!(client.get("/users").await.json()[0]["other"].is_null());
    assert_eq!(client.get("/readyz").await.status, 200);
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
