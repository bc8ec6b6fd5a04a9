//! Opening: trust nothing, compare everything, rebuild what does not fit.
//!
//! sled opens a file that lost its end, or all of it, without a word. So the state that it holds is compared with the
//! manifest and the journal, and all its records are counted; what does not fit is put aside and built anew.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{InvoiceKey, InvoiceLine};
use piaoxia_files::{FilesError, create_folder, durable_write, free_space, is_writable, remove_leftovers};
use serde::Deserialize;

use crate::backup::finish_restoring;
use crate::changes::{from_json, join};
use crate::core::{Core, Mode, Shared, Writer, store};
use crate::count::{count, cuts};
use crate::engine::{Engine, MemoryEngine, SledEngine};
use crate::error::{Result, StoreError, damaged};
use crate::journal::Journal;
use crate::keep::{Folders, Keeper, Sizes};
use crate::ledger::claims::Claim;
use crate::ledger::index::Index;
use crate::ledger::{StoredInvoice, lines_key};
use crate::manifest::Manifest;
use crate::past::Past;
use crate::probe::{Probe, Step};
use crate::quarantine::put_aside;
use crate::record::{STATE_KEY, Space, whole_key};
use crate::rows;
use crate::state::State;

const DB: &str = "db";
const BALLAST: &str = "ballast.bin";
/// Given back to a full disk, so that the program can open and speak.
const BALLAST_BYTES: usize = 4 << 20;
/// The ballast is put down only where it is not in the way.
const ROOMY_BYTES: u64 = 64 << 20;

/// How to open.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// Reads the newest snapshot and journal and writes nothing at all.
    pub read_only: bool,
}

/// Options and what tests put in their place.
#[derive(Clone)]
pub(crate) struct Setup {
    pub read_only: bool,
    pub probe: Probe,
    pub sizes: Sizes,
    pub engine: fn(&Path) -> Result<Box<dyn Engine>>,
}

impl From<OpenOptions> for Setup {
    fn from(options: OpenOptions) -> Self {
        Self {
            read_only: options.read_only,
            probe: Probe::default(),
            sizes: Sizes::default(),
            engine: |dir| Ok(Box::new(SledEngine::open(dir)?)),
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenReport {
    /// A new store.
    Fresh,
    /// All as it was left.
    Clean {
        /// Invoices in the ledger.
        invoices: u64,
    },
    /// The database was built anew from snapshot and journal (已从备份恢复).
    Rebuilt {
        /// Invoices in the ledger.
        invoices: u64,
        /// Why.
        reason: RebuildReason,
        /// Commits of which nothing readable is left; 0 when nothing is missing.
        lost_commits: u64,
    },
    /// Nothing can be written (只读).
    ReadOnly {
        /// Invoices in the ledger.
        invoices: u64,
        /// Why.
        reason: ReadOnlyReason,
        /// Commits of which nothing readable is left; 0 when nothing is missing.
        lost_commits: u64,
    },
}

/// Why a database was built anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebuildReason {
    /// It was not there.
    Missing,
    /// It could not be opened or read.
    Damaged,
    /// It opened, but is older than what was acknowledged, or empty.
    Behind,
    /// It opened, but holds other records than it should.
    Disagrees,
}

/// Why nothing can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnlyReason {
    /// Asked for by the caller.
    Asked,
    /// The medium is write-protected.
    Medium,
    /// The disk is full. Writing works again once there is room.
    DiskFull,
}

/// Opens the store in this folder, whose lock the caller holds.
pub(crate) fn open(dir: &Path, setup: Setup, shared: &Arc<Shared>) -> Result<(Core, OpenReport)> {
    let opening = Opening { dir, setup, shared };
    if opening.setup.read_only {
        return opening.to_read(ReadOnlyReason::Asked);
    }
    match opening.to_use() {
        Err(error) if error.is_disk_full() => opening.free_ballast(),
        result => return result,
    }
    match opening.to_use() {
        Err(error) if error.is_disk_full() => opening.to_read(ReadOnlyReason::DiskFull),
        result => result,
    }
}

struct Opening<'a> {
    dir: &'a Path,
    setup: Setup,
    shared: &'a Arc<Shared>,
}

/// An engine whose records are counted, and the rows found in it.
struct Opened {
    engine: Box<dyn Engine>,
    state: State,
    index: Index,
    /// Rows that the file of the rows does not hold as they are.
    stale: usize,
    report: OpenReport,
}

impl Opening<'_> {
    /// For writing where that is possible, else for reading.
    fn to_use(&self) -> Result<(Core, OpenReport)> {
        match self.prepare() {
            Err(StoreError::Files(FilesError::ReadOnly { .. } | FilesError::Denied { .. })) if self.dir.is_dir() => {
                self.to_read(ReadOnlyReason::Medium)
            }
            Err(other) => Err(other),
            Ok(folders) => self.to_write(folders),
        }
    }

    fn prepare(&self) -> Result<Folders> {
        finish_restoring(self.dir)?;
        let folders = Folders::of(self.dir);
        for folder in [self.dir, &folders.journal, &folders.snapshots] {
            create_folder(folder)?;
        }
        if !is_writable(self.dir)? {
            return Err(FilesError::ReadOnly { path: self.dir.to_path_buf() }.into());
        }
        for folder in [self.dir, &folders.snapshots] {
            remove_leftovers(folder)?;
        }
        Ok(folders)
    }

    fn to_write(&self, folders: Folders) -> Result<(Core, OpenReport)> {
        let past = Past::read(self.dir)?;
        let mut opened = match self.checked(&past)? {
            Ok(opened) => opened,
            Err(reason) => self.rebuilt(&past, reason)?,
        };
        let mut writer = Writer {
            journal: Journal::resume(&folders.journal, past.open_file(), self.setup.probe.clone(), self.setup.sizes.rotate)?,
            manifest: Manifest::open(self.dir, self.setup.probe.clone())?,
            keeper: Keeper::new(folders, self.setup.probe.clone(), self.setup.sizes)?,
        };
        // Where the journal does not lead to this state, only a snapshot can keep it.
        if !past.leads_to(&opened.state) {
            writer.keeper.keep(&opened.state, opened.engine.as_mut(), &mut writer.journal)?;
        }
        writer.manifest.write(&opened.state)?;
        self.put_ballast();
        let (mut core, mut report) = self.core(opened, Mode::Writable(Box::new(writer)));
        core.adopt_papers()?;
        if let OpenReport::Clean { invoices } | OpenReport::Rebuilt { invoices, .. } = &mut report {
            *invoices = core.shared.index().invoices() as u64;
        }
        Ok((core, report))
    }

    fn core(&self, opened: Opened, mode: Mode) -> (Core, OpenReport) {
        let Opened { engine, state, index, stale, report } = opened;
        self.shared.change(state.seq, |shown| shown.replace_by(index));
        let core = Core {
            dir: self.dir.to_path_buf(),
            setup: self.setup.clone(),
            shared: Arc::clone(self.shared),
            engine: Some(engine),
            mode,
            state,
            stale,
            broken: false,
            revivals: 0,
        };
        (core, report)
    }

    /// Opens the database as it is; the inner error says why it cannot be used.
    fn checked(&self, past: &Past) -> Result<std::result::Result<Opened, RebuildReason>> {
        let there = self.dir.join(DB).exists();
        if !there && !past.is_empty() {
            return Ok(Err(RebuildReason::Missing));
        }
        let attempt = catch_unwind(AssertUnwindSafe(|| self.check(past)));
        match attempt.unwrap_or_else(|_| Err(damaged("the engine panicked"))) {
            Err(StoreError::Damaged { what }) => {
                tracing::error!(what, "the database is damaged");
                Ok(Err(RebuildReason::Damaged))
            }
            other => other,
        }
    }

    fn check(&self, past: &Past) -> Result<std::result::Result<Opened, RebuildReason>> {
        // Both take their time, of a large ledger.
        let (engine, rows) = thread::scope(|scope| {
            let reading = scope.spawn(|| rows::read(self.dir));
            (self.engine(), reading.join().unwrap_or_default())
        });
        let mut engine = engine?;
        let found = engine.get(STATE_KEY)?.map_or(Some(State::default()), |state| State::decode(&state));
        let found = found.ok_or_else(|| damaged("the state of the database"))?;
        if found.seq < past.acknowledged() {
            return Ok(Err(RebuildReason::Behind));
        }
        let mut state = found;
        // Commits that were journalled when the program was stopped.
        let followed = past.follow(&found, &mut |frame| {
            state = frame.state;
            store(engine.as_mut(), &frame.changes()?, &frame.state, self.dir, &self.setup.probe)
        })?;
        let forked = past.last_commit().is_some_and(|last| last.seq == state.seq && last != state);
        if followed.is_none() || forked {
            return Ok(Err(RebuildReason::Disagrees));
        }
        let known = rows.map_or(Ok(None), |rows| up_to_date(rows, past, &state, engine.as_ref()))?;
        let (counted, index, stale) = counted_rows(known, engine.as_ref())?;
        if !counted.is_some_and(|counted| counted.counts_like(&state)) {
            return Ok(Err(RebuildReason::Disagrees));
        }
        let report = match (past.is_empty(), state.seq) {
            (true, 0) => OpenReport::Fresh,
            _ => OpenReport::Clean { invoices: index.invoices() as u64 },
        };
        Ok(Ok(Opened { engine, state, index, stale, report }))
    }

    /// Puts the database aside and builds a new one.
    fn rebuilt(&self, past: &Past, reason: RebuildReason) -> Result<Opened> {
        let explain = |error| FilesError::from_io(self.dir, error);
        self.setup.probe.pass(Step::Quarantine).map_err(explain)?;
        put_aside(self.dir, DB)?;
        let built = self.build(past, reason);
        if built.is_err() {
            // Half a database is of no use, and the disk may be full.
            drop(fs::remove_dir_all(self.dir.join(DB)));
        }
        built
    }

    fn build(&self, past: &Past, reason: RebuildReason) -> Result<Opened> {
        let mut engine = self.engine()?;
        let (state, index, lost_commits) = restored(past, engine.as_mut())?;
        store(engine.as_mut(), &[], &state, self.dir, &self.setup.probe)?;
        let report = OpenReport::Rebuilt { invoices: index.invoices() as u64, reason, lost_commits };
        let stale = index.len();
        Ok(Opened { engine, state, index, stale, report })
    }

    fn engine(&self) -> Result<Box<dyn Engine>> {
        self.setup.probe.pass(Step::EngineOpen).map_err(|error| FilesError::from_io(self.dir, error))?;
        (self.setup.engine)(&self.dir.join(DB))
    }

    /// Reads snapshot and journal into memory.
    fn to_read(&self, reason: ReadOnlyReason) -> Result<(Core, OpenReport)> {
        if !self.dir.is_dir() {
            return Err(FilesError::Missing { path: self.dir.to_path_buf() }.into());
        }
        let past = Past::read(self.dir)?;
        let mut engine: Box<dyn Engine> = Box::new(MemoryEngine::default());
        let (state, index, lost_commits) = restored(&past, engine.as_mut())?;
        let report = OpenReport::ReadOnly { invoices: index.invoices() as u64, reason, lost_commits };
        Ok(self.core(Opened { engine, state, index, stale: 0, report }, Mode::ReadOnly(reason)))
    }

    fn free_ballast(&self) {
        match fs::remove_file(self.dir.join(BALLAST)) {
            Ok(()) => tracing::warn!("the disk is full, the ballast was given back"),
            Err(error) => tracing::warn!(%error, "the disk is full and there is no ballast to give back"),
        }
    }

    fn put_ballast(&self) {
        let path = self.dir.join(BALLAST);
        let roomy = free_space(self.dir).is_ok_and(|free| free >= ROOMY_BYTES);
        if roomy && !path.exists() {
            // Not zeros: a file system that compresses would keep none of them.
            let filling: Vec<u8> = (0..BALLAST_BYTES as u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            if let Err(error) = durable_write(&path, &filling) {
                tracing::warn!(%error, "no ballast could be put down");
            }
        }
    }
}

/// Everything from snapshot and journal, counted: the state, the rows, and how many commits are missing.
fn restored(past: &Past, engine: &mut dyn Engine) -> Result<(State, Index, u64)> {
    let restored = past.restore(engine)?;
    let (counted, index) = read_all(engine, &mut |what| tracing::error!(what, "a record cannot be read"))?;
    // A damaged commit costs nothing when what it did is known from a snapshot or later commits.
    let missing = if counted.counts_like(&restored.state) { 0 } else { restored.gaps.max(1) };
    let state = State { records: counted.records, sum: counted.sum, ..restored.state };
    Ok((state, index, missing + restored.behind))
}

#[derive(Deserialize)]
struct OriginalFormat {
    format: Format,
}

/// The rows of an earlier time, with what was committed since, and how many that were; none when they do not lead here.
fn up_to_date((from, mut index): (State, Index), past: &Past, state: &State, engine: &dyn Engine) -> Result<Option<(Index, usize)>> {
    let mut touched = BTreeSet::new();
    let reached = past.follow(&from, &mut |frame| {
        let changes = frame.changes()?;
        touched.extend(changes.iter().map(|(key, _)| whole_key(key)).filter(|key| shows(key)).map(<[u8]>::to_vec));
        Ok(())
    })?;
    if reached != Some(*state) {
        return Ok(None);
    }
    // Invoices before originals, by the order of the keys.
    for key in &touched {
        let is_shown = match engine.get(key)? {
            Some(record) => show(&mut index, engine, key, &record).is_ok(),
            None => hide(&mut index, key),
        };
        if !is_shown {
            return Ok(None);
        }
    }
    Ok(Some((index, touched.len())))
}

/// Takes the row of an invoice away that became one with another. Of its originals nothing is shown then, either; false for an original
/// that is gone from an invoice that is there.
fn hide(index: &mut Index, key: &[u8]) -> bool {
    let Some(invoice) = invoice_of(key) else { return false };
    if key.first() == Some(&(Space::Invoices as u8)) {
        index.remove(&invoice);
    }
    !index.has(&invoice)
}

/// Counts all records, none when some are in pieces, and makes the rows of all invoices unless they are known; how many rows their file does
/// not hold as they are.
fn counted_rows(known: Option<(Index, usize)>, engine: &dyn Engine) -> Result<(Option<State>, Index, usize)> {
    if let Some((mut index, stale)) = known {
        let claims = mark_claims(&mut index, engine)?;
        let counted = count(engine, &cuts(&index))?;
        return Ok((counted.filter(|_| claims), index, stale));
    }
    let mut whole = true;
    let (counted, index) = read_all(engine, &mut |_| whole = false)?;
    let stale = index.len();
    Ok((Some(counted).filter(|_| whole), index, stale))
}

/// Marks the claims, which the file of the rows does not hold: there are few of them. False when one is in pieces.
fn mark_claims(index: &mut Index, engine: &dyn Engine) -> Result<bool> {
    match engine.scan(&[Space::Claims as u8], &mut |key, record| show(index, engine, key, record)) {
        Err(StoreError::Damaged { .. }) => Ok(false),
        marked => marked.map(|()| true),
    }
}

/// Counts all records, and makes the rows of all invoices. `unreadable` is told of records that are there but in pieces.
fn read_all(engine: &dyn Engine, unreadable: &mut dyn FnMut(String)) -> Result<(State, Index)> {
    let (mut counted, mut index) = (State::default(), Index::default());
    engine.scan(&[], &mut |key, record| {
        if key == STATE_KEY {
            return Ok(());
        }
        counted.count(key, record);
        match show(&mut index, engine, key, record) {
            Err(StoreError::Damaged { what }) => {
                unreadable(what);
                Ok(())
            }
            result => result,
        }
    })?;
    Ok((counted, index))
}

/// True for a record that a row is made of.
fn shows(key: &[u8]) -> bool {
    key.first().is_some_and(|space| *space == Space::Invoices as u8 || *space == Space::Originals as u8)
}

/// The lines of an invoice that lie in a record of their own; none where that cannot be read, which reading the invoice tells.
fn lines_of(engine: &dyn Engine, stored: &StoredInvoice) -> Result<Vec<InvoiceLine>> {
    let key = lines_key(&stored.invoice.key);
    let Some(record) = engine.get(&key)? else { return Ok(Vec::new()) };
    let lines = join(&key, &record, |part| engine.get(part)).and_then(|lines| from_json(&key, &lines));
    Ok(lines.unwrap_or_default())
}

/// Makes the row of an invoice, or marks the original or claim of one: those come after all invoices in the order of the keys.
fn show(index: &mut Index, engine: &dyn Engine, key: &[u8], record: &[u8]) -> Result<()> {
    let value = || join(key, record, |part| engine.get(part));
    match key.first() {
        Some(space) if *space == Space::Invoices as u8 => {
            let mut stored: StoredInvoice = from_json(key, &value()?)?;
            if stored.line_count > 0 {
                stored.invoice.lines = lines_of(engine, &stored)?;
            }
            index.put(&stored.invoice, stored.by_bureau);
        }
        Some(space) if *space == Space::Originals as u8 => {
            let original: OriginalFormat = from_json(key, &value()?)?;
            if let Some(invoice) = invoice_of(key) {
                index.mark_original(&invoice, original.format);
            }
        }
        Some(space) if *space == Space::Claims as u8 => {
            let claim: Claim = from_json(key, &value()?)?;
            if let Some(invoice) = invoice_of(key).filter(|_| claim.counts()) {
                index.count_claim(&invoice, 1);
            }
        }
        _ => {}
    }
    Ok(())
}

/// The invoice that a record belongs to, by the first piece of its key.
fn invoice_of(key: &[u8]) -> Option<InvoiceKey> {
    let piece = key.get(1..)?.split(|byte| *byte == 0).next()?;
    std::str::from_utf8(piece).ok()?.parse().ok()
}
