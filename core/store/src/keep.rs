//! Keeping snapshots: when one is due, and which files are no longer needed then.

use std::fs;
use std::path::{Path, PathBuf};

use piaoxia_files::{FilesError, sync_folder};

use crate::draft::HELD;
use crate::engine::Engine;
use crate::error::Result;
use crate::journal::{self, Journal};
use crate::probe::{Probe, Step};
use crate::snapshot;
use crate::state::State;

/// Snapshots that are kept; the journal reaches back to the oldest of them.
const SNAPSHOTS: usize = 3;

/// When files are ended and begun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// A journal file is ended beyond this.
    pub rotate: u64,
    /// A snapshot is due when the journal has grown by this, or by the size of the last snapshot if that is more: so all
    /// snapshots together cost no more writing than the journal itself.
    pub due: u64,
    /// The file of the rows is written anew at the end when so many rows have changed: the next start takes fewer from the
    /// journal in no time.
    pub stale_rows: usize,
    /// Bytes that are held of an original on its way in.
    pub held: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { rotate: 4 << 20, due: 16 << 20, stale_rows: 500, held: HELD }
    }
}

/// Folders and counters.
pub(crate) struct Keeper {
    folders: Folders,
    probe: Probe,
    sizes: Sizes,
    /// Bytes of journal since the last snapshot.
    grown: u64,
    due: u64,
}

/// Where journal and snapshots lie.
#[derive(Clone)]
pub(crate) struct Folders {
    pub journal: PathBuf,
    pub snapshots: PathBuf,
}

impl Folders {
    pub(crate) fn of(dir: &Path) -> Self {
        Self { journal: dir.join("journal"), snapshots: dir.join("snap") }
    }
}

impl Keeper {
    /// Counts what has grown since the last snapshot.
    pub(crate) fn new(folders: Folders, probe: Probe, sizes: Sizes) -> Result<Self> {
        let last = snapshot::files(&folders.snapshots)?.pop();
        let size = last.as_ref().and_then(|(_, path)| fs::metadata(path).ok()).map_or(0, |metadata| metadata.len());
        let covered = last.map_or(0, |(seq, _)| seq);
        let since: Vec<_> = journal::files(&folders.journal)?.into_iter().filter(|(first, _)| *first > covered).collect();
        Ok(Self { folders, probe, sizes, grown: journal::size(&since), due: size.max(sizes.due) })
    }

    /// Counts a commit.
    pub(crate) fn grew(&mut self, bytes: usize) {
        self.grown += bytes as u64;
    }

    /// Makes a snapshot if one is due; true when it was.
    pub(crate) fn keep_if_due(&mut self, state: &State, engine: &dyn Engine, journal: &mut Journal) -> Result<bool> {
        if self.grown < self.due { Ok(false) } else { self.keep(state, engine, journal).map(|()| true) }
    }

    /// Makes a snapshot and removes what it makes superfluous.
    pub(crate) fn keep(&mut self, state: &State, engine: &dyn Engine, journal: &mut Journal) -> Result<()> {
        // Set back first, so that a snapshot that fails is not tried again with every commit.
        self.grown = 0;
        let size = snapshot::write(&self.folders.snapshots, state, engine, &self.probe)?;
        self.due = size.max(self.sizes.due);
        journal.rotate();
        self.prune()
    }

    fn prune(&self) -> Result<()> {
        let mut snapshots = snapshot::files(&self.folders.snapshots)?;
        let superfluous = snapshots.len().saturating_sub(SNAPSHOTS);
        for (_, path) in snapshots.drain(..superfluous) {
            self.remove(&path)?;
        }
        let Some((oldest, _)) = snapshots.first().filter(|_| snapshots.len() == SNAPSHOTS) else { return Ok(()) };
        let files = journal::files(&self.folders.journal)?;
        for ((_, path), (next, _)) in files.iter().zip(files.iter().skip(1)) {
            if *next <= oldest + 1 {
                self.remove(path)?;
            }
        }
        sync_folder(&self.folders.snapshots)?;
        Ok(sync_folder(&self.folders.journal)?)
    }

    fn remove(&self, path: &Path) -> Result<()> {
        let removed = self.probe.pass(Step::Remove).and_then(|()| fs::remove_file(path));
        Ok(removed.map_err(|error| FilesError::from_io(path, error))?)
    }
}
