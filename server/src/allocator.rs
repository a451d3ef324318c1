//! The allocator of the program, and how it is set.

/// jemalloc, on Linux with glibc: less memory for each connection than glibc's malloc.
#[cfg(all(feature = "jemalloc", target_os = "linux", target_env = "gnu"))]
mod jemalloc {
    use tikv_jemalloc_ctl::{Access, AsName, Result};
    use tikv_jemallocator::Jemalloc;

    #[global_allocator]
    static ALLOCATOR: Jemalloc = Jemalloc;

    /// Pages that were used, and those of them that the system may take if it needs memory (jemalloc(3)).
    const KINDS: [&str; 2] = ["dirty", "muzzy"];

    /// Gives freed memory back to the system at once. What a request needs is kept by its thread, so that this happens
    /// only when connections end.
    pub(super) fn keep_nothing() -> Result<()> {
        for kind in KINDS {
            // Of the arenas that come with further threads.
            decay(&format!("arenas.{kind}_decay_ms")).write(0)?;
            for arena in 0..arenas()? {
                // One that no thread has had yet can't be set, and will be as those.
                let _ = decay(&format!("arena.{arena}.{kind}_decay_ms")).write(0);
            }
        }
        Ok(())
    }

    /// A time, in milliseconds, after which memory is given back.
    struct Decay(Vec<u8>);

    fn decay(name: &str) -> Decay {
        Decay([name.as_bytes(), b"\0"].concat())
    }

    impl Decay {
        fn write(&self, milliseconds: isize) -> Result<()> {
            self.0.name().write(milliseconds)
        }

        #[cfg(test)]
        fn read(&self) -> Result<isize> {
            self.0.name().read()
        }
    }

    fn arenas() -> Result<u32> {
        b"arenas.narenas\0".name().read()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const ALONE: &str = "CHUNKWIRE_TEST_ALONE";

        /// In a process of its own, whose other threads are not those of other tests: an arena that begins while they are
        /// set may miss it.
        #[test]
        fn every_arena_gives_memory_back_at_once() {
            if std::env::var_os(ALONE).is_none() {
                let test = "allocator::jemalloc::tests::every_arena_gives_memory_back_at_once";
                let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
                let ended = alone.args(["--exact", "--nocapture", test]).env(ALONE, "1").output().unwrap();
                let said = [ended.stdout, ended.stderr].concat();
                let said = String::from_utf8_lossy(&said);
                assert!(ended.status.success() && said.contains("1 passed"), "{said}");
                return;
            }
            super::super::tune();
            // Arenas come with threads, in turn.
            let use_memory = || drop(std::hint::black_box(vec![1_u8; 100_000]));
            let threads: Vec<_> = (0..64).map(|_| std::thread::spawn(use_memory)).collect();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            for kind in KINDS {
                let kept = (0..arenas().unwrap())
                    .filter_map(|arena| decay(&format!("arena.{arena}.{kind}_decay_ms")).read().ok());
                let kept: Vec<isize> = kept.collect();
                assert!(kept.len() > 1 && kept.iter().all(|milliseconds| *milliseconds == 0), "{kind}: {kept:?}");
            }
        }
    }
}

/// Sets the allocator, before there is a second thread.
pub(crate) fn tune() {
    // That it keeps more memory is no reason not to serve.
    #[cfg(all(feature = "jemalloc", target_os = "linux", target_env = "gnu"))]
    let _ = jemalloc::keep_nothing();
}
