//! What the commands work on: the ledger alone, or the ledger with the service.

use piaoxia_engine::problem::{FileFault, StoreFault, What};
use piaoxia_engine::{Problem, Services};
use piaoxia_service::Client;
use piaoxia_store::OpenReport;

use super::{Cx, Ended, Fault};
use crate::boot::{Folder, Locked, Options, Service, World, services};
use crate::text::fill;

/// Loopback, where nobody is asked anything: these commands need no service.
const NOBODY: &str = "http://127.0.0.1:9";

/// What a command needs of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// It reads: a folder that is not there is a typing error, not a new ledger.
    Read,
    /// It writes.
    Write,
}

/// Opens the ledger, does the work without service, sign-in or network, closes the ledger.
pub(super) async fn with_ledger(cx: &Cx, need: Need, work: impl AsyncFnOnce(&Services) -> Ended) -> Ended {
    if need == Need::Read
        && let Some(data) = &cx.data
        && !data.is_dir()
    {
        let what = What::File { fault: FileFault::Missing, path: data.clone() };
        return Err(Problem::new(what, "there is no such data folder").into());
    }
    let options = cx.options();
    let folder = locked(cx, &options)?.open()?;
    tell_rebuilt(cx, folder.report);
    let ended = match nobody(cx, &folder, options).await {
        Ok(services) => work(&services).await,
        Err(fault) => Err(fault),
    };
    folder.close().await;
    ended
}

/// Opens the ledger and the service, does the work, closes both.
pub(super) async fn with_world(cx: &Cx, options: Options, work: impl AsyncFnOnce(&Services) -> Ended) -> Ended {
    let locked = locked(cx, &options)?;
    if locked.is_read_only() {
        let what = What::Store(StoreFault::ReadOnly);
        return Err(Problem::new(what, "nothing can be kept").about(locked.path().display().to_string()).into());
    }
    let options = match options.service {
        // A choice that cannot be read is no reason to ask the sandbox.
        Service::Chosen => Options { service: cx.service_of(locked.path())?, ..options },
        Service::Hosted(_) | Service::Sandbox => options,
    };
    let world = World::behind(locked, options).await?;
    tell_rebuilt(cx, world.folder().report);
    let ended = match world.services().await {
        Ok(services) => work(&services).await,
        Err(problem) => Err(problem.into()),
    };
    world.close().await;
    ended
}

/// Takes the folder's lock and starts the log in it.
fn locked(cx: &Cx, options: &Options) -> Result<Locked, Fault> {
    let locked = Locked::acquire(options.data.clone())?;
    if !locked.is_read_only() {
        cx.log_in(locked.path());
    }
    Ok(locked)
}

async fn nobody(cx: &Cx, folder: &Folder, options: Options) -> Result<Services, Fault> {
    let options = Options { service: cx.service_of(folder.path())?, ..options };
    Ok(services(folder, Client::new(NOBODY, None)?, &options, None).await?)
}

/// A ledger that had to be rebuilt is never opened without a word.
fn tell_rebuilt(cx: &Cx, report: OpenReport) {
    let words = &cx.text.cli;
    let (sentence, invoices, lost) = match report {
        OpenReport::Rebuilt { invoices, lost_commits, .. } => (&words.rebuilt, invoices, lost_commits),
        OpenReport::ReadOnly { invoices, lost_commits, .. } => (&words.read_only, invoices, lost_commits),
        OpenReport::Fresh | OpenReport::Clean { .. } => return,
    };
    cx.out.complain(&fill(sentence, &[("n", &invoices.to_string())]));
    if lost > 0 {
        cx.out.complain(&fill(&words.lost, &[("n", &lost.to_string())]));
    }
}
