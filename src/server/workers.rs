//! The workers: threads that serve connections, each with a runtime of its own.
//!
//! A connection goes to the worker that has the fewest and stays there. So what it needs stays in the caches of one
//! core, and no connection waits long while others are served twice.

use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::Builder;
use tokio::sync::mpsc::{self, UnboundedSender};

/// Threads that serve connections. Dropping this ends them, and the connections that are left.
#[derive(Debug)]
pub(super) struct Workers(Vec<Worker>);

#[derive(Debug)]
struct Worker {
    queue: UnboundedSender<Counted>,
    /// Shared with each of its connections, which is how they are counted.
    connections: Arc<()>,
}

/// A connection that counts as long as it lasts.
struct Counted {
    connection: Pin<Box<dyn Future<Output = ()> + Send>>,
    _count: Arc<()>,
}

impl Future for Counted {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.connection.as_mut().poll(cx)
    }
}

impl Workers {
    /// Starts as many workers as are wanted, or one for each core that the process may use.
    pub(super) fn start(wanted: Option<NonZeroUsize>) -> io::Result<Self> {
        let number = wanted.map_or_else(thread::available_parallelism, Ok)?;
        (0..number.get()).map(Worker::start).collect::<io::Result<_>>().map(Self)
    }

    /// How many there are.
    pub(super) fn number(&self) -> usize {
        self.0.len()
    }

    /// Lets the worker with the fewest connections serve another.
    pub(super) fn serve(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let idlest = self.0.iter().min_by_key(|worker| Arc::strong_count(&worker.connections));
        let Worker { queue, connections } = idlest.expect("there is at least one");
        let connection = Counted { connection: Box::pin(connection), _count: Arc::clone(connections) };
        queue.send(connection).expect("a worker ends only after its queue");
    }
}

impl Worker {
    fn start(index: usize) -> io::Result<Self> {
        let (queue, mut queued) = mpsc::unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let work = async move {
            while let Some(connection) = queued.recv().await {
                tokio::spawn(connection);
            }
        };
        thread::Builder::new().name(format!("worker-{index}")).spawn(move || runtime.block_on(work))?;
        Ok(Self { queue, connections: Arc::default() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::future::pending;

    use super::*;

    #[test]
    fn connections_are_handed_out_evenly_also_after_some_have_ended() {
        let workers = Workers::start(NonZeroUsize::new(3)).unwrap();
        let (told, names) = std::sync::mpsc::channel();
        let serve = |lasting: bool| {
            let told = told.clone();
            workers.serve(async move {
                told.send(thread::current().name().unwrap().to_owned()).unwrap();
                if lasting {
                    pending::<()>().await;
                }
            });
            names.recv().unwrap()
        };
        let ended = || workers.0.iter().map(|worker| Arc::strong_count(&worker.connections)).sum::<usize>();

        for _ in 0..2 {
            serve(false);
            while ended() > 3 {
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
    fn dropping_them_drops_their_connections() {
        let workers = Workers::start(None).unwrap();
        let (alive, gone) = std::sync::mpsc::channel::<()>();
        workers.serve(async move {
            let _alive = alive;
            pending::<()>().await;
        });
        drop(workers);
        assert!(gone.recv().is_err());
    }
}
