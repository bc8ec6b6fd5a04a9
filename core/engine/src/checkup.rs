//! 网络自检: the way to the service step by step, and what the program stands on. Each step has a verdict of its own, so that
//! the first bad one says what to do.

mod ground;
mod way;

use std::net::IpAddr;
use std::path::PathBuf;

use piaoxia_service::{Client, ClientError, ClientOptions, Probe, Proxy};
use piaoxia_store::{OpenReport, Store};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::observe::Observe;
use crate::problem::Problem;

/// A step, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// 代理.
    Proxy,
    /// DNS: the name of the first host on the way.
    Name,
    /// TCP: a connection to it.
    Connection,
    /// TLS: who answers there.
    Identity,
    /// 电脑时间.
    Clock,
    /// 服务: it speaks this program's contract.
    Gateway,
    /// 税局公告.
    Notices,
    /// 磁盘空间 of the data folder.
    Disk,
    /// 台账.
    Ledger,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Proxy, Self::Name, Self::Connection, Self::Identity, Self::Clock, Self::Gateway, Self::Notices, Self::Disk, Self::Ledger];
}

/// What a step comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// There was nothing to check.
    Skipped,
    /// 正常.
    Good,
    /// It works, and something should be done about it.
    Warning,
    /// It does not work.
    Bad,
}

/// What a step found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "found")]
pub enum Finding {
    /// The service runs in this program: nothing leaves this PC.
    InsideProgram,
    /// An earlier step failed, so there is nothing to check.
    NotReached,
    /// No proxy is used.
    NoProxy,
    /// A proxy is used.
    ThroughProxy {
        /// Host and port.
        address: String,
        /// Typed here; else the system's.
        manual: bool,
    },
    /// The name has these addresses.
    Resolved {
        /// Name.
        host: String,
        /// Addresses.
        addresses: Vec<IpAddr>,
    },
    /// A connection stands.
    Connected {
        /// To this address.
        address: IpAddr,
        /// After so many milliseconds.
        millis: u64,
    },
    /// The server has proved who it is.
    Proved {
        /// Who.
        host: String,
    },
    /// On this PC nothing is encrypted.
    NotEncrypted,
    /// The clock is right.
    ClockRight,
    /// The clock is wrong.
    ClockWrong {
        /// So many seconds ahead; less than 0: behind.
        ahead: i64,
    },
    /// The server tells no time.
    NoTime,
    /// It speaks this program's contract.
    Speaks {
        /// Which version.
        protocol: String,
    },
    /// It speaks another version of it: one of the two is older.
    OtherContract {
        /// Which version.
        protocol: String,
    },
    /// Nobody is signed in, so no notices are known.
    SignedOut,
    /// Notices of outages.
    Notices {
        /// How many.
        count: usize,
    },
    /// Room on the disk.
    Room {
        /// Bytes.
        free: u64,
    },
    /// Little room on the disk.
    LittleRoom {
        /// Bytes.
        free: u64,
    },
    /// The folder cannot be written.
    FolderReadOnly,
    /// The ledger was opened as it was left.
    LedgerSound {
        /// Invoices.
        invoices: u64,
    },
    /// It was built anew from snapshot and journal.
    LedgerRebuilt {
        /// Invoices.
        invoices: u64,
        /// Commits of which nothing readable is left.
        lost: u64,
    },
    /// It can only be read.
    LedgerReadOnly {
        /// Invoices.
        invoices: u64,
    },
    /// There is none yet.
    NoLedger,
    /// The step failed.
    Failed {
        /// Why.
        problem: Box<Problem>,
    },
}

/// A step that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Which.
    pub step: Step,
    /// What it comes to.
    pub verdict: Verdict,
    /// What it found.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What the window hears of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckupStep {
    /// A step is over.
    Line(Line),
    /// The check is over, or was stopped.
    Done,
}

/// What is checked.
#[derive(Clone)]
pub struct Checkup {
    /// Client of the service; none: it is not asked.
    pub client: Option<Client>,
    /// Proxy and certificates.
    pub options: ClientOptions,
    /// Where the way leads when the service runs in this program: the address of updates, if one is built in.
    pub elsewhere: Option<String>,
    /// Data folder.
    pub data: PathBuf,
    /// The ledger.
    pub ledger: LedgerState,
}

/// How the ledger stands.
#[derive(Clone)]
pub enum LedgerState {
    /// It is open.
    Open {
        /// The ledger.
        store: Store,
        /// What opening it found.
        report: OpenReport,
    },
    /// There is none yet.
    None,
    /// It cannot be opened here; it may be open in the window.
    Closed(Box<Problem>),
}

impl Line {
    fn new(step: Step, verdict: Verdict, finding: Finding) -> Self {
        Self { step, verdict, finding }
    }

    fn failed(step: Step, problem: Problem) -> Self {
        Self::new(step, Verdict::Bad, Finding::Failed { problem: Box::new(problem) })
    }

    fn refused(step: Step, error: ClientError) -> Self {
        Self::failed(step, error.into())
    }

    fn not_reached(step: Step) -> Self {
        Self::new(step, Verdict::Skipped, Finding::NotReached)
    }
}

/// Takes every step in turn and tells of each when it is over. All lines are returned; a check that was stopped ends early.
pub async fn run(checkup: &Checkup, mut tell: impl Observe<Line>, stop: &CancellationToken) -> Vec<Line> {
    let mut lines = Vec::with_capacity(Step::ALL.len());
    let mut way = way::Way::new(checkup);
    for step in Step::ALL {
        let work = async {
            match step {
                Step::Disk => ground::disk(&checkup.data).await,
                Step::Ledger => ground::ledger(&checkup.ledger).await,
                Step::Notices => notices(checkup.client.as_ref()).await,
                _ => way.take(step).await,
            }
        };
        let Some(line) = stop.run_until_cancelled(work).await else { break };
        tell.observe(line.clone()).await;
        lines.push(line);
    }
    lines
}

async fn notices(client: Option<&Client>) -> Line {
    let Some(client) = client.filter(|client| client.has_session()) else {
        return Line::new(Step::Notices, Verdict::Skipped, Finding::SignedOut);
    };
    match client.notices().await {
        Ok(notices) => {
            let verdict = if notices.is_empty() { Verdict::Good } else { Verdict::Warning };
            Line::new(Step::Notices, verdict, Finding::Notices { count: notices.len() })
        }
        Err(error) => Line::refused(Step::Notices, error),
    }
}

/// The worst of all verdicts.
#[must_use]
pub fn worst(lines: &[Line]) -> Verdict {
    lines.iter().map(|line| line.verdict).max().unwrap_or(Verdict::Skipped)
}

fn address(proxy: &Proxy) -> String {
    format!("{}:{}", proxy.host, proxy.port)
}

/// The way to the updates, where an address of them is built in.
fn probe_elsewhere(checkup: &Checkup) -> Option<Probe> {
    let address = checkup.elsewhere.as_deref()?;
    let probe = Probe::of(address, checkup.options.clone());
    probe.inspect_err(|error| tracing::warn!(%error, "the address of updates is none")).ok().filter(|probe| !probe.route().here)
}
