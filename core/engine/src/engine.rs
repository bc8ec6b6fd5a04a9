//! Starting and stopping the engine.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use piaoxia_service::Client;
use piaoxia_store::{OpenReport, ReadOnlyReason, Store};
use piaoxia_update::Updater;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::choice::ServiceBy;
use crate::command::Command;
use crate::desk::{Desk, Outside};
use crate::disks::DiskSetup;
use crate::event::{Event, Rebuilt, SignedOutBecause, Started};
use crate::outbox::{Outbox, Wake};
use crate::pace::Pace;
use crate::problem::{Problem, StoreFault, What};
use crate::reader::ReaderProgram;
use crate::secrets::VaultCost;
use crate::services::{Services, ServicesConfig};
use crate::session::Presence;

/// Commands that wait to be taken; a full channel means: busy.
const COMMANDS: usize = 64;
/// Events that wait for the window; the engine waits when it is full.
const EVENTS: usize = 1024;
/// Longest time that stopping takes.
const STOP: Duration = Duration::from_secs(2);

/// Opens a file or folder with the program that the system has for it.
pub type Opener = Arc<dyn Fn(&Path) -> io::Result<()> + Send + Sync>;

/// The gateway inside this program, for what no contract has.
pub trait OwnGateway: Send + Sync {
    /// Opens or closes the phone pages on the LAN. The addresses under which phones find them; none when closed. The error is for the log.
    fn allow_phones(&self, allow: bool) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + '_>>;

    /// Forgets the passwords with which it signs accounts in again.
    fn forget_passwords(&self);
}

/// What the engine is made of.
pub struct EngineConfig {
    /// Client of the service.
    pub client: Client,
    /// The ledger.
    pub store: Store,
    /// What opening the ledger reported.
    pub opened: OpenReport,
    /// Data folder.
    pub data: PathBuf,
    /// See [`ServicesConfig::key_folder`].
    pub key_folder: Option<PathBuf>,
    /// See [`ServicesConfig::vault_cost`].
    pub vault_cost: Option<VaultCost>,
    /// Computer name, shown on the phone's confirm page.
    pub device_name: String,
    /// The embedded gateway, if there is one.
    pub gateway: Option<Arc<dyn OwnGateway>>,
    /// Who said which service it is.
    pub service_by: ServiceBy,
    /// What went wrong before the engine started and did not keep it from starting: said once the window knows the folder.
    pub troubles: Vec<Problem>,
    /// Shows files.
    pub opener: Opener,
    /// See [`ServicesConfig::authorities`].
    pub authorities: Vec<Vec<u8>>,
    /// How long is waited for what.
    pub pace: Pace,
    /// See [`ServicesConfig::reader`].
    pub reader: Option<ReaderProgram>,
    /// With what tax disks are found.
    pub disks: DiskSetup,
    /// Updates of the program; none where the program is not one that can be updated, as in tests.
    pub updater: Option<Updater>,
}

/// The window's end of the engine. Its fields may be taken apart.
pub struct EngineHandle {
    /// Wishes; `try_send`, and a full channel means busy.
    pub commands: mpsc::Sender<Command>,
    /// What happens. Not drained, the engine waits.
    pub events: mpsc::Receiver<Event>,
    /// Stops the engine.
    pub stopper: Stopper,
}

/// Stops the engine when it is dropped.
pub struct Stopper {
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Stopper {
    /// Ends every task at a point where ledger and files are consistent. Waits 2 s at most; what is left by then ends with
    /// the runtime.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(STOP, self.tracker.wait()).await.is_err() {
            tracing::warn!("not every task ended in time");
        }
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The engine.
pub struct Engine;

impl Engine {
    /// Starts the engine on a runtime. The first event is [`Event::Started`]; `wake` is called after each event.
    #[must_use]
    pub fn start(config: EngineConfig, runtime: &Handle, wake: Wake) -> EngineHandle {
        let (commands, wishes) = mpsc::channel(COMMANDS);
        let (sender, events) = mpsc::channel(EVENTS);
        let stopper = Stopper { stop: CancellationToken::new(), tracker: TaskTracker::new() };
        let outbox = Outbox::new(sender, wake, stopper.tracker.clone(), stopper.stop.clone());
        let _entered = runtime.enter();
        outbox.clone().spawn_plain(async move {
            if let Err(problem) = serve(config, wishes, outbox.clone()).await {
                outbox.send(Event::Failed(problem)).await;
            }
        });
        EngineHandle { commands, events, stopper }
    }
}

/// Takes commands until the engine stops.
async fn serve(config: EngineConfig, mut wishes: mpsc::Receiver<Command>, outbox: Outbox) -> Result<(), Problem> {
    let services = Services::open(
        config.client,
        config.store,
        ServicesConfig {
            data: config.data,
            key_folder: config.key_folder,
            vault_cost: config.vault_cost,
            device_name: config.device_name,
            authorities: config.authorities,
            pace: config.pace,
            reader: config.reader,
            disks: config.disks,
        },
    )
    .await?;
    let hosted = config.gateway.is_none();
    let (mut desk, downloads) = Desk::open(
        &services,
        &outbox,
        Outside { gateway: config.gateway, opener: config.opener, updater: config.updater, opened: config.opened },
    )
    .await?;
    let found = Found { opened: config.opened, downloads, hosted, service_by: config.service_by };
    let started = started(&services, found).await?;
    tell_ledger_changes(&services, &outbox, started.invoices);
    let data = started.data.display().to_string();
    outbox.send(Event::Started(Box::new(started))).await;
    if let OpenReport::ReadOnly { reason: ReadOnlyReason::DiskFull, .. } = config.opened {
        outbox.send(Event::Failed(Problem::new(What::Store(StoreFault::DiskFull), "found full at the start").about(data))).await;
    }
    for trouble in config.troubles {
        outbox.send(Event::Failed(trouble)).await;
    }
    let mut presence = services.keeper().presence();
    loop {
        tokio::select! {
            () = outbox.stop().cancelled() => return Ok(()),
            wish = wishes.recv() => match wish {
                Some(command) => desk.take(command),
                None => return Ok(()),
            },
            Ok(()) = presence.changed() => {
                let now = *presence.borrow_and_update();
                if matches!(now, Presence::Out | Presence::Ended) {
                    desk.forget_person();
                }
                if now == Presence::Ended {
                    outbox.send(Event::SignedOut(SignedOutBecause::Ended)).await;
                }
            }
        }
    }
}

/// What is known when the engine starts.
struct Found {
    opened: OpenReport,
    downloads: Vec<crate::Download>,
    hosted: bool,
    service_by: ServiceBy,
}

/// Number of invoices, whether the folder cannot be written, and what was lost.
fn said_of(opened: OpenReport) -> (u64, bool, Option<Rebuilt>) {
    match opened {
        OpenReport::Fresh => (0, false, None),
        OpenReport::Clean { invoices } => (invoices, false, None),
        OpenReport::Rebuilt { invoices, lost_commits: lost, .. } => (invoices, false, Some(Rebuilt { invoices, lost })),
        OpenReport::ReadOnly { invoices, reason, lost_commits: lost } => {
            // On a full disk the store writes again by itself once there is room: nothing is switched off for it.
            (invoices, reason != ReadOnlyReason::DiskFull, (lost > 0).then_some(Rebuilt { invoices, lost }))
        }
    }
}

async fn started(services: &Services, found: Found) -> Result<Started, Problem> {
    let Found { opened, downloads, hosted, service_by } = found;
    let (invoices, read_only, rebuilt) = said_of(opened);
    let preferences = crate::preferences::all(services).await?;
    let templates = crate::templates::kept(services).await?;
    let service = services.client().base_url().to_owned();
    let vault = services.secrets().view().await;
    let network = services.client().options().network;
    let untouched = invoices == 0 && downloads.is_empty() && !vault.exists && services.known_companies().await?.is_empty();
    let first = match service_by {
        ServiceBy::Nobody => untouched && !read_only,
        ServiceBy::Unreadable => !read_only,
        ServiceBy::Start | ServiceBy::Choice => false,
    };
    let data = services.data().clone();
    Ok(Started {
        vault,
        downloads,
        preferences,
        templates,
        invoices,
        read_only,
        rebuilt,
        data,
        service,
        hosted,
        service_by,
        first,
        network,
    })
}

/// Tells that the ledger changed, not too often.
fn tell_ledger_changes(services: &Services, outbox: &Outbox, at_start: u64) {
    let (services, sender) = (services.clone(), outbox.clone());
    outbox.spawn_plain(async move {
        let stop = sender.stop().clone();
        let telling = async {
            loop {
                services.touched().await;
                sender.send(Event::LedgerChanged { invoices: at_start + services.added() }).await;
                tokio::time::sleep(services.pace().ledger).await;
            }
        };
        stop.run_until_cancelled(telling).await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_can_only_be_read_says_what_it_lost_and_a_full_disk_switches_nothing_off() {
        let opened = |reason, lost_commits| said_of(OpenReport::ReadOnly { invoices: 3, reason, lost_commits });
        assert_eq!(opened(ReadOnlyReason::Medium, 0), (3, true, None));
        assert_eq!(opened(ReadOnlyReason::Medium, 2), (3, true, Some(Rebuilt { invoices: 3, lost: 2 })));
        assert_eq!(opened(ReadOnlyReason::DiskFull, 0), (3, false, None));
    }
}
