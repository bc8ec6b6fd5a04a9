//! Listeners: plain HTTP/1 with limits that keep slow and greedy callers from the others.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::app::Peer;
use crate::config::Limits;
use crate::patience::Patient;

/// Largest head of a request, bytes.
const HEAD_BYTES: usize = 16 << 10;
/// How long a connection may go on once the gateway stops.
const GRACE: Duration = Duration::from_secs(2);
/// The part of the connections, one in so many, that is kept for those who wait: while fewer are left, none is kept open for a
/// next request.
const RESERVE: usize = 4;
/// Time in which the head of a request must have come on a connection that is taken from the reserve.
const RESERVE_HEAD: Duration = Duration::from_secs(2);
/// Pause after the system refused a connection, as when file handles are used up.
const BREATH: Duration = Duration::from_millis(50);

/// A listener that serves.
pub(crate) struct Listening {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Listens at `address` and serves until stopped, or until `parent` is cancelled.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub(crate) async fn start(
        address: SocketAddr,
        router: Router,
        (limits, proxy): (&Limits, Option<IpAddr>),
        parent: &CancellationToken,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let (address, stop, tasks) = (listener.local_addr()?, parent.child_token(), TaskTracker::new());
        let server = Server {
            router,
            head_timeout: limits.head_timeout,
            answer_timeout: limits.answer_timeout,
            proxy,
            seats: Seats::new(limits.connections),
            crowd: Arc::new(Crowd { most: limits.connections_a_peer, proxy, by_peer: Mutex::default() }),
            stop: stop.clone(),
            tasks: tasks.clone(),
        };
        tasks.spawn(server.accept(listener));
        Ok(Self { address, stop, tasks })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections and waits for the open ones to end, which they soon do.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Server {
    router: Router,
    head_timeout: Duration,
    answer_timeout: Duration,
    proxy: Option<IpAddr>,
    seats: Seats,
    crowd: Arc<Crowd>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    async fn accept(self, listener: TcpListener) {
        loop {
            let slot = tokio::select! {
                () = self.stop.cancelled() => return,
                slot = Arc::clone(&self.seats.free).acquire_owned() => slot,
            };
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            };
            let (Ok(remote), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { continue };
            let peer = Peer { remote, local };
            let Some(seat) = Crowd::enter(&self.crowd, peer.ip()) else { continue };
            let serving = self.serve(stream, peer);
            self.tasks.spawn(async move {
                serving.await;
                drop((slot, seat));
            });
        }
    }

    /// One connection. What it needs of the server is its own.
    fn serve(&self, stream: TcpStream, peer: Peer) -> impl Future<Output = ()> + Send + use<> {
        let (router, proxy, seats, stop) = (self.router.clone(), self.proxy, self.seats.clone(), self.stop.clone());
        let from_reserve = seats.are_few();
        let head_timeout = if from_reserve { self.head_timeout.min(RESERVE_HEAD) } else { self.head_timeout };
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            let forwarded = proxy.filter(|proxy| *proxy == peer.ip()).and_then(|_| forwarded(request.headers()));
            let remote = forwarded.map_or(peer.remote, |address| SocketAddr::new(address, 0));
            request.extensions_mut().insert(Peer { remote, ..peer });
            let (answer, seats) = (router.clone().oneshot(request), seats.clone());
            async move {
                let mut answer = answer.await?;
                if from_reserve || seats.are_few() {
                    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(answer)
            }
        });
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_header_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(Patient::new(stream, self.answer_timeout)), service);
        async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    match tokio::time::timeout(GRACE, connection).await {
                        Ok(ended) => ended,
                        Err(_) => return,
                    }
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        }
    }
}

/// The connections that may be open at a time.
#[derive(Clone)]
struct Seats {
    free: Arc<Semaphore>,
    reserve: usize,
}

impl Seats {
    fn new(most: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(most)), reserve: most / RESERVE }
    }

    /// Others will soon wait. Thousands of pages that look every other second are served by fewer connections then, in turn.
    fn are_few(&self) -> bool {
        self.free.available_permits() < self.reserve
    }
}

/// The caller of a proxy: the last address of the last `X-Forwarded-For`, which is the proxy's own word. What stands before it may be
/// anybody's.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").into_iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// Counts the connections of each other machine.
struct Crowd {
    most: usize,
    /// It speaks for many.
    proxy: Option<IpAddr>,
    by_peer: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that is counted until it is dropped.
struct Seat {
    crowd: Arc<Crowd>,
    peer: IpAddr,
}

impl Crowd {
    /// None when the machine has enough connections. This PC is not counted: whoever runs on it can do worse.
    fn enter(crowd: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let mut by_peer = crowd.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_peer.entry(peer).or_default();
        if *count >= crowd.most && !peer.is_loopback() && crowd.proxy != Some(peer) {
            return None;
        }
        *count += 1;
        Some(Seat { crowd: Arc::clone(crowd), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut by_peer = self.crowd.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_peer.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                by_peer.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_proxys_own_word_counts() {
        let mut headers = HeaderMap::new();
        assert_eq!(forwarded(&headers), None);
        headers.append("x-forwarded-for", "10.0.0.1, 10.0.0.2".parse().unwrap());
        headers.append("x-forwarded-for", "1.2.3.4, 203.0.113.9".parse().unwrap());
        assert_eq!(forwarded(&headers), Some(IpAddr::from([203, 0, 113, 9])));
        headers.append("x-forwarded-for", "unknown".parse().unwrap());
        assert_eq!(forwarded(&headers), None);
    }

    #[test]
    fn one_machine_cannot_take_all_connections() {
        let crowd = Arc::new(Crowd { most: 2, proxy: None, by_peer: Mutex::default() });
        let (phone, here): (IpAddr, IpAddr) = ("192.168.1.9".parse().unwrap(), "127.0.0.1".parse().unwrap());
        let seats: Vec<_> = (0..2).map(|_| Crowd::enter(&crowd, phone).unwrap()).collect();
        assert!(Crowd::enter(&crowd, phone).is_none());
        let own: Vec<_> = (0..9).filter_map(|_| Crowd::enter(&crowd, here)).collect();
        assert_eq!(own.len(), 9);
        drop((seats, own));
        assert!(Crowd::enter(&crowd, phone).is_some() && crowd.by_peer.lock().unwrap().len() <= 1);
    }
}
