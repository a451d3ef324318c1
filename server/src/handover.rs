//! What another process needs to go on in the place of a server.

use std::io;
use std::os::fd::OwnedFd;

use chunkwire_engine::{Engine, Handle};

use crate::live::live_samples::Live;

/// What another process needs to go on in the place of a [`Server`](crate::Server), without a client that is refused or
/// cut.
///
/// It holds copies of the sockets. Drop it when the server stops, or clients find sockets that nobody accepts from.
///
/// # Examples
///
/// ```
/// use std::future::pending;
/// use std::net::TcpListener;
///
/// use chunkwire_server::{Config, Server};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut config = Config::default();
/// config.listen = vec!["127.0.0.1:0".parse().unwrap()];
/// let first = Server::bind(&config)?;
/// let handover = first.handover()?;
///
/// // As another process would have them.
/// let sockets = handover.sockets().iter().map(|socket| Ok(TcpListener::from(socket.try_clone()?).into()));
/// let second = Server::with_sockets(sockets.collect::<std::io::Result<_>>()?, Vec::new(), &config)?;
/// assert_eq!(second.local_addr()?, first.local_addr()?);
///
/// handover.complete();
/// assert_eq!(first.serve(pending()).await, 0, "it has ended, and nothing was cut");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Handover {
    sockets: Vec<OwnedFd>,
    admin: Vec<OwnedFd>,
    engines: Vec<Handle>,
    live: Live,
}

impl Handover {
    pub(crate) fn of(engine: &Engine, admin: Option<&Engine>, live: &Live) -> io::Result<Self> {
        Ok(Self {
            sockets: engine.sockets()?,
            admin: admin.map_or_else(|| Ok(Vec::new()), Engine::sockets)?,
            engines: [engine].into_iter().chain(admin).map(|engine| engine.handle().clone()).collect(),
            live: live.clone(),
        })
    }

    /// Returns the sockets that the server listens on, but for those of the admin address.
    pub fn sockets(&self) -> &[OwnedFd] {
        &self.sockets
    }

    /// Returns the sockets of the admin address.
    pub fn admin_sockets(&self) -> &[OwnedFd] {
        &self.admin
    }

    /// Tells the server that another process accepts from its sockets: see
    /// [`Handle::hand_over`](chunkwire_engine::Handle::hand_over).
    pub fn complete(self) {
        // No feed is a response that has to be finished here.
        self.live.end();
        for engine in &self.engines {
            engine.hand_over();
        }
    }
}
