//! 本机备份: a copy of the ledger and its originals in the user's folder of this PC, for a data folder that travels.
//!
//! It is the user's wish on each PC, kept there: a stick that is put into another PC leaves nothing on it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_files::durable_write;
use piaoxia_store::{BackedUp, Store, back_up_originals, restore_backup};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use crate::outbox::panic_problem;
use crate::problem::{Problem, What};

/// Below the user's folder.
const FOLDER: &str = "backups";
/// In the folder of a backup: that there is to be one, and what it came to.
const NOTE: &str = "backup.json";
/// How often it is looked whether the ledger has changed.
const LOOK: Duration = Duration::from_secs(5);

/// What the window wants of backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupWish {
    /// From now on on this PC, beginning at once.
    TurnOn,
    /// No longer on this PC; with `true` what is there is removed, too.
    TurnOff(bool),
    /// 立即备份.
    Now,
    /// The one that is being made is given up; what it has copied stays for the next.
    Stop,
}

/// How backups stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupView {
    /// Where it lies; none where the user has no folder on this PC, or the data folder lies there itself.
    pub folder: Option<PathBuf>,
    /// Wanted on this PC.
    pub on: bool,
    /// The last one; none yet.
    pub last: Option<BackupNote>,
    /// Originals looked at, and how many there are, while one is made.
    pub running: Option<(u64, u64)>,
    /// Why the last try failed.
    pub problem: Option<Problem>,
    /// Backups of other folders that lie on this PC, newest first: one may be put back into an empty ledger.
    pub others: Vec<FoundBackup>,
}

/// What a backup came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupNote {
    /// When.
    pub at: Timestamp,
    /// Invoices in it.
    pub invoices: u64,
    /// [`Store::generation`] of the ledger in it.
    pub generation: u64,
    /// Originals that were damaged and are not in it.
    #[serde(default)]
    pub damaged: u64,
    /// Which data folder it is of, as the user knows it.
    pub of: PathBuf,
}

/// A backup on this PC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBackup {
    /// Where it lies.
    pub folder: PathBuf,
    /// What it came to.
    pub note: BackupNote,
}

/// Backups of one data folder on this PC. Clones share everything.
#[derive(Clone)]
pub(crate) struct Backups {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    data: PathBuf,
    /// All backups of this PC, and the one of this folder within.
    place: Option<(PathBuf, PathBuf)>,
    /// One at a time.
    making: Mutex<()>,
    /// Ends the one that is being made.
    stop: SyncMutex<CancellationToken>,
    view: watch::Sender<BackupView>,
}

impl Backups {
    /// `here` is the user's folder on this PC, `id` that of the installation, which travels with the ledger.
    pub(crate) fn new(store: &Store, data: &Path, here: Option<&Path>, id: &str) -> Self {
        let place = here.filter(|here| !here.starts_with(data)).map(|here| {
            let all = here.join(FOLDER);
            let own = all.join(id);
            (all, own)
        });
        let view = place.as_ref().map_or_else(BackupView::default, |(all, own)| look(all, own));
        let inner = Inner {
            store: store.clone(),
            data: data.to_path_buf(),
            place,
            making: Mutex::new(()),
            stop: SyncMutex::default(),
            view: watch::Sender::new(view),
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn changes(&self) -> watch::Receiver<BackupView> {
        self.inner.view.subscribe()
    }

    pub(crate) async fn serve(&self, wish: BackupWish, stop: &CancellationToken) -> Result<(), Problem> {
        let Some((_, own)) = self.inner.place.clone() else {
            return Err(Problem::new(What::Internal, "this PC has no place for a backup"));
        };
        match wish {
            BackupWish::TurnOn => {
                blocking(move || {
                    piaoxia_files::create_folder(&own)?;
                    Ok(durable_write(&own.join(NOTE), b"{}")?)
                })
                .await?;
                self.change(|view| view.on = true);
                self.make(stop).await.map(drop)
            }
            BackupWish::TurnOff(remove) => {
                self.give_up();
                let _none_is_made = self.inner.making.lock().await;
                blocking(move || turn_off(&own, remove)).await?;
                self.change(|view| {
                    *view = BackupView { folder: view.folder.take(), others: std::mem::take(&mut view.others), ..BackupView::default() }
                });
                Ok(())
            }
            BackupWish::Now => self.make(stop).await.map(drop),
            BackupWish::Stop => {
                self.give_up();
                Ok(())
            }
        }
    }

    /// Makes one whenever the ledger has changed and is at rest again, as after a download or an import.
    pub(crate) async fn follow(&self, stop: &CancellationToken) {
        let mut seen = self.inner.store.generation();
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.inner.store.generation();
            let rests = now == seen;
            seen = now;
            let (on, last) = {
                let view = self.inner.view.borrow();
                (view.on, view.last.as_ref().map(|last| last.generation))
            };
            if on && rests && last != Some(now) {
                // A failure is told in the view, and one that was given up is not begun again: the next try comes with the next change.
                if !matches!(self.make(stop).await, Ok(true)) {
                    self.until_change(now).await;
                }
            }
        }
    }

    async fn until_change(&self, generation: u64) {
        while self.inner.store.generation() == generation {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn give_up(&self) {
        self.inner.stop.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }

    /// False when it was given up.
    async fn make(&self, stop: &CancellationToken) -> Result<bool, Problem> {
        let Some((_, own)) = self.inner.place.clone() else { return Ok(true) };
        let _one_at_a_time = self.inner.making.lock().await;
        let stop = stop.child_token();
        self.inner.stop.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&stop);
        self.change(|view| (view.running, view.problem) = (Some((0, 0)), None));
        let made = self.written(&own, &stop).await;
        self.change(|view| {
            view.running = None;
            match &made {
                Ok(Some(note)) => view.last = Some(note.clone()),
                Ok(None) => {}
                Err(problem) => {
                    tracing::warn!(detail = problem.detail, "no backup could be made");
                    view.problem = Some(problem.clone());
                }
            }
        });
        made.map(|note| note.is_some())
    }

    /// None when it was stopped: the note of the one before stays.
    async fn written(&self, own: &Path, stop: &CancellationToken) -> Result<Option<BackupNote>, Problem> {
        // The ledger first: every original that it names is kept already, and is copied now.
        let BackedUp { generation, .. } = self.inner.store.back_up(own).await?;
        let (data, to, stop) = (self.inner.data.clone(), own.to_path_buf(), stop.clone());
        let told = self.inner.view.clone();
        let originals = blocking(move || {
            let told = &mut |done: u64, total: u64| {
                if done.is_multiple_of(64) {
                    told.send_modify(|view| view.running = Some((done, total)));
                }
                !stop.is_cancelled()
            };
            Ok(back_up_originals(&data, &to, told)?)
        })
        .await?;
        if !originals.whole {
            return Ok(None);
        }
        let view = self.inner.store.view(piaoxia_domain::InvoiceFilter::default(), piaoxia_store::Sort::default()).await?;
        let note = BackupNote {
            at: Timestamp::now(),
            invoices: view.totals.invoices,
            generation,
            damaged: originals.damaged,
            of: self.inner.data.clone(),
        };
        let (path, written) = (own.join(NOTE), note.clone());
        blocking(move || {
            let text = serde_json::to_vec(&written).map_err(|error| Problem::new(What::Internal, error.to_string()))?;
            Ok(durable_write(&path, &text)?)
        })
        .await?;
        Ok(Some(note))
    }

    fn change(&self, change: impl FnOnce(&mut BackupView)) {
        self.inner.view.send_modify(change);
    }
}

/// Puts a backup into a data folder in which nobody works. `told` hears of originals looked at and how many there are, and says
/// whether to go on. Blocks. Returns how many originals the backup lacks: damaged in it, or left out of it because they were damaged
/// before; none when it was stopped.
///
/// # Errors
/// Why the backup cannot be read, or the folder not be written; nothing of the ledger there is changed then.
pub fn restore(from: &Path, data: &Path, told: &mut dyn FnMut(u64, u64) -> bool) -> Result<Option<u64>, Problem> {
    let left_out = note(from).map_or(0, |note| note.damaged);
    let restored = restore_backup(from, data, told)?;
    Ok(restored.whole.then_some(restored.damaged + left_out))
}

/// Newest first.
fn found(all: &Path) -> Vec<FoundBackup> {
    let folders = std::fs::read_dir(all).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<FoundBackup> = folders.filter_map(|folder| Some(FoundBackup { note: note(&folder)?, folder })).collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.note.at));
    found
}

fn note(folder: &Path) -> Option<BackupNote> {
    serde_json::from_slice(&std::fs::read(folder.join(NOTE)).ok()?).ok()
}

fn look(all: &Path, own: &Path) -> BackupView {
    let others = found(all).into_iter().filter(|found| found.folder != own).collect();
    BackupView { folder: Some(own.to_path_buf()), on: own.join(NOTE).exists(), last: note(own), others, ..BackupView::default() }
}

/// The note goes first: without it nothing counts as wanted here.
fn turn_off(own: &Path, remove: bool) -> Result<(), Problem> {
    let explain = |error| Problem::from(piaoxia_files::FilesError::from_io(own, error));
    if !own.exists() {
        return Ok(());
    }
    std::fs::remove_file(own.join(NOTE)).map_err(explain)?;
    if remove { std::fs::remove_dir_all(own).map_err(explain) } else { Ok(()) }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(panic_problem()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use piaoxia_store::OpenOptions;

    use super::*;

    /// More originals than are copied in the time in which one is given up.
    const ORIGINALS: usize = 3_000;

    #[tokio::test]
    async fn a_backup_that_is_given_up_does_not_count_and_the_next_goes_on_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let (data, here) = (folder.path().join("Data"), folder.path().join("here"));
        let store = Store::open(&data, OpenOptions::default()).unwrap().store;
        for number in 0..ORIGINALS {
            original(&data, &number.to_string());
        }
        let backups = Backups::new(&store, &data, Some(&here), "id");
        let mut changes = backups.changes();
        let (making, stop) = (backups.clone(), CancellationToken::new());
        let made = tokio::spawn(async move { making.serve(BackupWish::TurnOn, &stop).await });
        changes.wait_for(|view| view.running.is_some_and(|(done, _)| done > 0)).await.unwrap();
        backups.serve(BackupWish::Stop, &CancellationToken::new()).await.unwrap();
        made.await.unwrap().unwrap();
        let view = changes.borrow_and_update().clone();
        assert!(view.on && view.running.is_none() && view.last.is_none() && view.problem.is_none(), "{view:?}");
        let copied = walk(&here);
        assert!((1..ORIGINALS).contains(&copied), "{copied}");
        backups.serve(BackupWish::Now, &CancellationToken::new()).await.unwrap();
        assert!(changes.borrow_and_update().last.is_some());
        assert_eq!(walk(&here), ORIGINALS);
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_restore_counts_what_is_damaged_in_the_backup_and_what_it_has_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let (data, here, new) = (folder.path().join("Data"), folder.path().join("here"), folder.path().join("New"));
        let store = Store::open(&data, OpenOptions::default()).unwrap().store;
        original(&data, "1");
        original(&data, "2");
        std::fs::write(original(&data, "3"), "rotten").unwrap();
        let backups = Backups::new(&store, &data, Some(&here), "id");
        backups.serve(BackupWish::TurnOn, &CancellationToken::new()).await.unwrap();
        store.close().await.unwrap();
        let own = here.join(FOLDER).join("id");
        assert_eq!(restore(&own, &new, &mut |_, _| false).unwrap(), None);
        assert_eq!(restore(&own, &new, &mut |_, _| true).unwrap(), Some(1));
        let [rotten, lost] = [original(&own, "2"), original(&new, "2")];
        std::fs::write(rotten, "rotten").unwrap();
        std::fs::remove_file(lost).unwrap();
        assert_eq!(restore(&own, &new, &mut |_, _| true).unwrap(), Some(2));
    }

    /// Puts an original where a store keeps it, and says where that is.
    fn original(data: &Path, text: &str) -> PathBuf {
        let digest = piaoxia_store::Digest::of(text.as_bytes()).to_string();
        let folder = data.join("originals").join(digest.get(..2).unwrap());
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(&digest);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Originals in a backup.
    fn walk(here: &Path) -> usize {
        let folders = std::fs::read_dir(here.join(FOLDER).join("id/originals")).unwrap().flatten();
        folders.map(|folder| std::fs::read_dir(folder.path()).unwrap().count()).sum()
    }
}
