//! What a data folder tells of its past, without the engine: manifest, journal, snapshots.

use std::path::{Path, PathBuf};

use crate::engine::{BATCH, Change, Engine};
use crate::error::{Result, StoreError};
use crate::journal::{self, Frame, Frames, JournalFile};
use crate::keep::Folders;
use crate::manifest;
use crate::snapshot;
use crate::state::State;

/// Flushed that often while everything is put in again: sled's memory grows with what is not flushed.
const FLUSH_EVERY: usize = 2_000;

/// The end of the journal.
struct Tail {
    state: State,
    file: PathBuf,
    /// Nothing but whole frames: commits can be appended.
    clean: bool,
}

/// What the files say.
pub(crate) struct Past {
    /// The last acknowledged commit, if the manifest can be read.
    pub manifest: Option<State>,
    tail: Option<Tail>,
    journals: Vec<JournalFile>,
    snapshots: Vec<(u64, PathBuf)>,
}

/// What came of putting everything in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Restored {
    /// As the last readable commit says it should be.
    pub state: State,
    /// Commits of which nothing readable is left in the journal. What they did may still be known from later ones.
    pub gaps: u64,
    /// Acknowledged commits after the last one that is left.
    pub behind: u64,
}

impl Past {
    pub(crate) fn read(dir: &Path) -> Result<Self> {
        let folders = Folders::of(dir);
        let journals = journal::files(&folders.journal)?;
        Ok(Self { manifest: manifest::read(dir), tail: tail(&journals)?, journals, snapshots: snapshot::files(&folders.snapshots)? })
    }

    /// True when nothing was ever committed.
    pub(crate) fn is_empty(&self) -> bool {
        self.manifest.is_none_or(|state| state.seq == 0) && self.tail.is_none() && self.snapshots.is_empty()
    }

    /// The last commit in the journal; none when there is no journal.
    pub(crate) fn last_commit(&self) -> Option<State> {
        self.tail.as_ref().map(|tail| tail.state)
    }

    /// True when journal or newest snapshot lead to this state.
    pub(crate) fn leads_to(&self, state: &State) -> bool {
        let by_journal = self.last_commit().unwrap_or_default() == *state;
        by_journal || self.snapshots.last().is_some_and(|(_, path)| snapshot::verify(path).is_ok_and(|found| found == *state))
    }

    /// The file that the next commit is appended to; none for a new one.
    pub(crate) fn open_file(&self) -> Option<&Path> {
        self.tail.as_ref().filter(|tail| tail.clean).map(|tail| tail.file.as_path())
    }

    /// Number of the last acknowledged commit, as far as anything tells.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.manifest.map_or(0, |state| state.seq)
    }

    /// Does something with every commit after `state`, as long as each follows from the one before. Returns the last state,
    /// or none when the journal does not lead on from `state`.
    pub(crate) fn follow(&self, state: &State, each: &mut dyn FnMut(&Frame<'_>) -> Result<()>) -> Result<Option<State>> {
        let mut at = *state;
        let mut follows = true;
        self.commits_after(state.seq, &mut |frame| {
            follows &= frame.previous == at.chain && frame.state.seq == at.seq + 1;
            if follows {
                each(frame)?;
                at = frame.state;
            }
            Ok(())
        })?;
        Ok(follows.then_some(at))
    }

    fn commits_after(&self, seq: u64, each: &mut dyn FnMut(&Frame<'_>) -> Result<()>) -> Result<()> {
        let mut last = seq;
        for (number, (_, path)) in self.journals.iter().enumerate() {
            let superseded = self.journals.get(number + 1).is_some_and(|(next, _)| *next <= seq + 1);
            if superseded {
                continue;
            }
            let bytes = journal::read(path)?;
            for frame in Frames::of(&bytes) {
                if frame.state.seq > last {
                    last = frame.state.seq;
                    each(&frame)?;
                }
            }
        }
        Ok(())
    }

    /// Puts everything into an empty engine: the newest whole snapshot and the journal since, or what can be saved of them.
    pub(crate) fn restore(&self, engine: &mut dyn Engine) -> Result<Restored> {
        let mut state = self.load_snapshot(engine)?;
        let mut gaps = 0;
        let base = state.seq;
        let mut unflushed = 0;
        self.commits_after(base, &mut |frame| {
            let gap = frame.state.seq - state.seq - 1;
            let forked = gap == 0 && frame.previous != state.chain && state.seq > 0;
            gaps += gap + u64::from(forked);
            for changes in frame.changes()?.chunks(BATCH) {
                engine.apply(changes)?;
                unflushed += changes.len();
            }
            state = frame.state;
            flush_at_times(engine, &mut unflushed)
        })?;
        let behind = self.acknowledged().saturating_sub(state.seq);
        state.seq += behind;
        engine.flush()?;
        Ok(Restored { state, gaps, behind })
    }

    /// Loads the newest snapshot that is whole, else what can be saved of all of them.
    fn load_snapshot(&self, engine: &mut dyn Engine) -> Result<State> {
        for (_, path) in self.snapshots.iter().rev() {
            match snapshot::verify(path) {
                Ok(state) => {
                    let mut load = Loader { engine, pending: Vec::new(), unflushed: 0 };
                    snapshot::load(path, &mut |key, value| load.put(key, value))?;
                    load.end()?;
                    return Ok(state);
                }
                Err(error @ StoreError::Damaged { .. }) => tracing::error!(%error, "a snapshot is damaged"),
                Err(other) => return Err(other),
            }
        }
        let mut oldest = None;
        for (seq, path) in &self.snapshots {
            let mut load = Loader { engine, pending: Vec::new(), unflushed: 0 };
            let header = snapshot::salvage(path, &mut |key, value| load.put(key, value))?;
            load.end()?;
            // The journal reaches back to the oldest; what it holds is newer than what a later snapshot could add.
            oldest = oldest.or(Some(header.unwrap_or(State { seq: *seq, ..State::default() })));
        }
        Ok(oldest.unwrap_or_default())
    }
}

/// Puts records in, a batch at a time.
struct Loader<'a> {
    engine: &'a mut dyn Engine,
    pending: Vec<(Vec<u8>, Vec<u8>)>,
    unflushed: usize,
}

impl Loader<'_> {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.pending.push((key.to_vec(), value.to_vec()));
        if self.pending.len() < BATCH { Ok(()) } else { self.apply() }
    }

    fn apply(&mut self) -> Result<()> {
        let changes: Vec<Change<'_>> = self.pending.iter().map(|(key, value)| (key.as_slice(), Some(value.as_slice()))).collect();
        self.engine.apply(&changes)?;
        self.unflushed += self.pending.len();
        self.pending.clear();
        flush_at_times(self.engine, &mut self.unflushed)
    }

    fn end(mut self) -> Result<()> {
        self.apply()
    }
}

fn flush_at_times(engine: &mut dyn Engine, unflushed: &mut usize) -> Result<()> {
    if *unflushed >= FLUSH_EVERY {
        engine.flush()?;
        *unflushed = 0;
    }
    Ok(())
}

/// The last whole frame of the newest file that has one.
fn tail(journals: &[JournalFile]) -> Result<Option<Tail>> {
    for (number, (_, path)) in journals.iter().enumerate().rev() {
        let bytes = journal::read(path)?;
        let mut frames = Frames::of(&bytes);
        let last = frames.by_ref().last().map(|frame| frame.state);
        if let Some(state) = last {
            let clean = frames.clean_end == bytes.len() && number + 1 == journals.len();
            return Ok(Some(Tail { state, file: path.clone(), clean }));
        }
    }
    Ok(None)
}
