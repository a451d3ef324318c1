//! Why a response was cut, in the log.

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::Process;
use serde_json::Value;

use crate::fixture::cluster;
use crate::support::file::File;
use crate::support::program::chunkwire;

#[tokio::test]
async fn a_source_that_fails_has_a_cause_under_the_id_of_its_request() {
    let Some(cluster) = cluster().await else { return };
    let routes = "[[route]]\npath = \"/f\"\nsql = \"SELECT id, 100 / (id - 2900) AS x FROM users\"\nkey = [\"id\"]\n";
    let file = File::new("logs.toml", &format!("[database]\nurl = \"{}\"\n{routes}", cluster.url()));
    let options = ["--config", file.path(), "--listen=127.0.0.1:0", "--access-log", "--log-format=json"];
    let mut server = Process::start_logging(chunkwire(&options)).await;
    server.logs("all routes are described").await;
    let mut client = Client::connect(server.address).await;
    client.ask("GET", "/f?limit=3000", "X-Request-Id: 7f3c\r\n").await;
    let response = client.response().await;
    assert!(response.status == 200 && !response.complete);

    let [cut, access] = ["chunkwire_engine::response", "chunkwire::access"];
    let mut line = async |of: &str| serde_json::from_str::<Value>(&server.logged(of).await).unwrap();
    let (cut, access) = (line(cut).await, line(access).await);
    assert_eq!((&cut["level"], &cut["request_id"]), (&"ERROR".into(), &"7f3c".into()), "{cut}");
    assert_eq!((&access["outcome"], &access["request_id"]), (&"source_failed".into(), &"7f3c".into()), "{access}");
    assert_eq!(access["client"], cut["peer"]);
    for line in [cut, access] {
        assert!(line["cause"].as_str().unwrap().contains("division by zero"), "{line}");
    }
}
