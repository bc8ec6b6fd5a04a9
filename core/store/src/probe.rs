//! A seam for the tests: every step that touches the disk passes here, where a test stops the program or fills the disk.

use std::fmt;
use std::io;
use std::sync::Arc;

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A frame is written to the journal.
    JournalWrite,
    /// The journal is synced.
    JournalSync,
    /// A batch goes to the engine.
    EngineApply,
    /// The engine is flushed and synced.
    EngineFlush,
    /// The manifest is written.
    ManifestWrite,
    /// A snapshot is begun.
    SnapshotBegin,
    /// A snapshot is put in its place.
    SnapshotFinish,
    /// The file of the rows is written.
    RowsWrite,
    /// A part of an original that is too large for memory is written.
    DraftWrite,
    /// An old snapshot or journal file is removed.
    Remove,
    /// A damaged database is put aside.
    Quarantine,
    /// The engine is opened.
    EngineOpen,
}

type Hook = dyn Fn(Step) -> io::Result<()> + Send + Sync;

/// Passed by every step; without a hook it costs nothing.
#[derive(Clone, Default)]
pub(crate) struct Probe(Option<Arc<Hook>>);

impl Probe {
    #[cfg(test)]
    pub(crate) fn new(hook: impl Fn(Step) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(crate) fn pass(&self, step: Step) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |hook| hook(step))
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Probe").field(&self.0.is_some()).finish()
    }
}
