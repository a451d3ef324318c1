//! What the program prints, which nobody has to read.
//!
//! A write to a pipe that is full waits until somebody reads (pipe(7)), which may be never. The streams can't be told
//! to refuse instead: other processes, such as a shell, share that setting (fcntl(2), `F_SETFL`).

use std::io::{IsTerminal, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long the program waits for somebody to take what it says: at its end, and before it serves.
const PATIENCE: Duration = Duration::from_millis(500);

/// Writes a text to a stream, and waits a moment for that.
pub(crate) fn say(mut stream: impl Write + Send + 'static, text: String) {
    wait_a_moment(move || {
        // A stream that is closed is no reason not to go on.
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    });
}

/// Does what may block for ever on a thread of its own, and waits a moment for that.
pub(crate) fn wait_a_moment(job: impl FnOnce() + Send + 'static) {
    let (running, ended) = mpsc::channel::<()>();
    let spawned = thread::Builder::new().name("output".to_owned()).spawn(move || {
        job();
        drop(running);
    });
    if spawned.is_ok() {
        let _ = ended.recv_timeout(PATIENCE);
    }
}

/// Whether what a stream shows may have colours: on a terminal, unless `NO_COLOR` says otherwise (no-color.org).
pub(crate) fn has_colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
