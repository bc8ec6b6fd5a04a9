//! How a gateway is set up.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use piaoxia_mail::MailConfig;
use piaoxia_seals::Trust;
use piaoxia_service::contract::SandboxSize;
use piaoxia_wechat::Config as WeChatConfig;

use crate::connectors::Connector;
use crate::connectors::sim::SimConnector;

/// Settings of a gateway.
pub struct GatewayConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Secret that every call must carry: an embedded gateway serves its own process alone.
    pub secret: Option<String>,
    /// Folder of its state; none keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// The bureau behind it.
    pub connector: Arc<dyn Connector>,
    /// Offers the sandbox's own controls, and makes an activation code by itself.
    pub sandbox: bool,
    /// Address under which phones and programs reach it from outside (`https://host[:port]`, an origin as browsers write it), when
    /// it stands behind a proxy; its host is let in.
    pub public_url: Option<String>,
    /// The proxy before it: callers are known by the last address of its `X-Forwarded-For`.
    pub proxy: Option<IpAddr>,
    /// Folder of the release that the download page offers (`release.json` and its files); without one it is the running program.
    pub downloads: Option<PathBuf>,
    /// Version of the running program: that of its stamp, where it has one.
    pub version: String,
    /// The mail server; without one a sandbox shows its mails, and any other gateway sends none.
    pub mail: Option<MailConfig>,
    /// The WeChat Official Account; without one phones open the pages by the QR itself. Needs `public_url`.
    pub wechat: Option<WeChatConfig>,
    /// Authorities whose tax disks are let in, beside the simulated one of a sandbox. Where nothing is trusted, no disk is taken.
    pub disk_roots: Trust,
    /// Times and sizes.
    pub limits: Limits,
}

impl GatewayConfig {
    /// The sandbox: loopback, a free port, the simulated bureau.
    ///
    /// The simulated world keeps the day it was made on in `data_dir`, so that tomorrow's data continues today's.
    #[must_use]
    pub fn sandbox(size: SandboxSize, data_dir: Option<PathBuf>) -> Self {
        let connector = Arc::new(SimConnector::open(size, data_dir.as_deref()));
        Self { data_dir, sandbox: true, ..Self::new(connector) }
    }

    /// Loopback, a free port, no secret, nothing kept, no sandbox controls.
    #[must_use]
    pub fn new(connector: Arc<dyn Connector>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            secret: None,
            data_dir: None,
            connector,
            sandbox: false,
            public_url: None,
            proxy: None,
            downloads: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            mail: None,
            wechat: None,
            disk_roots: Trust::default(),
            limits: Limits::default(),
        }
    }
}

/// Times and sizes of a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Life of a login ticket.
    pub ticket_life: Duration,
    /// Life of a challenge for a tax disk.
    pub disk_challenge_life: Duration,
    /// Longest time that a poll of a ticket is held open.
    pub poll_held: Duration,
    /// Life of a session.
    pub session_life: Duration,
    /// Life of 30 天免登录.
    pub refresh_life: Duration,
    /// Life of a link to an original.
    pub link_life: Duration,
    /// Time in which the head of a request must have come.
    pub head_timeout: Duration,
    /// Time in which the body of a request must have come.
    pub body_timeout: Duration,
    /// Time in which a caller must have taken some of an answer that waits for it.
    pub answer_timeout: Duration,
    /// Largest body of a request, bytes.
    pub body_bytes: usize,
    /// Connections at a time; further ones wait.
    pub connections: usize,
    /// Connections at a time of one other machine; further ones are closed.
    pub connections_a_peer: usize,
    /// Pause that a caller leaves between two looks at a job.
    pub poll_after: Duration,
    /// Finished jobs that are kept for their items to be fetched.
    pub jobs_kept: usize,
}

impl Limits {
    /// For a gateway of its own that serves many PCs and phones.
    #[must_use]
    pub fn of_a_service() -> Self {
        Self { connections: 4_096, jobs_kept: 512, ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ticket_life: Duration::from_secs(120),
            disk_challenge_life: Duration::from_secs(120),
            poll_held: Duration::from_secs(25),
            session_life: Duration::from_secs(12 * 3600),
            refresh_life: Duration::from_secs(30 * 86400),
            link_life: Duration::from_secs(300),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(30),
            body_bytes: 1 << 20,
            connections: 512,
            connections_a_peer: 64,
            poll_after: Duration::from_millis(200),
            jobs_kept: 64,
        }
    }
}
