//! A seam for the tests: every step that changes the disk passes here, where a test ends the program.

use std::fmt;
use std::sync::Arc;

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// What was left of another download is removed.
    Tidy,
    /// The folder for what comes is made.
    IncomingMade,
    /// Manifest and signature are written into it.
    ManifestWritten,
    /// A piece of the file is written.
    Piece,
    /// The file is synced.
    Synced,
    /// The link of the key chain is written.
    KeyLink,
    /// A broken copy of the version is removed.
    BrokenRemoved,
    /// The folder moves to its place.
    Move,
    /// It has moved, and is looked at once more.
    Moved,
    /// The state is written.
    StateWritten,
    /// A version that nobody needs is removed.
    Prune,
    /// A mark of a version is written.
    MarkWritten,
}

/// Passed by every step; without a hook it costs nothing.
#[derive(Clone, Default)]
pub(crate) struct Probe(Option<Arc<dyn Fn(Step) + Send + Sync>>);

impl Probe {
    #[cfg(test)]
    pub(crate) fn new(hook: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(crate) fn pass(&self, step: Step) {
        if let Some(hook) = &self.0 {
            hook(step);
        }
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Probe").field(&self.0.is_some()).finish()
    }
}
