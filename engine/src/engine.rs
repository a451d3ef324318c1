//! The engine: serves connections until it is asked to stop.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower_service::Service;
use tracing::{info, warn};

use crate::address::Address;
use crate::config::Config;
use crate::connection::context::Context;
use crate::connection::serve::serve;
use crate::handle::Handle;
use crate::listener::Listener;
use crate::listeners::Listeners;
use crate::observe::Observe;
use crate::peer::{ConnectInfo, Peer};
use crate::phase::Phase;
use crate::workers::Workers;

/// How long connections may take to notice that they are cut, and responses for their last words.
const CUTTING: Duration = Duration::from_secs(1);

/// An engine that listens.
#[derive(Debug)]
pub struct Engine {
    listeners: Listeners,
    workers: Workers,
    handle: Handle,
    failure: Response<Bytes>,
    pub(crate) connect_info: Option<ConnectInfo>,
}

impl Engine {
    /// Listens on an address and starts the workers. Port 0 lets the system choose.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if a time of `config` is zero that has to be some, or is longer
    /// than
    /// [`Config::LONGEST`]; otherwise what the system says, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time.
    pub fn bind(address: SocketAddr, config: &Config) -> io::Result<Self> {
        Self::new(vec![Listener::bind(address)?], config)
    }

    /// Takes sockets that listen, and starts the workers.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if there is no socket, and as [`bind`](Self::bind) has it.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_engine::{Config, Engine, Listener};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let [private, public] = ["127.0.0.1:0", "0.0.0.0:0"].map(|address| Listener::bind(address.parse().unwrap()));
    /// let engine = Engine::new(vec![private?, public?], &Config::default())?;
    /// assert_eq!(engine.local_addrs()?.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(listeners: Vec<Listener>, config: &Config) -> io::Result<Self> {
        config.check()?;
        let listeners = Listeners::new(listeners, config)?;
        let workers = Workers::start(config.workers)?;
        let handle = Handle::new(workers.connections(), config.clone());
        let mut failure = Response::new(Bytes::new());
        *failure.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        Ok(Self { listeners, workers, handle, failure, connect_info: None })
    }

    /// Sets what is responded instead of a service that fails, by an error or a panic. Default: 500 without a body.
    pub fn failure_response(mut self, failure: Response<Bytes>) -> Self {
        self.failure = failure;
        self
    }

    /// Sets what each request is told of its connection, as an extension; nothing if it is `None`. Default: nothing.
    ///
    /// See [`Serve::connect_info`](crate::Serve::connect_info).
    pub fn connect_info<T>(mut self, info: impl Fn(&Peer) -> Option<T> + Send + Sync + 'static) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        self.connect_info = Some(ConnectInfo::new(info));
        self
    }

    /// Returns the first address of TCP that the engine listens on, with its real port.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) if it listens on Unix sockets alone; otherwise what the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let first = self.local_addrs()?.iter().find_map(Address::tcp);
        first.ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "none of the listeners is of TCP"))
    }

    /// Returns all addresses that the engine listens on, with their real ports.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addrs(&self) -> io::Result<Vec<Address>> {
        self.listeners.addresses()
    }

    /// Returns copies of its sockets, in the order of [`local_addrs`](Self::local_addrs), for another process that is to
    /// accept from them as well: see [`Handle::hand_over`]. Clients wait at a socket until its last copy is closed.
    ///
    /// # Errors
    ///
    /// What the system says.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_engine::{Config, Engine};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let engine = Engine::bind("127.0.0.1:0".parse().unwrap(), &Config::default())?;
    /// let copies = engine.sockets()?;
    /// let copy = std::net::TcpListener::from(copies.into_iter().next().unwrap());
    /// assert_eq!(copy.local_addr()?, engine.local_addr()?);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(unix)]
    pub fn sockets(&self) -> io::Result<Vec<OwnedFd>> {
        self.listeners.copies()
    }

    /// Returns how many threads serve connections.
    pub fn workers(&self) -> usize {
        self.workers.number()
    }

    /// Returns what tells about the engine while it runs, and changes its settings.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Serves until `shutdown` is done, then lets responses finish for the configured time. Returns how many had to be
    /// cut.
    ///
    /// Each response holds one frame of its body, 16 KiB of a [`JsonBody`](chunkwire::JsonBody): the next is asked for
    /// when the last one has been written. Upgrades, such as those to a WebSocket, are not supported. If
    /// the service fails, by an error or a panic, the response is the [`failure_response`](Self::failure_response) and
    /// the last of its connection; an error is logged. A body that fails or panics ends its connection without the
    /// final chunk, or by a reset if the client speaks HTTP/1.0.
    ///
    /// Clients that wait to be accepted when the engine stops to listen are served as well: one request each, under the
    /// limit of connections and within the time that responses have.
    ///
    /// When the engine ends a connection after a response, it throws away what the client still sends until the client
    /// closes as well, for 2 s at most (RFC 9112, section 9.6).
    pub async fn serve<S, B, O>(self, service: S, observer: O, shutdown: impl Future<Output = ()>) -> usize
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
        B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
        O: Observe,
    {
        let Self { mut listeners, workers, handle, failure, connect_info } = self;
        let mut configs = handle.configs();
        let context = Context::new(&configs.borrow_and_update(), observer, handle.clone(), failure, connect_info);
        let mut context = Arc::new(context);
        let (phase, _) = watch::channel(Phase::Serve);
        let mut stopped = pin!(async {
            shutdown.await;
            handle.stop();
            // After it has handed over, it accepts nothing that a load balancer could move elsewhere.
            let delay = if handle.is_handed_over() { Duration::ZERO } else { handle.configs().borrow().shutdown_delay };
            if !delay.is_zero() {
                info!("not ready any more; the listener closes in {delay:?}");
                sleep(delay).await;
            }
        });
        let observer = Arc::clone(&context.observer);
        let start = {
            // None of its clones has seen another phase.
            let phase = phase.subscribe();
            let workers = &workers;
            move |accepted, context: &Arc<Context<O>>| {
                let (service, context, phase) = (service.clone(), Arc::clone(context), phase.clone());
                workers.serve(move || serve(accepted, service, context, phase));
            }
        };
        let is_stopped = loop {
            tokio::select! {
                biased;
                () = &mut stopped => break true,
                () = handle.handed_over() => break false,
                // Before the next connection, for which they hold.
                Ok(()) = configs.changed() => {
                    let config = configs.borrow_and_update();
                    listeners.limit(&config);
                    context = Arc::new(context.with(&config));
                }
                accepted = listeners.accept(|| observer.accept_error()) => start(accepted, &context),
            }
        };
        // Clients that wait there are served by the process that has the same sockets, if there is one.
        let queue = (!handle.is_handed_over()).then(|| listeners.into_queue());
        if !is_stopped {
            info!(connections = handle.connections(), "handed over; each connection is served once more");
            phase.send_replace(Phase::Retire);
            let timeout = configs.borrow().handover_timeout;
            tokio::select! {
                () = handle.all_ended() => return handle.cut(),
                () = &mut stopped => {}
                () = sleep(timeout) => handle.stop(),
            }
        }
        info!(connections = handle.connections(), "stopping");
        phase.send_replace(Phase::Drain);
        let drained = {
            let handle = &handle;
            async move {
                if let Some(mut queue) = queue {
                    while let Some(accepted) = queue.next(|| observer.accept_error()).await {
                        start(accepted, &context);
                    }
                    info!("not listening any more");
                }
                handle.all_ended().await;
            }
        };
        let shutdown_timeout = configs.borrow().shutdown_timeout;
        if timeout(shutdown_timeout, drained).await.is_err() {
            phase.send_replace(Phase::Cut);
            let _ = timeout(CUTTING, handle.all_ended()).await;
            warn!(responses = handle.cut(), "cut what had not finished in {shutdown_timeout:?}");
        }
        handle.cut()
    }
}
