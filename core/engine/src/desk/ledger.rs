//! Looking into the ledger.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use piaoxia_domain::names::safe_file_name;
use piaoxia_domain::{InvoiceFilter, InvoiceKey, Month, TaxNumber};
use piaoxia_files::FilesError;
use piaoxia_store::{Digest, GroupBy, Original, Sort, Store, StoreError};

use super::Desk;
use crate::claims;
use crate::command::Command;
use crate::deduction;
use crate::engine::Opener;
use crate::event::{Event, InvoiceSheet};
use crate::export;
use crate::outbox::panic_problem;
use crate::problem::{Problem, What};
use crate::proof;

impl Desk {
    pub(super) fn ledger(&mut self, command: Command) {
        match command {
            Command::Search { seq, filter, sort, group } => self.search(seq, *filter, sort, group),
            Command::LoadRows { seq, first, ids } => {
                let rows = self.services.store().rows(&ids).into();
                self.tell(Event::Rows { seq, first, rows });
            }
            Command::LoadInvoice(key) => {
                let store = self.services.store().clone();
                let asked = key.clone();
                let work = async move { sheet(&store, &asked).await.map(Box::new) };
                self.answer(work, move |result| Event::Invoice { key, result });
            }
            Command::Prove(key) => {
                let services = self.services.clone();
                let asked = key.clone();
                let work = async move { proof::prove(&services, &asked).await };
                self.answer(work, move |result| Event::Proved { key, result });
            }
            Command::ProveFiles(paths) => {
                self.proving.cancel();
                self.proving = self.outbox.stop().child_token();
                let (services, stop) = (self.services.clone(), self.proving.clone());
                let work = async move { proof::prove_files(&services, paths, &stop).await };
                self.answer(work, Event::FilesProved);
            }
            Command::StopProving => self.proving.cancel(),
            Command::SumDeduction { company, period } => self.sum_deduction(company, period),
            Command::SumFigures { seq, filter, top } => self.figures(seq, *filter, top),
            Command::FindRow { seq, ids, number } => {
                let store = self.services.store().clone();
                let work = async move { Ok(store.place_of(ids, number).await?) };
                self.answer(work, move |result| Event::Found { seq, result });
            }
            Command::SumRows { seq, ids } => {
                let store = self.services.store().clone();
                let work = async move { Ok(store.sum(ids).await?) };
                self.answer(work, move |result| Event::Summed { seq, result });
            }
            Command::Claim { seq, of, claim, again } => {
                let services = self.services.clone();
                let work = async move { claims::claim(&services, of, claim, again).await };
                self.answer(work, move |result| Event::Claimed { seq, result });
            }
            Command::WithdrawClaim { key, id } => {
                let services = self.services.clone();
                self.try_to(async move {
                    services.store().withdraw_claim(&key, &id).await?;
                    services.touch(0);
                    Ok(())
                });
            }
            Command::OpenOriginal { key, sha256 } => self.open_original(key, sha256),
            Command::PreviewNames { seq, pattern, filter } => {
                let (services, outbox) = (self.services.clone(), self.outbox.clone());
                self.outbox.spawn(move |problem| Event::Names { seq, result: Err((0, problem)) }, async move {
                    let result = export::preview_names(&services, &pattern, *filter).await;
                    outbox.send(Event::Names { seq, result }).await;
                });
            }
            Command::Reveal(path) => self.reveal(path),
            _ => {}
        }
    }

    fn search(&mut self, seq: u64, filter: InvoiceFilter, sort: Sort, group: Option<GroupBy>) {
        self.search.cancel();
        self.search = self.outbox.stop().child_token();
        let (stop, store, outbox) = (self.search.clone(), self.services.store().clone(), self.outbox.clone());
        self.outbox.spawn(move |problem| Event::View { seq, result: Err(problem) }, async move {
            // A search that a newer one has replaced is not told of.
            let view = async {
                match group {
                    Some(by) => store.grouped_view(filter, sort, by).await,
                    None => store.view(filter, sort).await,
                }
            };
            if let Some(result) = stop.run_until_cancelled(view).await {
                outbox.send(Event::View { seq, result: result.map_err(Problem::from) }).await;
            }
        });
    }

    fn sum_deduction(&mut self, company: Option<TaxNumber>, period: Month) {
        self.summing.cancel();
        self.summing = self.outbox.stop().child_token();
        let (stop, services, outbox) = (self.summing.clone(), self.services.clone(), self.outbox.clone());
        let of = company.clone();
        let make = move |result| Event::Deduction { company, period, result };
        let on_panic = make.clone();
        self.outbox.spawn(move |problem| on_panic(Err(problem)), async move {
            if let Some(result) = stop.run_until_cancelled(deduction::summary(&services, of, period)).await {
                outbox.send(make(result)).await;
            }
        });
    }

    fn figures(&mut self, seq: u64, filter: InvoiceFilter, top: usize) {
        self.figuring.cancel();
        self.figuring = self.outbox.stop().child_token();
        let (stop, store, outbox) = (self.figuring.clone(), self.services.store().clone(), self.outbox.clone());
        self.outbox.spawn(move |problem| Event::Figures { seq, result: Err(problem) }, async move {
            if let Some(result) = stop.run_until_cancelled(store.figures(filter, top)).await {
                outbox.send(Event::Figures { seq, result: result.map(Box::new).map_err(Problem::from) }).await;
            }
        });
    }

    fn open_original(&self, key: InvoiceKey, sha256: String) {
        let (services, opener) = (self.services.clone(), self.outside.opener.clone());
        let folder = view_folder(services.data());
        self.try_to(async move {
            let (original, bytes) = original(services.store(), &key, &sha256).await?;
            blocking(move || show(&opener, &folder, &original, &bytes)).await
        });
    }

    fn reveal(&self, path: PathBuf) {
        let opener = self.outside.opener.clone();
        self.try_to(blocking(move || {
            let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
            opener(folder).map_err(|error| file_problem(folder, error))
        }));
    }

    fn try_to(&self, work: impl Future<Output = Result<(), Problem>> + Send + 'static) {
        let outbox = self.outbox.clone();
        self.outbox.spawn_plain(async move {
            if let Err(problem) = work.await {
                outbox.send(Event::Failed(problem)).await;
            }
        });
    }

    /// What was shown in an earlier run is of no use any more.
    pub(super) fn clear_view_folder(&self) {
        let folder = view_folder(self.services.data());
        self.outbox.spawn_plain(async move {
            let cleared = blocking(move || match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_problem(&folder, error)),
                _ => Ok(()),
            });
            if let Err(problem) = cleared.await {
                tracing::info!(problem.detail, "the view folder cannot be cleared");
            }
        });
    }
}

async fn sheet(store: &Store, key: &InvoiceKey) -> Result<InvoiceSheet, Problem> {
    let unknown = || Problem::from(StoreError::UnknownInvoice { key: key.clone() });
    let invoice = store.get(key).await?.ok_or_else(unknown)?;
    let key = &invoice.key;
    let (history, originals, reds) = (store.history(key).await?, store.originals_of(key).await?, store.reds_of(key).await?);
    let claims = store.claims_of(key).await?;
    Ok(InvoiceSheet { history, originals, reds, claims, invoice })
}

async fn original(store: &Store, key: &InvoiceKey, sha256: &str) -> Result<(Original, Vec<u8>), Problem> {
    let digest: Option<Digest> = sha256.parse().ok();
    let of_invoice = store.originals_of(key).await?;
    let original = of_invoice.into_iter().find(|original| Some(original.sha256) == digest);
    let original = original.ok_or_else(|| Problem::new(What::Internal, "the invoice has no such original").about(key.to_string()))?;
    let bytes = store.read_original(original.sha256).await?;
    Ok((original, bytes))
}

fn view_folder(data: &Path) -> PathBuf {
    data.join("view")
}

/// Writes a copy for the viewer, which may change it, and opens it.
fn show(opener: &Opener, folder: &Path, original: &Original, bytes: &[u8]) -> Result<(), Problem> {
    let path = copy(folder, original, bytes).map_err(|error| file_problem(folder, error))?;
    opener(&path).map_err(|error| file_problem(&path, error))
}

fn copy(folder: &Path, original: &Original, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = folder.join(original.sha256.to_string().get(..16).unwrap_or_default());
    fs::create_dir_all(&folder)?;
    // The extension is that of the format whatever the service called the file: nothing else is ever opened.
    let stem = Path::new(&original.name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let path = folder.join(format!("{}.{}", safe_file_name(&stem), original.format.extension()));
    // A viewer may still have it open.
    if fs::metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64) {
        return Ok(path);
    }
    fs::write(&path, bytes)?;
    Ok(path)
}

fn file_problem(path: &Path, error: io::Error) -> Problem {
    FilesError::from_io(path, error).into()
}

async fn blocking(work: impl FnOnce() -> Result<(), Problem> + Send + 'static) -> Result<(), Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(panic_problem()))
}
