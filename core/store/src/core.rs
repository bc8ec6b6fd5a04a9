//! What the store's thread owns: the engine, the journal and the manifest, and the one way to change them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use piaoxia_files::{FilesError, free_space};

use crate::changes::{Changed, Records, join};
use crate::engine::{BATCH, Change, Engine};
use crate::error::{Result, StoreError, damaged};
use crate::journal::{self, Journal};
use crate::keep::Keeper;
use crate::ledger::index::Index;
use crate::manifest::{self, Manifest};
use crate::open::{self, OpenReport, ReadOnlyReason, Setup};
use crate::probe::{Probe, Step};
use crate::record::STATE_KEY;
use crate::rows;
use crate::state::{State, chained};

/// A database that is damaged again and again is on a failing disk: then errors are told instead of hidden by rebuilding.
const REVIVALS: u32 = 3;
/// Free space from which on a store that met a full disk is written to again.
const ENOUGH_BYTES: u64 = 16 << 20;
/// The file of the rows is not written anew for fewer than one row in so many: it may be large, and the medium a stick.
const STALE_SHARE: usize = 16;

/// What the store's thread and the askers of views share.
#[derive(Default)]
pub(crate) struct Shared {
    index: RwLock<Index>,
    generation: AtomicU64,
}

impl Shared {
    // A panic in a writer leaves at worst a row half shown; the engine has it whole.
    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub(crate) fn change(&self, generation: u64, work: impl FnOnce(&mut Index)) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        work(&mut index);
        index.generation = generation;
        self.generation.store(generation, Ordering::Release);
    }
}

/// The writing ends; a store that is only read has none.
pub(crate) struct Writer {
    pub journal: Journal,
    pub manifest: Manifest,
    pub keeper: Keeper,
}

/// How the store can be used now.
pub(crate) enum Mode {
    Writable(Box<Writer>),
    ReadOnly(ReadOnlyReason),
}

/// The engine with everything that makes it trustworthy.
pub(crate) struct Core {
    pub dir: PathBuf,
    pub setup: Setup,
    pub shared: Arc<Shared>,
    /// None only while it is opened anew.
    pub engine: Option<Box<dyn Engine>>,
    pub mode: Mode,
    pub state: State,
    /// Rows that the file of the rows does not hold as they are.
    pub stale: usize,
    /// Something failed in a way that only opening anew can mend.
    pub broken: bool,
    /// How often damage was mended while open.
    pub revivals: u32,
}

impl Core {
    /// Opens the store; see [`crate::open`].
    pub(crate) fn open(dir: &Path, setup: Setup, shared: &Arc<Shared>) -> Result<(Self, OpenReport)> {
        open::open(dir, setup, shared)
    }

    pub(crate) fn engine(&self) -> Result<&dyn Engine> {
        self.engine.as_deref().ok_or(StoreError::Closed)
    }

    /// The number that the next commit gets.
    pub(crate) fn next_seq(&self) -> u64 {
        self.state.seq + 1
    }

    /// Does a piece of work that reads, again if the engine turns out damaged and can be rebuilt.
    pub(crate) fn reading<T>(&mut self, work: impl Fn(&mut Self) -> Result<T>) -> Result<T> {
        self.revive_if_broken()?;
        self.caught(&work)
    }

    /// Does a piece of work that commits.
    pub(crate) fn writing<T>(&mut self, work: impl Fn(&mut Self) -> Result<T>) -> Result<T> {
        self.revive_if_broken()?;
        self.become_writable()?;
        self.caught(&work)
    }

    fn caught<T>(&mut self, work: &dyn Fn(&mut Self) -> Result<T>) -> Result<T> {
        let first = self.attempt(work);
        match first {
            Err(StoreError::Damaged { what }) if self.revivals < REVIVALS && self.mode_is_writable() => {
                tracing::error!(what, "the database is damaged and opened anew");
                self.revivals += 1;
                self.revive()?;
                self.attempt(work)
            }
            other => other,
        }
    }

    /// Does a piece of work; a panic in it becomes an error.
    pub(crate) fn attempt<T>(&mut self, work: &dyn Fn(&mut Self) -> Result<T>) -> Result<T> {
        // sled panics on some damaged pages.
        catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|_| Err(damaged("the engine panicked")))
    }

    /// Makes records durable: journal, then engine, then manifest. Once it returns, they survive anything.
    ///
    /// After an error either all of them or none are there when the store is next opened, which the next request does.
    pub(crate) fn commit(&mut self, records: &Records) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        self.check_alone()?;
        let payload = journal::payload(records)?;
        let next = self.state_after(records, &payload);
        let frame = journal::encode(&self.state.chain, &next, &payload)?;
        let Self { engine: Some(engine), mode: Mode::Writable(writer), .. } = self else {
            return Err(StoreError::ReadOnly { dir: self.dir.clone() });
        };
        if let Err(error) = writer.journal.append(next.seq, &frame) {
            // A full disk takes the frame back; anything else, such as a pulled stick, needs fresh handles.
            self.broken = !error.is_disk_full();
            return Err(error);
        }
        let changes: Vec<Change<'_>> = records.iter().map(|(key, changed)| (key.as_slice(), changed.new.as_deref())).collect();
        let stored = store(engine.as_mut(), &changes, &next, &self.dir, &self.setup.probe);
        if let Err(error) = stored.and_then(|()| writer.manifest.write(&next)) {
            self.broken = true;
            return Err(error);
        }
        writer.keeper.grew(frame.len());
        self.state = next;
        Ok(())
    }

    /// A commit on top of a state that is no longer the last one would fork the journal. The lock of the folder keeps others
    /// out, but not on every share, and not while a stick was in another PC. The folder is then read anew.
    fn check_alone(&mut self) -> Result<()> {
        if !self.mode_is_writable() {
            return Ok(());
        }
        match manifest::is_as_left(&self.dir, &self.state) {
            Ok(true) => Ok(()),
            Ok(false) => Err(damaged("another program wrote to the folder")),
            Err(error) => {
                self.broken = true;
                Err(error)
            }
        }
    }

    /// Shows the last commit, which changed so many rows, to the askers of views.
    pub(crate) fn publish(&mut self, rows: usize, work: impl FnOnce(&mut Index)) {
        self.stale += rows;
        self.shared.change(self.state.seq, work);
    }

    /// Work that nobody waits for: a snapshot when one is due.
    pub(crate) fn tidy(&mut self) {
        if self.broken {
            return;
        }
        let Self { engine: Some(engine), mode: Mode::Writable(writer), state, .. } = self else { return };
        let Writer { journal, keeper, .. } = &mut **writer;
        let kept = catch_unwind(AssertUnwindSafe(|| keeper.keep_if_due(state, engine.as_ref(), journal)));
        match kept {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => self.keep_rows(),
            Ok(Err(error)) => tracing::warn!(%error, "no snapshot could be made"),
            Err(_) => self.broken = true,
        }
    }

    /// Writes the rows into their file, so that the next start need not read every invoice. Nothing depends on it.
    fn keep_rows(&mut self) {
        let passed = self.setup.probe.pass(Step::RowsWrite).map_err(|error| FilesError::from_io(&self.dir, error).into());
        match passed.and_then(|()| rows::write(&self.dir, &self.state, &self.shared.index())) {
            Ok(()) => self.stale = 0,
            Err(error) => tracing::warn!(%error, "the rows could not be kept; the next start takes longer"),
        }
    }

    /// Flushes what is left to flush; nothing that was acknowledged is.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let many = self.stale >= self.setup.sizes.stale_rows.max(self.shared.index().len() / STALE_SHARE);
        if many && self.mode_is_writable() && !self.broken {
            self.keep_rows();
        }
        match (&mut self.engine, &self.mode) {
            (Some(engine), Mode::Writable(_)) if !self.broken => engine.flush(),
            _ => Ok(()),
        }
    }

    /// All values of a space or of one thing within it, their parts joined, in the order of their keys.
    pub(crate) fn values(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let engine = self.engine()?;
        let mut values = Vec::new();
        engine.scan(prefix, &mut |key, record| {
            values.push((key.to_vec(), join(key, record, |part| engine.get(part))?));
            Ok(())
        })?;
        Ok(values)
    }

    fn mode_is_writable(&self) -> bool {
        matches!(self.mode, Mode::Writable(_))
    }

    fn state_after(&self, records: &Records, payload: &[u8]) -> State {
        let seq = self.next_seq();
        let mut next = State { seq, chain: chained(&self.state.chain, seq, payload), ..self.state };
        for (key, Changed { old, new }) in records {
            if let Some(old) = old {
                next.discount(key, old);
            }
            if let Some(new) = new {
                next.count(key, new);
            }
        }
        next
    }

    fn revive_if_broken(&mut self) -> Result<()> {
        if self.broken { self.revive() } else { Ok(()) }
    }

    /// Closes everything and opens it anew.
    fn revive(&mut self) -> Result<()> {
        // Until it succeeds every request tries again: the stick may be put back.
        self.broken = true;
        let dropped = catch_unwind(AssertUnwindSafe(|| self.engine = None));
        if dropped.is_err() {
            tracing::error!("the engine panicked while closing");
        }
        self.mode = Mode::ReadOnly(ReadOnlyReason::Asked);
        // The folder of a stick that was pulled is not made anew on the disk below its mount point.
        if !manifest::is_there(&self.dir) {
            return Err(FilesError::Missing { path: self.dir.clone() }.into());
        }
        let (fresh, report) = Self::open(&self.dir, self.setup.clone(), &self.shared)?;
        tracing::warn!(?report, "the store was opened anew");
        *self = Self { revivals: self.revivals, ..fresh };
        Ok(())
    }

    /// A store that met a full disk is opened anew for writing once there is room.
    fn become_writable(&mut self) -> Result<()> {
        match self.mode {
            Mode::Writable(_) => return Ok(()),
            Mode::ReadOnly(ReadOnlyReason::DiskFull) if free_space(&self.dir)? >= ENOUGH_BYTES => self.revive()?,
            Mode::ReadOnly(_) => {}
        }
        match self.mode {
            Mode::Writable(_) => Ok(()),
            Mode::ReadOnly(ReadOnlyReason::DiskFull) => {
                Err(FilesError::DiskFull { path: self.dir.clone(), needed: Some(ENOUGH_BYTES) }.into())
            }
            Mode::ReadOnly(_) => Err(StoreError::ReadOnly { dir: self.dir.clone() }),
        }
    }
}

/// Brings changes and the state they lead to into the engine, durably.
pub(crate) fn store(engine: &mut dyn Engine, changes: &[Change<'_>], state: &State, dir: &Path, probe: &Probe) -> Result<()> {
    let pass = |step| probe.pass(step).map_err(|error| FilesError::from_io(dir, error));
    for batch in changes.chunks(BATCH) {
        pass(Step::EngineApply)?;
        engine.apply(batch)?;
    }
    // The state comes last: an engine that was stopped in between is behind and gets the commit again.
    pass(Step::EngineApply)?;
    engine.apply(&[(STATE_KEY, Some(&state.encode()))])?;
    pass(Step::EngineFlush)?;
    engine.flush()
}
