//! The workers: threads that serve connections, each with a runtime of its own.
//!
//! A connection goes to the worker that has the fewest and stays there. So what it needs stays in the caches of one
//! core, and no connection waits long while others are served twice.

use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Threads that serve connections. Dropping this ends them, and the connections that are left.
#[derive(Debug)]
pub(crate) struct Workers(Vec<Worker>);

#[derive(Debug)]
struct Worker {
    queue: UnboundedSender<Start>,
    /// Its connections, those that are queued included.
    connections: TaskTracker,
}

/// Starts a connection on the runtime of a worker.
type Start = Box<dyn FnOnce() + Send>;

impl Workers {
    /// Starts as many workers as are wanted, or one for each core that the process may use.
    pub(crate) fn start(wanted: Option<NonZeroUsize>) -> io::Result<Self> {
        let number = wanted.map_or_else(thread::available_parallelism, Ok)?;
        (0..number.get()).map(Worker::start).collect::<io::Result<_>>().map(Self)
    }

    /// How many there are.
    pub(crate) fn number(&self) -> usize {
        self.0.len()
    }

    /// The connections of each.
    pub(crate) fn connections(&self) -> Vec<TaskTracker> {
        self.0.iter().map(|worker| worker.connections.clone()).collect()
    }

    /// Lets the worker with the fewest connections serve another, whose future is made there.
    pub(crate) fn serve<F>(&self, connection: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let idlest = self.0.iter().min_by_key(|worker| worker.connections.len());
        let Worker { queue, connections } = idlest.expect("there is at least one");
        let counted = connections.token();
        let start = move || {
            tokio::spawn(Counted { future: connection(), _counted: counted });
        };
        queue.send(Box::new(start)).expect("a worker ends only after its queue");
    }
}

impl Worker {
    fn start(index: usize) -> io::Result<Self> {
        let (queue, mut queued) = mpsc::unbounded_channel::<Start>();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let work = async move {
            while let Some(start) = queued.recv().await {
                start();
            }
        };
        thread::Builder::new().name(format!("worker-{index}")).spawn(move || runtime.block_on(work))?;
        Ok(Self { queue, connections: TaskTracker::new() })
    }
}

pin_project! {
    /// The future of a connection, which has counted since it was queued and does so until it is dropped.
    struct Counted<F> {
        #[pin]
        future: F,
        _counted: TaskTrackerToken,
    }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::future::{pending, ready};
    use std::hint;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn connections_are_handed_out_evenly_also_after_some_have_ended() {
        let workers = Workers::start(NonZeroUsize::new(3)).unwrap();
        let (told, names) = std::sync::mpsc::channel();
        let serve = |lasting: bool| {
            let told = told.clone();
            workers.serve(move || async move {
                told.send(thread::current().name().unwrap().to_owned()).unwrap();
                if lasting {
                    pending::<()>().await;
                }
            });
            names.recv().unwrap()
        };
        let open = || workers.0.iter().map(|worker| worker.connections.len()).sum::<usize>();

        for _ in 0..2 {
            serve(false);
            while open() > 0 {
                thread::yield_now();
            }
        }
        let mut served = BTreeMap::new();
        for _ in 0..9 {
            *served.entry(serve(true)).or_insert(0) += 1;
        }
        assert_eq!(served.into_values().collect::<Vec<_>>(), [3, 3, 3]);
    }

    #[test]
    fn a_connection_counts_once_from_the_queue_to_its_end() {
        let workers = Workers::start(NonZeroUsize::new(1)).unwrap();
        let (connections, is_done) = (workers.connections(), AtomicBool::new(false));
        let most = thread::scope(|scope| {
            let most = scope.spawn(|| {
                let mut most = 0;
                while !is_done.load(Ordering::Relaxed) {
                    most = most.max(connections[0].len());
                }
                most
            });
            for _ in 0..10_000 {
                workers.serve(|| ready(()));
                while !connections[0].is_empty() {
                    hint::spin_loop();
                }
            }
            is_done.store(true, Ordering::Relaxed);
            most.join().unwrap()
        });
        assert_eq!(most, 1);
    }

    #[test]
    fn dropping_them_drops_their_connections() {
        let workers = Workers::start(None).unwrap();
        let (alive, gone) = std::sync::mpsc::channel::<()>();
        workers.serve(move || async move {
            let _alive = alive;
            pending::<()>().await;
        });
        drop(workers);
        assert!(gone.recv().is_err());
    }
}
