//! Where unwinding would leave something unsound behind, the process ends instead.

use std::mem;
use std::process;

/// Ends the process if it is dropped.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        process::abort();
    }
}

/// Returns what `act` returns. If it panics, the process ends.
#[inline(always)]
pub(super) fn abort_on_unwind<T>(act: impl FnOnce() -> T) -> T {
    let unwinding = AbortOnUnwind;
    #[cfg(test)]
    tests::overflow_if_asked();
    let result = act();
    mem::forget(unwinding);
    result
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::env;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::process::Command;

    use bytes::BytesMut;

    use crate::Writer;

    thread_local! {
        static OVERFLOWS: Cell<bool> = const { Cell::new(false) };
    }

    /// Panics as `reserve` does on a 32-bit target.
    pub(super) fn overflow_if_asked() {
        assert!(!OVERFLOWS.get(), "capacity overflow");
    }

    type Write = fn(&mut Writer<'_>);

    /// A way to write for each way to grow.
    const WAYS: [(&str, Write); 8] = [
        ("a literal", |out| out.raw("literal")),
        ("long text", |out| out.raw(&"x".repeat(100))),
        ("a short integer", |out| out.unsigned(7)),
        ("a long integer", |out| out.unsigned(u64::MAX)),
        ("a float", |out| out.f64(0.123_456_789)),
        ("a string", |out| out.string(&"x".repeat(100))),
        ("escapes", |out| out.string(&"\u{1}".repeat(100))),
        ("a few escapes", |out| out.string("\"\"")),
    ];

    const WAY: &str = "CHUNKWIRE_TEST_WAY";

    /// Checks that a process that writes `buffer` full ends, and that nothing is unwound. It is this test again.
    fn ends_the_process(test: &str, buffer: impl Fn() -> BytesMut, before: impl Fn()) {
        if let Some((_, write)) = env::var(WAY).ok().and_then(|way| WAYS.into_iter().find(|(name, _)| *name == way)) {
            let mut buffer = buffer();
            let mut out = Writer::new(&mut buffer);
            before();
            // A cursor that was left with a stale place would write beyond its buffer from here on.
            let unwound = catch_unwind(AssertUnwindSafe(|| (0..1000).for_each(|_| write(&mut out))));
            println!("the test goes on: {unwound:?}");
            return;
        }
        for (way, _) in WAYS {
            let program = env::current_exe().unwrap();
            let mut child = Command::new(program);
            let ended =
                child.args(["--exact", "--nocapture", "--include-ignored", test]).env(WAY, way).output().unwrap();
            let (stdout, stderr) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
            assert!(stdout.contains("running 1 test"), "{stdout}");
            assert!(stderr.contains("capacity overflow"), "{way}: {stdout}{stderr}");
            assert!(!stdout.contains("the test goes on") && !ended.status.success(), "{way}: {stdout}");
            #[cfg(unix)]
            assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended.status), Some(6), "{way}: not by SIGABRT");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri starts no process")]
    fn a_buffer_that_cannot_grow_ends_the_process() {
        ends_the_process(
            "encode::abort_on_unwind::tests::a_buffer_that_cannot_grow_ends_the_process",
            || BytesMut::with_capacity(300),
            || OVERFLOWS.set(true),
        );
    }

    /// The same without help. The gibibyte is never touched, so that it takes addresses alone.
    #[test]
    #[cfg_attr(any(miri, not(target_pointer_width = "32")), ignore = "the capacity overflows on 32-bit targets")]
    fn a_buffer_that_overflows_ends_the_process() {
        ends_the_process(
            "encode::abort_on_unwind::tests::a_buffer_that_overflows_ends_the_process",
            || {
                let mut buffer = BytesMut::zeroed(1 << 30);
                buffer.truncate((1 << 30) - 300);
                buffer
            },
            || (),
        );
    }
}
