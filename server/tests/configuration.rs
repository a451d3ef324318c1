//! The file, the variables and the command line: what holds, where from, and what is wrong.

mod support;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{Process, output};
use support::file::File;
use support::program::chunkwire;

/// What a run printed on both streams, and its exit status.
async fn run<A: AsRef<str>>(arguments: &[A], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = chunkwire(arguments);
    command.envs(variables.iter().copied());
    let output = output(command).await;
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// The parts of the line of an option that `--check` printed.
fn line<'said>(said: &'said str, option: &str) -> Vec<&'said str> {
    let line = said.lines().find(|line| line.split_whitespace().next() == Some(option));
    line.unwrap_or_else(|| panic!("no {option}: {said}")).split_whitespace().collect()
}

#[tokio::test]
async fn a_file_has_options_and_the_command_line_goes_first_then_variables() {
    let text = "listen = ['127.0.0.1:0', '127.0.0.2:0']\nusers = 5\nmax-users = 10\nstall-timeout = 2.5\n\
                access-log = true\nallow-origin = ['https://a.example']\n";
    let file = File::new("precedence", text);
    let mut command = chunkwire(&[&file.option(), "--users=7", "--access-log=false"]);
    command.env("CHUNKWIRE_USERS", "6").env("CHUNKWIRE_MAX_USERS", "20");
    let server = Process::start(command).await;
    assert_eq!(server.banner.matches("http://").count(), 2, "{}", server.banner);
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/api/v1/users").await.json().as_array().unwrap().len(), 7);
    assert_eq!(client.get("/api/v1/users?limit=20").await.status, 200);
    client.ask("GET", "/healthz", "origin: https://a.example\r\n").await;
    assert_eq!(client.response().await.header("access-control-allow-origin"), Some("https://a.example"));
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(!log.contains("uri="), "{log}");
}

#[tokio::test]
async fn check_says_what_holds_and_where_it_is_from() {
    let file =
        File::new("check", "users = 5\n\nmax-users = 10\nunbuffered = true\nallow-origin = []\nidle-timeout = 80");
    let arguments = [&file.option(), "--check", "--stall-timeout=9"];
    let (code, said) = run(&arguments, &[("CHUNKWIRE_MAX_USERS", "20"), ("CHUNKWIRE_DIGEST", "")]).await;
    assert_eq!(code, Some(0), "{said}");
    let at = |line: usize| format!("{}:{line}", file.path());
    for (option, value, source) in [
        ("users", "5", &*at(1)),
        ("max-users", "20", "CHUNKWIRE_MAX_USERS"),
        ("unbuffered", "true", &at(4)),
        ("allow-origin", "-", &at(5)),
        ("idle-timeout", "80", &at(6)),
        ("stall-timeout", "9", "command"),
        ("digest", "false", "default"),
        ("listen", ":3000", "default"),
        ("workers", "-", "default"),
    ] {
        assert_eq!(line(&said, option)[1..3], [value, source], "{said}");
    }
}

/// The options of the help, each with a value that it takes, as TOML.
async fn options() -> Vec<(String, String)> {
    let help = String::from_utf8(output(chunkwire(&["--help"])).await.stdout).unwrap();
    let (_, help) = help.split_once("Options:").unwrap();
    let (help, _) = help.split_once("Each option has a variable").unwrap();
    let starts: Vec<_> = help.match_indices("\n      --").map(|(place, _)| place).collect();
    let ends = starts.iter().skip(1).copied().chain([help.len()]);
    let option = |(start, end): (&usize, usize)| {
        let text = help[*start..end].trim();
        let name = text.trim_start_matches('-').split([' ', '[', '\n']).next().unwrap();
        let between =
            |from: &str| text.split_once(from).map(|(_, rest)| rest.split([']', ',']).next().unwrap().to_owned());
        let named = |name: &str| text.lines().next().unwrap().contains(&format!("<{name}>"));
        let value = match between("[default: ").filter(|default| !default.contains(' ')) {
            _ if named("BOOL") => "false".to_owned(),
            Some(default) => format!("'{default}'"),
            None if named("PATH") => "'/healthz'".to_owned(),
            None if named("PROXY") => "'unix'".to_owned(),
            None if named("FILE") => "'/no/such/file'".to_owned(),
            None if named("NUMBER") => "5".to_owned(),
            None if named("ORIGIN") => "['https://a.example', 'https://b.example']".to_owned(),
            None => match between("[possible values: ") {
                Some(value) => format!("'{value}'"),
                None => "'127.0.0.1:0'".to_owned(),
            },
        };
        (name.to_owned(), value)
    };
    starts.iter().zip(ends).map(option).collect()
}

#[tokio::test]
async fn every_option_may_be_in_the_file() {
    let options = options().await;
    assert!(options.len() > 25, "{options:?}");
    let here = |name: &&(String, String)| !["config", "check", "healthcheck", "help", "version"].contains(&&*name.0);
    let text: String = options.iter().filter(here).map(|(name, value)| format!("{name} = {value}\n")).collect();
    let file = File::new("all", &text);
    let (_, said) = run(&[&file.option(), "--check"], &[]).await;
    for (name, _) in options.iter().filter(here) {
        let line = line(&said, name);
        assert!(line.last().unwrap().starts_with(file.path()), "{line:?}: {said}");
    }
}

#[tokio::test]
async fn a_mistake_has_its_file_line_and_key_and_what_is_allowed() {
    for (text, code, named) in [
        ("\nusers = 'many'", 2, &[":2: users: ", "many", "--users"][..]),
        ("users = [1]", 2, &[":1: users: ", "allowed is a text"]),
        ("users = true", 2, &[":1: users: ", "'true'"]),
        ("users = -1", 2, &[":1: users: ", "-1"]),
        ("users = 2000-01-01", 2, &[":1: users: ", "allowed"]),
        ("access-log = 'perhaps'", 2, &[":1: access-log: ", "perhaps"]),
        ("stall-timeout = 0", 2, &[":1: stall-timeout: ", "above 0"]),
        ("compression-level = 10", 2, &[":1: compression-level: ", "1..=9"]),
        ("listen = []", 2, &[":1: listen: ", "one or more"]),
        ("listen = [':0', 'nowhere']", 2, &[":1: listen: ", "'nowhere'", "allowed"]),
        ("listen = [[':0']]", 2, &[":1: listen: ", "allowed"]),
        ("allow-origin = 'a.example'", 2, &[":1: allow-origin: ", "https://"]),
        ("\n\nuserz = 5", 2, &[":3: userz: ", "the nearest is users"]),
        ("max_users = 5", 2, &[":1: max_users: ", "the nearest is max-users"]),
        ("zzzzzz = 5", 2, &[":1: zzzzzz: ", "--help"]),
        ("[databse]\nurl = 'x'", 2, &[":1: databse: ", "the nearest is database"]),
        ("[users]\nx = 5", 2, &[":1: users: ", "allowed"]),
        ("users.x = 5", 2, &[":1: users: ", "allowed"]),
        ("config = 'other.toml'", 2, &[":1: config: ", "can't be in the file"]),
        ("check = true", 2, &[":1: check: ", "can't be in the file"]),
        ("version = true", 2, &[":1: version: ", "can't be in the file"]),
        ("users = 5\nusers = 6", 1, &[":2: ", "duplicate key"]),
        ("users = ", 1, &[":1: "]),
        ("users = 11\nmax-users = 10", 1, &["11", "10"]),
    ] {
        let file = File::new("mistake", text);
        for more in [&["--check"][..], &["--listen=127.0.0.1:0"]] {
            let option = file.option();
            let arguments = [&[&*option], more].concat();
            let (status, said) = run(&arguments, &[]).await;
            let mistake =
                said.lines().find(|line| line.starts_with("chunkwire: ")).unwrap_or_else(|| panic!("{text}: {said}"));
            assert_eq!(status, Some(code), "{text}: {mistake}");
            assert!(named.iter().all(|name| mistake.contains(name)), "{text}: {mistake}");
            assert!(code == 1 || mistake.contains(file.path()), "{text}: {mistake}");
        }
    }
}

/// It is told even where the command line goes first.
#[tokio::test]
async fn a_value_that_is_not_needed_is_checked_as_well() {
    let file = File::new("hidden", "users = 'many'");
    let (code, said) = run(&[&file.option(), "--users=5", "--check"], &[]).await;
    assert!(code == Some(2) && said.contains(":1: users: "), "{said}");
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn options_that_need_each_other_may_come_from_different_places() {
    use chunkwire_test_support::certificates::Authority;

    let authority = Authority::new();
    let server = authority.issue("server");
    let [chain, key] = [&server.chain, &server.key].map(|path| path.display().to_string());
    let file = File::new("tls", &format!("tls-cert = '{chain}'\n"));
    let (code, said) = run(&[&file.option(), "--tls-key", &key, "--check"], &[]).await;
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&[&file.option(), "--check"], &[]).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.starts_with(&format!("chunkwire: {}: ", file.path())) && said.contains("--tls-key"), "{said}");
    let (code, said) = run(&[&file.option(), "--tls-key", &chain, "--check"], &[]).await;
    assert!(code == Some(1) && said.contains("it has no private key"), "{said}");
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn a_database_needs_its_feature() {
    let file = File::new("database", "users = 5\n[database]\nurl = 'postgres://h/d'\n");
    let (code, said) = run(&[&file.option(), "--check"], &[]).await;
    assert!(
        code == Some(2) && said.contains(":2: database: ") && said.contains("needs the feature postgres"),
        "{said}"
    );
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn mistakes_below_the_options_have_their_own_lines() {
    let text = "listen = [\n  ':0', # one\n]\nusers = 5\n[database]\nurl = 'postgres://h/d'\n[[route]]\npth = '/u'\n";
    let file = File::new("lines", text);
    let (code, said) = run(&[&file.option(), "--check"], &[]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with(&format!("chunkwire: {}:8: route[0].pth: ", file.path())), "{said}");
}

#[tokio::test]
async fn the_example_of_the_documentation_is_understood() {
    let page = include_str!("../../docs/configuration.md");
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let file = File::new("example.toml", example);
    let (code, said) = run(&[&file.option(), "--check"], &[]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.matches(file.path()).count(), example.lines().count() + 1, "{said}");
}
