//! Chromium on the live page: what it shows is what the metrics say, and it goes on after a restart.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::port::Port;
use chunkwire_test_support::process::{Process, is_installed};
use chunkwire_test_support::time::{PATIENCE, soon};
use tokio::time::{sleep, timeout};

use super::chromium::Chromium;
use crate::support::program::chunkwire;
use crate::support::server::{config, metric, serve};

/// The text of a figure.
fn shown(key: &str) -> String {
    format!("document.querySelector('[data-key={key}] .value').textContent")
}

#[tokio::test]
async fn it_shows_what_the_metrics_say_during_a_load() {
    if !is_installed("chromium").await {
        return;
    }
    let address = serve(&config());
    let mut browser = Chromium::open(&format!("http://{address}/"), "load").await;
    browser.until("state.textContent === 'Live, once a second'").await;
    assert_eq!(browser.evaluate("document.querySelectorAll('[role=img]').length").await, 7);

    let mut stalled = Vec::new();
    for _ in 0..20 {
        let mut client = Client::with_little_room(address).await;
        client.ask("GET", "/api/v1/users?limit=100000", "").await;
        stalled.push(client);
    }
    let load = tokio::spawn(async move {
        let mut client = Client::connect(address).await;
        loop {
            client.get("/api/v1/users").await;
        }
    });
    browser.until(&format!("{} === '20'", shown("responses_stalled"))).await;
    shows_the_open_connections(&mut browser, address).await;
    assert_eq!(metric(address, "chunkwire_responses_stalled").await, 20.0);
    // Thousands have a comma.
    let rate = format!("Number.parseFloat({}.replaceAll(',', ''))", shown("responses_per_second"));
    browser.until(&format!("{rate} > 1 && Math.abs({rate} - samples.at(-1).responses_per_second) <= 0.5")).await;

    let before = metric(address, "chunkwire_response_statuses_total").await;
    browser.until(&format!("samples.at(-1).responses_total >= {before}")).await;
    let drawn = browser.evaluate("samples.at(-1).responses_total").await.as_f64().unwrap();
    assert!(drawn <= metric(address, "chunkwire_response_statuses_total").await, "{drawn}");
    let memory = browser.evaluate("samples.at(-1).process_memory_bytes").await.as_f64().unwrap();
    let resident = metric(address, "process_resident_memory_bytes").await;
    assert!((memory / resident - 1.0).abs() < 0.2, "{memory} is shown, and {resident} measured");
    let words = "document.querySelector('[data-key=responses_stalled] [role=img]').getAttribute('aria-label')";
    let words = browser.evaluate(words).await;
    assert_eq!(words, "Stalled clients: 20 now, at most 20 in the last 1 min");
    load.abort();
}

/// Awaits that the page and the metrics tell one number of connections. It changes while they are asked: the browser
/// opens connections ahead, and those over which it asks for nothing end after ten seconds.
async fn shows_the_open_connections(browser: &mut Chromium, address: SocketAddr) {
    let page = format!("Number({})", shown("connections_open"));
    let mut last = Default::default();
    let seen = timeout(PATIENCE, async {
        loop {
            let counted = metric(address, "chunkwire_connections_open").await;
            last = (browser.evaluate(&page).await.as_f64(), counted);
            // The client that asks for the metrics is not there when the page is told.
            if last == (Some(counted - 1.0), counted) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    });
    assert!(seen.await.is_ok(), "the page and the metrics tell of {last:?} connections");
}

#[tokio::test]
async fn it_goes_on_after_a_restart() {
    if !is_installed("chromium").await {
        return;
    }
    let port = Port::keep();
    let arguments = ["--listen", &port.to_string()];
    let server = Process::start(chunkwire(&arguments)).await;
    let mut browser = Chromium::open(&format!("http://{port}/"), "restart").await;
    browser.until("samples.length >= 3").await;
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(0), "the page's feed is no response that is cut");
    browser.until("document.body.classList.contains('away')").await;

    let _server = Process::start(chunkwire(&arguments)).await;
    browser.until("state.textContent === 'Live, once a second' && samples.at(-1).uptime_seconds < 30").await;
    browser.until("samples.filter((sample) => sample.uptime_seconds >= 1).length >= 3").await;
    assert!(browser.evaluate("samples.filter(({ uptime_seconds }) => uptime_seconds < 0.5).length").await == 2);
    let course = "document.querySelector('[data-key=connections_open] .course').getAttribute('d').split('M').length";
    assert_eq!(browser.evaluate(course).await, 3, "there is a gap between two courses");
}

#[tokio::test]
async fn it_fits_a_phone_is_light_or_dark_and_has_names() {
    if !is_installed("chromium").await {
        return;
    }
    let address = serve(&config());
    let mut browser = Chromium::open(&format!("http://{address}/"), "phone").await;
    browser.until("samples.length >= 2").await;
    let mut colours = Vec::new();
    for scheme in ["light", "dark"] {
        browser.look(390, 844, scheme).await;
        assert_eq!(browser.evaluate("innerWidth").await, 390);
        let wide = "[...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > \
                    innerWidth && !element.closest('pre, table, svg')).map((element) => element.outerHTML).join()";
        assert_eq!(
            (browser.evaluate("document.documentElement.scrollWidth").await, browser.evaluate(wide).await),
            (390.into(), "".into())
        );
        for property in ["backgroundColor", "color"] {
            colours.push(browser.evaluate(&format!("getComputedStyle(document.documentElement).{property}")).await);
        }
    }
    let [light, light_text, dark, dark_text] = &colours[..] else { unreachable!("two colours of two schemes") };
    assert!(light != dark && light_text != dark_text && light != light_text && dark != dark_text, "{colours:?}");
    let named =
        "[...document.querySelectorAll('[role=img]')].filter((chart) => chart.getAttribute('aria-label')).length";
    assert_eq!(browser.evaluate(named).await, 7);
    assert_eq!(browser.evaluate("document.documentElement.lang + document.title").await, "enchunkwire");
}

/// Takes the pictures of the README, if `CHUNKWIRE_PICTURES` is set and it is run by `cargo test --release --test peers
/// screenshots`: as the page is after 20 seconds, and after 38 under the load of the demonstration. Else they are of a
/// shorter load, and in a folder of tests.
#[tokio::test]
async fn screenshots() {
    if !is_installed("chromium").await {
        return;
    }
    let others = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
    let (images, idle_for, load, loaded_for) = match env::var_os("CHUNKWIRE_PICTURES") {
        Some(_) => (&*readme, 20, &["demo", "--seconds", "50"][..], 38),
        None => (others, 3, &["demo", "--seconds", "20", "--readers", "50"][..], 5),
    };
    let idle = Process::start(chunkwire(&["--listen", "127.0.0.1:0"])).await;
    let mut browser = Chromium::open(&format!("http://{}/", idle.address), "idle").await;
    browser.until(&format!("samples.length >= {idle_for}")).await;
    take(&mut browser, (1200, 1240, "light"), &images.join("live-idle.png")).await;
    take(&mut browser, (1200, 2300, "dark"), &others.join("idle-dark.png")).await;
    drop((browser, idle));

    let demo = Process::start(chunkwire(load)).await;
    let mut browser = Chromium::open(&format!("http://{}/", demo.address), "demo").await;
    browser.until(&format!("samples.length >= {loaded_for}")).await;
    take(&mut browser, (1200, 1240, "dark"), &images.join("live-load.png")).await;
    take(&mut browser, (1200, 1240, "light"), &others.join("load-light.png")).await;
    take(&mut browser, (390, 1600, "light"), &others.join("load-phone.png")).await;
    take(&mut browser, (390, 1600, "dark"), &others.join("load-phone-dark.png")).await;
    assert!(demo.exit().await.success());
}

async fn take(browser: &mut Chromium, (width, height, scheme): (u32, u32, &str), to: &Path) {
    browser.look(width, height, scheme).await;
    let picture = soon(browser.screenshot()).await;
    // The size in the first chunk (PNG specification, section 11.2.1).
    assert_eq!(picture[16..24], [width.to_be_bytes(), height.to_be_bytes()].concat(), "{}", to.display());
    fs::write(to, picture).unwrap();
}
