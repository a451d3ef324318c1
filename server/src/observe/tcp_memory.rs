//! What the kernel's TCP sockets take, as the system tells.

/// The memory that the kernel uses for all TCP sockets of the system, in bytes, where it tells (Linux).
pub(crate) fn tcp_memory() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let sockets = std::fs::read_to_string("/proc/net/sockstat").ok()?;
        let pages = pages(&sockets)?;
        Some(pages * procfs::page_size())
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// The number after `mem` in the line `TCP: inuse 5 orphan 0 tw 4 alloc 6 mem 3`.
#[cfg(target_os = "linux")]
fn pages(sockets: &str) -> Option<u64> {
    let line = sockets.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    line.split_whitespace().skip_while(|word| *word != "mem").nth(1)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_tcp_is_read() {
        let sockets = "sockets: used 9\nTCP: inuse 5 orphan 0 tw 4 alloc 6 mem 3\nUDP: inuse 2 mem 7\n";
        assert_eq!(pages(sockets), Some(3));
        assert_eq!(pages("UDP: inuse 2 mem 7\n"), None);
        assert!(tcp_memory().is_some());
    }
}
