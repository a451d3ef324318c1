//! What processes use, from `/proc`: memory and CPU of a process with all its children, and the memory of all TCP
//! sockets of the machine.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::time::Duration;

/// The usage of a process and its children together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// Resident memory in bytes. Pages that processes share are counted for each of them.
    pub(crate) rss: u64,
    /// The most resident memory that each process ever held, summed up, in bytes.
    pub(crate) peak_rss: u64,
    /// CPU time since the start, of threads, children, and children that are gone.
    pub(crate) cpu: Duration,
}

impl Usage {
    /// Returns the usage of a process and its children at this moment; zero if it is gone.
    pub(crate) fn of(pid: u32) -> Self {
        let mut total = Self::default();
        for pid in tree(pid) {
            // A process may end between the listing and the reading.
            let Some((memory, stat)) = read(pid, "status").zip(read(pid, "stat")) else { continue };
            total.rss += kilobytes(&memory, "VmRSS:").unwrap_or(0);
            total.peak_rss += kilobytes(&memory, "VmHWM:").unwrap_or(0);
            total.cpu += Stat::parse(&stat).map_or(Duration::ZERO, |stat| stat.cpu());
        }
        total
    }
}

/// Returns a process, its children, and theirs, as they are at this moment. Empty if it is gone.
pub(crate) fn tree(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((pid, Stat::parse(&read(pid, "stat")?)?.parent))
        })
        .collect();
    descendants(root, &parents)
}

fn descendants(root: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let mut found: Vec<u32> = parents.iter().map(|(pid, _)| *pid).filter(|pid| *pid == root).collect();
    let mut seen = BTreeSet::from([root]);
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|(pid, of)| *of == parent && seen.insert(*pid)).map(|(pid, _)| *pid));
        next += 1;
    }
    found
}

/// Returns the memory that the kernel holds for all TCP sockets of the machine, at both ends, in bytes.
///
/// # Errors
///
/// Returns an error if the kernel does not provide it.
pub(crate) fn tcp_memory() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/net/sockstat")?;
    let pages = tcp_pages(&text).ok_or_else(|| io::Error::other("/proc/net/sockstat has no line on TCP's memory"))?;
    Ok(pages * rustix::param::page_size() as u64)
}

/// Returns the memory that is available without swapping, in bytes.
pub(crate) fn available_memory() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")
}

fn read(pid: u32, file: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).ok()
}

/// Returns the bytes on the line that starts with `name` and is in kilobytes of 1,024.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let number = text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?;
    Some(number.parse::<u64>().ok()? * 1024)
}

fn tcp_pages(sockstat: &str) -> Option<u64> {
    let words = sockstat.lines().find_map(|line| line.strip_prefix("TCP:"))?.split_whitespace();
    words.skip_while(|word| *word != "mem").nth(1)?.parse().ok()
}

/// What is of interest in `/proc/PID/stat`.
#[derive(Debug, PartialEq)]
struct Stat {
    parent: u32,
    ticks: u64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The name of the program is in parentheses and may hold spaces and parentheses itself.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        // utime, stime, cutime and cstime: fields 14 to 17 of proc_pid_stat(5); the parent is field 4.
        let ticks = fields.skip(9).take(4).map(str::parse::<u64>).sum::<Result<_, _>>().ok()?;
        Some(Self { parent, ticks })
    }

    fn cpu(&self) -> Duration {
        Duration::from_secs_f64(self.ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, id};

    use super::*;

    #[test]
    fn a_program_may_be_named_anything() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 100 0 0";
        assert_eq!(Stat::parse(line), Some(Stat { parent: 7, ticks: 100 }));
        assert_eq!(Stat::parse("42 (cut"), None);
    }

    #[test]
    fn children_of_children_belong_to_the_tree() {
        let parents = [(1, 0), (10, 1), (11, 10), (12, 11), (20, 1), (13, 10)];
        assert_eq!(descendants(10, &parents), [10, 11, 13, 12]);
        assert!(descendants(99, &parents).is_empty());
    }

    #[test]
    fn the_kernels_words_are_understood() {
        let sockstat = "sockets: used 9\nTCP: inuse 4 orphan 0 tw 2 alloc 6 mem 1234\nUDP: inuse 1 mem 7\n";
        assert_eq!(tcp_pages(sockstat), Some(1234));
        assert_eq!(tcp_pages("UDP: inuse 1 mem 7\n"), None);
        assert_eq!(kilobytes("VmHWM:\t  20 kB\nVmRSS:\t  12 kB\n", "VmRSS:"), Some(12 * 1024));
    }

    #[test]
    fn this_process_and_its_child_are_seen() {
        let mut child = Command::new("sleep").arg("5").spawn().unwrap();
        assert!(tree(id()).contains(&child.id()));
        let usage = Usage::of(id());
        assert!(usage.rss > 100_000 && usage.peak_rss > 100_000, "{usage:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(Usage::of(child.id()), Usage::default());
        assert!(tcp_memory().is_ok());
    }
}
