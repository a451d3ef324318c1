//! The other files of `deploy/`: what can be known of them without a daemon.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::{Process, has_python_package, is_installed, output, program};
use chunkwire_test_support::time::soon;
use serde_json::Value;
use tokio::process::Command;

use super::balancer::DEPLOY;
use crate::support::program::{CHUNKWIRE, chunkwire};

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// Which hosts may connect to the primary, in its container.
const HBA: &str = "/etc/postgresql/pg_hba.conf";

fn read(name: &str) -> String {
    fs::read_to_string(format!("{DEPLOY}/{name}")).unwrap()
}

/// The documents of a file in YAML.
async fn yaml(name: &str) -> Vec<Value> {
    let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))";
    let mut python = program("python3", &["-c", script]);
    python.stdin(Stdio::from(fs::File::open(format!("{DEPLOY}/{name}")).unwrap()));
    let output = output(python).await;
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn help() -> String {
    String::from_utf8(output(chunkwire(&["--help"])).await.stdout).unwrap()
}

/// A program with these variables starts.
async fn starts_with(variables: Vec<(String, String)>) {
    let admin = ["--admin-listen", "127.0.0.1:0"];
    let mut command = chunkwire(&[&ANY_PORT[..], &admin, &["--config", &format!("{DEPLOY}/routes.toml")]].concat());
    let help = help().await;
    for (name, value) in &variables {
        assert!(help.contains(name), "{name} is no variable");
        command.env(name, value);
    }
    Process::start(command).await;
}

fn seconds(variables: &[(String, String)], name: &str) -> f64 {
    variables.iter().find(|(other, _)| other == name).unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn the_units_are_sound_and_expose_little() {
    if !is_installed("systemd-analyze").await {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("units-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let files = ["chunkwire.service", "chunkwire.socket"].map(|name| {
        // The program is not installed here.
        fs::write(folder.join(name), read(name).replace("/usr/local/bin/chunkwire", CHUNKWIRE)).unwrap();
        folder.join(name)
    });
    let analyze = |arguments: &[&str], files: &[&Path]| {
        let mut command = Command::new("systemd-analyze");
        command.args(arguments).args(files).env("SYSTEMD_PAGER", "");
        output(command)
    };
    let verified = analyze(&["verify"], &files.each_ref().map(PathBuf::as_path)).await;
    assert!(verified.status.success() && verified.stderr.is_empty(), "{verified:?}");
    // A level of 2.0 at most.
    let secure = analyze(&["security", "--offline=true", "--threshold=20"], &[&files[0]]).await;
    let said = String::from_utf8_lossy(&secure.stdout);
    assert!(secure.status.success(), "{said}");
    println!("{}", said.lines().last().unwrap_or_default());
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_unit_starts_the_program_with_a_variable_that_it_has() {
    let unit = read("chunkwire.service");
    let value = |name: &str| unit.split_once(&format!("\n{name}=")).unwrap().1.lines().next().unwrap().to_owned();
    assert_eq!(value("ExecStart"), "/usr/local/bin/chunkwire");
    let variable = value("Environment");
    let (name, timeout) = variable.split_once('=').unwrap();
    assert!(name == "CHUNKWIRE_SHUTDOWN_TIMEOUT" && help().await.contains(name));
    let mut command = chunkwire(&ANY_PORT);
    command.env(name, timeout);
    Process::start(command).await;
    assert!(value("TimeoutStopSec").parse::<u32>().unwrap() > timeout.parse::<u32>().unwrap());
}

/// What nothing but an image builder runs is compared with what the program says of itself.
#[tokio::test]
async fn the_container_has_the_port_and_the_probe_of_the_program() {
    let file = read("Containerfile");
    assert!(file.contains("\nEXPOSE 3000\n") && file.contains("\nUSER 65534:65534\n"));
    let help = help().await;
    assert!(help.contains("[env: CHUNKWIRE_LISTEN=]") && help.contains("[default: :3000]"));
    let (_, probe) = file.split_once("CMD [\"/usr/local/bin/chunkwire\", \"").unwrap();
    assert!(help.contains(probe.split('"').next().unwrap()), "the program has no such option");
}

#[tokio::test]
async fn the_compose_file_agrees_with_the_program() {
    if !has_python_package("yaml").await {
        return;
    }
    let file = &yaml("compose.yaml").await[0];
    let services = file["services"].as_object().unwrap();
    for name in ["one", "two"] {
        let server = &services[name];
        assert_eq!(server["build"]["dockerfile"], "deploy/Containerfile");
        assert_eq!(server["read_only"], true);
        let variables = server["environment"].as_object().unwrap();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let grace: f64 = server["stop_grace_period"].as_str().unwrap().trim_end_matches('s').parse().unwrap();
        assert!(
            grace > seconds(&variables, "CHUNKWIRE_SHUTDOWN_DELAY") + seconds(&variables, "CHUNKWIRE_SHUTDOWN_TIMEOUT")
        );
        starts_with(variables).await;
    }
    for (name, address) in services["balancer"]["environment"].as_object().unwrap() {
        assert!(read("haproxy.cfg").contains(&format!("\"${{{name}}}\"")), "{name}");
        assert!(["one:3000", "two:3000", ":8080"].contains(&address.as_str().unwrap()));
    }
    for service in services.values() {
        for mounted in service["volumes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let source = mounted.split(':').next().unwrap();
            assert!(!source.starts_with('.') || Path::new(DEPLOY).join(source).exists(), "{mounted}");
        }
    }
    let primary = &services["primary"];
    assert_eq!(primary["command"], serde_json::json!(["postgres", "-c", format!("hba_file={HBA}")]));
    assert!(primary["volumes"].as_array().unwrap().iter().any(|volume| *volume == format!("./pg_hba.conf:{HBA}:ro")));
    let script = services["replica"]["entrypoint"][2].as_str().unwrap().replace("$$", "$");
    copies_and_serves(&script.replace("primary/", "$PRIMARY/")).await;
}

#[tokio::test]
async fn the_kubernetes_manifests_agree_with_the_program() {
    if !has_python_package("yaml").await {
        return;
    }
    let documents = yaml("kubernetes.yaml").await;
    let of = |kind: &str, name: &str| {
        documents.iter().find(|document| document["kind"] == kind && document["metadata"]["name"] == name).unwrap()
    };
    let deployment = &of("Deployment", "chunkwire")["spec"];
    assert_eq!(deployment["replicas"], 2);
    let pod = &deployment["template"]["spec"];
    let container = &pod["containers"][0];
    let variables = container["env"].as_array().unwrap().iter().map(|variable| {
        let text = |field: &str| variable[field].as_str().unwrap().to_owned();
        (text("name"), text("value"))
    });
    let variables: Vec<_> = variables.collect();
    let grace = pod["terminationGracePeriodSeconds"].as_f64().unwrap();
    assert!(
        grace > seconds(&variables, "CHUNKWIRE_SHUTDOWN_DELAY") + seconds(&variables, "CHUNKWIRE_SHUTDOWN_TIMEOUT")
    );
    starts_with(variables).await;
    assert_eq!(
        container["ports"],
        serde_json::json!([
            { "name": "http", "containerPort": 3000 },
            { "name": "admin", "containerPort": 9090 },
        ])
    );
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    let server = Process::start(chunkwire(&ANY_PORT)).await;
    for probe in ["readinessProbe", "livenessProbe"] {
        let asked = &container[probe]["httpGet"];
        assert_eq!(asked["port"], "admin");
        let response = Client::connect(server.address).await.get(asked["path"].as_str().unwrap()).await;
        assert_eq!(response.status, 200, "{probe}");
    }
    for (service, port) in [("chunkwire", "http"), ("postgres", "postgres")] {
        let service = &of("Service", service)["spec"];
        let target = service["ports"][0]["targetPort"].as_str().or(service["ports"][0]["name"].as_str());
        assert_eq!(target, Some(port));
    }
    let postgres = &of("StatefulSet", "postgres")["spec"];
    assert_eq!(postgres["replicas"], 2);
    let container = &postgres["template"]["spec"]["containers"][0];
    assert!(container["volumeMounts"].as_array().unwrap().iter().any(|mount| mount["mountPath"] == HBA));
    let script = container["command"][2].as_str().unwrap();
    assert!(script.contains(&format!("exec docker-entrypoint.sh postgres -c hba_file={HBA}\n")));
    let script = script.replace("postgres-0.postgres/", "$PRIMARY/");
    copies_and_serves(&format!("HOSTNAME=postgres-1\n{script}")).await;
}

/// The program over the database at a URL, once it knows the routes of the files.
async fn serving(url: &str) -> Process {
    let mut command = chunkwire(&[&ANY_PORT[..], &["--config", &format!("{DEPLOY}/routes.toml")]].concat());
    command.env("CHUNKWIRE_DATABASE_URL", url);
    let mut server = Process::start(command).await;
    server.logs("all routes are described").await;
    server
}

/// A replica that is started by a script copies the primary, to which only those may connect that may there, and the
/// server reads from it.
async fn copies_and_serves(script: &str) {
    let Some(primary) = Cluster::start().await else { return };
    primary.run(&read("events.sql")).await;
    fs::write(primary.data().join("pg_hba.conf"), read("pg_hba.conf")).unwrap();
    primary.reload().await;
    let replica = primary.standby_by(&script.replace("$PRIMARY", &format!("127.0.0.1:{}", primary.port()))).await;
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", replica.port(), primary.port());
    let server = serving(&format!("postgres://reader:reader@{hosts}/postgres")).await;
    let (owner, connection) = tokio_postgres::connect(&primary.socket_url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    owner.batch_execute("INSERT INTO events VALUES (100001, now(), 'streamed')").await.unwrap();
    let mut client = Client::connect(server.address).await;
    soon(async { while client.get("/api/v1/events/100001").await.status != 200 {} }).await;
    primary.stop().await;
    assert_eq!(client.get("/api/v1/events/100001").await.json()["note"], "streamed");
}

/// The database of the compose file and of the manifests, as its first start leaves it.
#[tokio::test]
async fn the_table_and_its_route_are_served() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(&read("events.sql")).await;
    let server = serving(&cluster.url().replace("postgres@", "reader:reader@")).await;
    let events = Client::connect(server.address).await.get("/api/v1/events?limit=2").await.json();
    assert_eq!(events[1]["note"], "event 2");

    // What docs/scale.md has an operator watch is there.
    let metrics = Client::connect(server.address).await.get("/metrics").await.body;
    let metrics = String::from_utf8(metrics).unwrap();
    let page = fs::read_to_string(format!("{DEPLOY}/../docs/scale.md")).unwrap();
    let words = page.split(|other: char| !other.is_ascii_alphanumeric() && other != '_');
    let watched: Vec<_> = words.filter(|word| word.starts_with("chunkwire_") || word.starts_with("process_")).collect();
    assert!(watched.len() > 10);
    // Nothing has been counted of it yet.
    let uncounted = "chunkwire_database_retries_total";
    for name in watched.into_iter().filter(|name| *name != uncounted) {
        assert!(metrics.contains(&format!("# TYPE {name} ")), "{name} is not in {metrics}");
    }
}
