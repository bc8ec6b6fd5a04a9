//! An original (原件) on its way in: hashed while it comes, held in memory while it is small, and else written into a temporary file.
//!
//! Most originals fit into [`HELD`] bytes and become a file only when they are kept, together with others. A larger one goes into a
//! nameless file in `originals/`, on the volume of its place, and is renamed to that once it is whole; what is cut off goes with its
//! [`Draft`], and what a killed program leaves is removed at the next start. Of either no more than [`HELD`] bytes are in memory.
//!
//! A thread of its own writes and removes these files: a slow stick holds up neither the threads of a runtime nor the files that are
//! being kept meanwhile.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piaoxia_files::{DurableFile, create_folder, remove_leftovers};
use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::error::{Result, StoreError, damaged};
use crate::probe::{Probe, Step};
use crate::thread::Actor;

/// What is held of one original, bytes: twice the end that may be looked at, so that each write to the disk is of that size.
pub(crate) const HELD: usize = 2 * Draft::END;
/// Bytes that are known of the beginning.
const HEAD: usize = 16;
/// Read at once from a file that is compared.
const BUFFER: usize = 64 << 10;

/// What the thread that writes drafts owns.
pub(crate) struct Drafts {
    dir: PathBuf,
    read_only: bool,
    probe: Probe,
}

impl Drafts {
    pub(crate) fn new(data: &Path, read_only: bool, probe: Probe) -> Self {
        Self { dir: data.join("originals"), read_only, probe }
    }

    /// Removes what a killed program left. That it is still there is no reason not to open.
    pub(crate) fn tidy(&self) {
        if self.read_only || !self.dir.is_dir() {
            return;
        }
        if let Err(error) = remove_leftovers(&self.dir) {
            tracing::warn!(%error, "what is left of cut originals could not be removed");
        }
    }

    fn begin(&self) -> Result<DurableFile> {
        if self.read_only {
            return Err(StoreError::ReadOnly { dir: self.dir.clone() });
        }
        create_folder(&self.dir)?;
        Ok(DurableFile::create_unnamed(&self.dir)?)
    }

    /// Goes on with a file, or begins one.
    fn write(&self, file: Option<DurableFile>, bytes: &[u8]) -> Result<DurableFile> {
        let mut file = file.map_or_else(|| self.begin(), Ok)?;
        let written = self.probe.pass(Step::DraftWrite).and_then(|()| file.write_all(bytes));
        written.map_err(|error| file.explain(error))?;
        Ok(file)
    }
}

/// A temporary file; wherever it is let go of, the thread of the drafts removes it.
struct Spilled {
    file: Option<DurableFile>,
    thread: Arc<Actor<Drafts>>,
}

impl Drop for Spilled {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            self.thread.leave(move |_| drop(file));
        }
    }
}

/// An original that is being written; see [`crate::Store::draft`]. Dropped before [`Draft::finish`], nothing of it stays.
pub struct Draft {
    hash: Sha256,
    /// Bytes written to it so far.
    length: u64,
    /// Of these, in the file.
    spilled: u64,
    head: Vec<u8>,
    /// Everything, or what follows what is in the file.
    held: Vec<u8>,
    limit: usize,
    file: Spilled,
}

impl Draft {
    /// Bytes of the end that [`Draft::end`] shows at least, as far as there are so many.
    pub const END: usize = 66 << 10;

    pub(crate) fn new(thread: &Arc<Actor<Drafts>>, limit: usize) -> Self {
        let file = Spilled { file: None, thread: Arc::clone(thread) };
        Self { hash: Sha256::new(), length: 0, spilled: 0, head: Vec::new(), held: Vec::new(), limit, file }
    }

    /// Makes room for so many bytes, or for as many as are held of it. What is announced may never come: it is a hint.
    pub fn expect(&mut self, bytes: u64) {
        let room = usize::try_from(bytes).unwrap_or(self.limit).min(self.limit);
        self.held.reserve_exact(room.saturating_sub(self.held.len()));
    }

    /// Takes what comes next.
    ///
    /// # Errors
    /// What a larger original meets on the disk: [`StoreError::is_disk_full`], a pulled stick. The draft is of no use then.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        if self.head.len() < HEAD {
            self.head.extend(bytes.iter().take(HEAD - self.head.len()));
        }
        let mut rest = bytes;
        while self.held.len() + rest.len() > self.limit {
            let (now, later) = rest.split_at(self.limit.saturating_sub(self.held.len()).min(rest.len()));
            self.held.extend_from_slice(now);
            self.spill(self.held.len().saturating_sub(self.limit / 2)).await?;
            rest = later;
        }
        self.held.extend_from_slice(rest);
        Ok(())
    }

    /// The first bytes, at most 16.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The last bytes: at least [`Draft::END`] of them, or all there are.
    #[must_use]
    pub fn end(&self) -> &[u8] {
        &self.held
    }

    /// Ends it: it is whole, as far as whoever wrote it can tell.
    ///
    /// # Errors
    /// As [`Draft::write`].
    pub async fn finish(mut self) -> Result<Content> {
        if self.spilled > 0 {
            self.spill(self.held.len()).await?;
        }
        // After a write that failed, or was given up in the middle, a part of it is nowhere.
        if self.spilled + self.held.len() as u64 != self.length {
            return Err(damaged("a draft of which a part could not be written"));
        }
        let digest = Digest::from(self.hash);
        if self.spilled > 0 {
            return Ok(Content(Form::Spilled { digest, length: self.length, file: self.file }));
        }
        self.held.shrink_to_fit();
        Ok(Content(Form::Held { digest: Some(digest), bytes: self.held }))
    }

    /// Moves the first of the held bytes into the file.
    async fn spill(&mut self, bytes: usize) -> Result<()> {
        // The buffer moves to the thread that writes, and back.
        let (held, file) = (std::mem::take(&mut self.held), self.file.file.take());
        let work = move |drafts: &mut Drafts| {
            let file = drafts.write(file, held.get(..bytes).unwrap_or(&held))?;
            Ok((held, file))
        };
        let (held, file) = self.file.thread.ask(work).await?;
        (self.held, self.file.file) = (held, Some(file));
        self.held.drain(..bytes.min(self.held.len()));
        self.spilled += bytes as u64;
        Ok(())
    }
}

/// What an original consists of: bytes, or what a [`Draft`] made of them.
pub struct Content(Form);

enum Form {
    Held {
        /// None: hashed when it is kept.
        digest: Option<Digest>,
        bytes: Vec<u8>,
    },
    Spilled {
        digest: Digest,
        length: u64,
        file: Spilled,
    },
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Form::Held { digest: None, bytes })
    }
}

impl Content {
    /// What a batch reckons it at, bytes: the memory that it takes, and for an open file as much as one write to it.
    #[must_use]
    pub fn weight(&self) -> usize {
        match &self.0 {
            Form::Held { bytes, .. } => bytes.len(),
            Form::Spilled { .. } => Draft::END,
        }
    }

    /// Length, bytes.
    pub(crate) fn size(&self) -> u64 {
        match &self.0 {
            Form::Held { bytes, .. } => bytes.len() as u64,
            Form::Spilled { length, .. } => *length,
        }
    }

    /// Its hash, which is computed now if it has not been.
    pub(crate) fn digest(&self) -> Digest {
        match &self.0 {
            Form::Held { digest: None, bytes } => Digest::of(bytes),
            Form::Held { digest: Some(digest), .. } | Form::Spilled { digest, .. } => *digest,
        }
    }

    /// True when this file holds the same.
    pub(crate) fn is_at(&self, place: &Path) -> bool {
        let same_length = std::fs::metadata(place).is_ok_and(|found| found.len() == self.size());
        same_length
            && match &self.0 {
                Form::Held { bytes, .. } => std::fs::read(place).is_ok_and(|there| there == *bytes),
                Form::Spilled { digest, .. } => digest_of(place).is_ok_and(|there| there == *digest),
            }
    }

    /// Its bytes, or its file.
    pub(crate) fn into_body(self) -> std::result::Result<Vec<u8>, Option<DurableFile>> {
        match self.0 {
            Form::Held { bytes, .. } => Ok(bytes),
            Form::Spilled { mut file, .. } => Err(file.file.take()),
        }
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content").field("size", &self.size()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("length", &self.length).field("spilled", &self.spilled).finish_non_exhaustive()
    }
}

/// Of a file of any size.
fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; BUFFER]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(Digest::from(hash));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}
