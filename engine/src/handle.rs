//! What a running engine tells about itself, and is told.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chunkwire::ChunkGauge;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::state::overview::Overview;

/// What a running engine tells about itself. Clones tell of the same engine.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The connections of each worker.
    connections: Vec<TaskTracker>,
    streams: Arc<AtomicUsize>,
    chunks: Arc<ChunkGauge>,
    overview: Arc<Overview>,
    is_stopping: AtomicBool,
    is_handed_over: AtomicBool,
    /// Ready when it is.
    handed_over: CancellationToken,
    cut: AtomicUsize,
    config: watch::Sender<Config>,
}

impl Handle {
    pub(crate) fn new(connections: Vec<TaskTracker>, config: Config) -> Self {
        Self(Arc::new(Shared {
            connections,
            streams: Arc::default(),
            chunks: Arc::default(),
            overview: Arc::default(),
            is_stopping: AtomicBool::new(false),
            is_handed_over: AtomicBool::new(false),
            handed_over: CancellationToken::new(),
            cut: AtomicUsize::new(0),
            config: watch::Sender::new(config),
        }))
    }

    /// Returns how many connections are open.
    pub fn connections(&self) -> usize {
        self.0.connections.iter().map(TaskTracker::len).sum()
    }

    /// Returns how many streams of HTTP/2 are open on all connections: requests whose responses have not ended.
    pub fn streams(&self) -> usize {
        self.0.streams.load(Ordering::Relaxed)
    }

    /// Where streams are counted while they are open.
    pub(crate) fn open_streams(&self) -> &Arc<AtomicUsize> {
        &self.0.streams
    }

    /// Returns how many responses wait for their clients, and have done so for more than a second: nothing of them could
    /// be written meanwhile. It takes some time for each connection.
    pub fn stalled(&self) -> usize {
        self.0.overview.stalled()
    }

    /// Returns how many bytes the sockets of all connections have taken: those of bodies, and what heads, codings and TLS
    /// add. It takes some time for each connection.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_engine::{Config, Engine};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let engine = Engine::bind("127.0.0.1:0".parse().unwrap(), &Config::default())?;
    /// let handle = engine.handle();
    /// assert_eq!((handle.connections(), handle.stalled(), handle.sent()), (0, 0, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn sent(&self) -> u64 {
        self.0.overview.sent()
    }

    pub(crate) fn overview(&self) -> &Arc<Overview> {
        &self.0.overview
    }

    /// Returns the gauge of the chunks of all responses that are on their way to sockets, but for responses that are
    /// announced to be no longer than a chunk.
    pub fn chunks(&self) -> &Arc<ChunkGauge> {
        &self.0.chunks
    }

    /// Returns whether the engine was asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.0.is_stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Tells the engine that another process accepts from its sockets from now on.
    ///
    /// It closes its own copies of them and leaves the clients that wait there to the other process. Each of its
    /// connections is served once more, by a response that says `Connection: close`, or by what is under way where
    /// HTTP/2 is spoken, so that no client sends a request to a connection that closes. [`Engine::serve`](crate::Engine::serve) is done when
    /// all have ended, in [`Config::handover_timeout`](crate::Config::handover_timeout) or else as by a shutdown.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use chunkwire_engine::{Config, Engine};
    /// use http::{Request, Response};
    /// use http_body_util::Empty;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let engine = Engine::bind("127.0.0.1:0".parse().unwrap(), &Config::default())?;
    /// let handle = engine.handle().clone();
    /// handle.hand_over();
    /// assert!(handle.is_handed_over());
    ///
    /// let service = tower::service_fn(async |_: Request<hyper::body::Incoming>| {
    ///     Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new()))
    /// });
    /// assert_eq!(engine.serve(service, (), std::future::pending()).await, 0, "nothing was cut");
    /// # Ok(())
    /// # }
    /// ```
    pub fn hand_over(&self) {
        self.0.is_handed_over.store(true, Ordering::Relaxed);
        self.0.handed_over.cancel();
    }

    /// Whether another process accepts from the engine's sockets.
    pub fn is_handed_over(&self) -> bool {
        // Asked for each response: the token has a lock, for which all workers would wait.
        self.0.is_handed_over.load(Ordering::Relaxed)
    }

    /// Ready when another process accepts from the engine's sockets.
    pub(crate) async fn handed_over(&self) {
        self.0.handed_over.cancelled().await;
    }

    /// Whether each response is the last of its connection: a client that sent another request on it might find it closed.
    pub(crate) fn is_leaving(&self) -> bool {
        self.is_stopping() || self.is_handed_over()
    }

    /// Changes the settings of the engine while it serves, but for [`workers`](Config::workers): those stay.
    ///
    /// Limits hold for connections that are accepted from now on; those that are open keep theirs, and none of them is
    /// ended by this. If more are open than [`max_connections`](Config::max_connections) has it, none is accepted until
    /// enough of them have ended. The times of a shutdown hold for one that begins later.
    ///
    /// # Errors
    ///
    /// As [`Engine::bind`](crate::Engine::bind) has it: all stays as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use chunkwire_engine::{Config, Engine};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut config = Config::default();
    /// let engine = Engine::bind("127.0.0.1:0".parse().unwrap(), &config)?;
    /// config.idle_timeout = Duration::from_secs(90);
    /// engine.handle().set_config(&config)?;
    ///
    /// config.idle_timeout = Duration::ZERO;
    /// assert!(engine.handle().set_config(&config).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_config(&self, config: &Config) -> io::Result<()> {
        config.check()?;
        self.0.config.send_replace(config.clone());
        Ok(())
    }

    /// The settings that hold, and those to come.
    pub(crate) fn configs(&self) -> watch::Receiver<Config> {
        self.0.config.subscribe()
    }

    /// Counts responses that were cut because the engine could not wait any longer.
    pub(crate) fn count_cut(&self, responses: usize) {
        self.0.cut.fetch_add(responses, Ordering::Relaxed);
    }

    /// How many responses were cut.
    pub(crate) fn cut(&self) -> usize {
        self.0.cut.load(Ordering::Relaxed)
    }

    /// Ready when no connection is left and none can come any more.
    pub(crate) async fn all_ended(&self) {
        for connections in &self.0.connections {
            connections.close();
            connections.wait().await;
        }
    }
}
