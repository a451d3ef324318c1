//! What the process takes, as the system tells.

/// The resident memory of the process, in bytes, where the system tells (Linux).
pub(crate) fn process_memory() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
        // The second number (proc_pid_statm(5)).
        Some(pages.split_whitespace().nth(1)?.parse::<u64>().ok()? * procfs::page_size())
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_some() {
        assert!(process_memory().unwrap() > 100_000);
    }
}
