//! Chromium, driven over a pipe by its DevTools protocol: messages in JSON, each with a zero behind it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chunkwire_test_support::time::{PATIENCE, soon};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

/// A browser without a window that shows a page, with a profile of its own; both end with it.
pub(crate) struct Chromium {
    child: Child,
    profile: PathBuf,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    calls: u64,
    session: Value,
}

impl Chromium {
    pub(crate) async fn open(url: &str, name: &str) -> Self {
        let profile = std::env::temp_dir().join(format!("chunkwire-chromium-{name}-{}", std::process::id()));
        let mut command = Command::new("sh");
        // It reads from the fourth file that it has open, and writes to the fifth.
        command.args(["-c", "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.args(["--hide-scrollbars", &format!("--user-data-dir={}", profile.display())]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self { child, profile, to, from, calls: 0, session: Value::Null };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        browser.session = browser.call("Target.attachToTarget", attach).await["sessionId"].take();
        browser.call("Page.navigate", json!({ "url": url })).await;
        browser
    }

    /// Calls a method of the protocol, and passes over what is told meanwhile.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if !self.session.is_null() {
            message["sessionId"] = self.session.clone();
        }
        soon(self.to.write_all(format!("{message}\0").as_bytes())).await.unwrap();
        loop {
            let mut text = Vec::new();
            soon(self.from.read_until(0, &mut text)).await.unwrap();
            assert_eq!(text.pop(), Some(0), "the browser has ended");
            let mut said: Value = serde_json::from_slice(&text).unwrap();
            if said["id"] == self.calls {
                assert!(said["error"].is_null(), "{method}: {said}");
                return said["result"].take();
            }
        }
    }

    /// The value of an expression on the page, or null if it can't be told yet.
    pub(crate) async fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        self.call("Runtime.evaluate", params).await["result"]["value"].take()
    }

    /// Awaits that an expression on the page is true.
    pub(crate) async fn until(&mut self, expression: &str) {
        let mut last = Value::Null;
        let seen = timeout(PATIENCE, async {
            while last != true {
                sleep(Duration::from_millis(100)).await;
                last = self.evaluate(expression).await;
            }
        });
        assert!(seen.await.is_ok(), "{expression} stays {last} and does not become true");
    }

    /// Shows the page in a window of this size, below 500 pixels as on a phone, and in colours that are light or dark.
    pub(crate) async fn look(&mut self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", features).await;
    }

    /// How the page looks now, as PNG.
    pub(crate) async fn screenshot(&mut self) -> Vec<u8> {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let kill = format!("kill -s KILL -- -{}", self.child.id().unwrap());
        let _ = std::process::Command::new("sh").args(["-c", &kill]).status();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
