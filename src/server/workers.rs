//! The workers: a thread and a current-thread runtime for each, and connections handed out evenly.
//!
//! A connection stays with its worker, so that what it needs stays in the caches of one core, and no worker takes work
//! from another: the slowest response is not much slower than the others.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use tokio::runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::debug;

use super::acceptor::Place;

/// A connection for a worker.
type Accepted = (TcpStream, SocketAddr, Place, Arc<()>);

/// Threads that serve connections. Dropping this lets each end once it has no connection left.
#[derive(Debug)]
pub(super) struct Workers(Vec<Worker>);

#[derive(Debug)]
struct Worker {
    queue: UnboundedSender<Accepted>,
    /// One more than there are connections, queued ones included.
    connections: Arc<()>,
}

impl Workers {
    /// Starts workers that serve connections by `serve`.
    pub(super) fn start<F, C>(number: NonZeroUsize, serve: F) -> io::Result<Self>
    where
        F: Fn(tokio::net::TcpStream, SocketAddr) -> C + Clone + Send + 'static,
        C: Future<Output = ()> + Send + 'static,
    {
        let start = |index| {
            let (queue, queued) = unbounded_channel();
            let connections = Arc::new(());
            let serve = serve.clone();
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            thread::Builder::new()
                .name(format!("worker-{index}"))
                .spawn(move || runtime.block_on(work(queued, serve)))?;
            Ok(Worker { queue, connections })
        };
        (0..number.get()).map(start).collect::<io::Result<_>>().map(Self)
    }

    /// Gives a connection to the worker that has the fewest.
    pub(super) fn hand(&self, (a,b,c): (TcpStream, SocketAddr, Place)) {
        let idlest = self.0.iter().min_by_key(|worker| Arc::strong_count(&worker.connections));
        let idlest = idlest.expect("there is a worker");
        let _ = idlest.queue.send((a, b, c, Arc::clone(&idlest.connections)));
    }
}

async fn work<F, C>(mut queued: UnboundedReceiver<Accepted>, serve: F)
where
    F: Fn(tokio::net::TcpStream, SocketAddr) -> C + Send + 'static,
    C: Future<Output = ()> + Send + 'static,
{
    while let Some((socket, peer, place, counted)) = queued.recv().await {
        match tokio::net::TcpStream::from_std(socket) {
            Ok(socket) => {
                let served = serve(socket, peer);
                tokio::spawn(async move {
                    served.await;
                    drop((place, counted));
                });
            }
            Err(error) => debug!(%peer, %error, "the connection was gone before it was served"),
        }
    }
    // TODO wait for connections
    std::future::pending::<()>().await
}
