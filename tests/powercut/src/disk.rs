//! The disk: what is on it for certain, and what may be.

use std::path::{Path, PathBuf};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::names::{FileId, Names, Renaming};
use crate::recording::{Change, Recording, Step};
use crate::state::State;

/// A sector is written whole or not at all.
const SECTOR: usize = 512;

/// How a file system orders what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Names change in the order they were changed, and any sync makes all earlier changes of names last (ext4, NTFS).
    Journalled,
    /// Any name may or may not be there; a sync counts for the file or the folder alone, and a renamed or new file that was not
    /// synced under its name may be empty though its folder was (vfat, measured).
    Fat,
}

/// Content of a file that is not on the disk for certain.
#[derive(Clone, Debug)]
struct Pending {
    number: usize,
    what: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Bytes(usize, Vec<u8>),
    Length(usize),
}

#[derive(Clone, Debug, Default)]
struct File {
    certain: Vec<u8>,
    pending: Vec<Pending>,
    /// Length with everything that was written; appending starts there.
    length: usize,
}

impl File {
    fn change(&mut self, number: usize, what: Content) {
        let what = match what {
            Content::Bytes(usize::MAX, bytes) => Content::Bytes(self.length, bytes),
            other => other,
        };
        self.length = match &what {
            Content::Bytes(at, bytes) => self.length.max(at + bytes.len()),
            Content::Length(length) => *length,
        };
        self.pending.push(Pending { number, what });
    }

    /// What had ended before `since` is certain from now on.
    fn sync(&mut self, since: usize) {
        let (certain, pending) = std::mem::take(&mut self.pending).into_iter().partition(|pending| pending.number < since);
        self.pending = pending;
        for Pending { what, .. } in certain {
            apply(&mut self.certain, &what);
        }
    }
}

fn apply(content: &mut Vec<u8>, what: &Content) {
    match what {
        Content::Length(length) => content.resize(*length, 0),
        Content::Bytes(at, bytes) => {
            let end = at + bytes.len();
            content.resize(content.len().max(end), 0);
            if let Some(place) = content.get_mut(*at..end) {
                place.copy_from_slice(bytes);
            }
        }
    }
}

struct PendingName {
    number: usize,
    renaming: Renaming,
    /// A name that lasts while the length of its file does not.
    unsized_file: Option<FileId>,
}

struct Model {
    disk: Disk,
    files: Vec<File>,
    /// As the program sees them.
    seen: Names,
    certain: Names,
    pending: Vec<PendingName>,
    /// Files whose name is certain and whose length is not (FAT).
    maybe_empty: Vec<FileId>,
    said: String,
}

impl Recording {
    /// What may be on this disk after a cut. The seed chooses the moment and what was lost; the same seed gives the same state.
    #[must_use]
    pub fn state(&self, disk: Disk, seed: u64) -> State {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let after = random.random_range(0..=self.steps.len());
        let mut model = Model::new(disk, &self.before);
        self.steps.iter().take(after).for_each(|step| model.step(step));
        State { after, ..model.cut(&mut random) }
    }

    /// Everything as the program left it, all of it on the disk.
    #[must_use]
    pub fn end(&self) -> State {
        let mut model = Model::new(Disk::Journalled, &self.before);
        self.steps.iter().for_each(|step| model.step(step));
        model.files.iter_mut().for_each(|file| file.sync(usize::MAX));
        model.sync_names(|_| true);
        let content = |file: FileId| model.files.get(file).map(|file| file.certain.clone());
        let files = model.certain.0.iter().map(|(path, file)| (path.clone(), file.and_then(content))).collect();
        State { files, said: model.said.clone(), after: self.steps.len() }
    }
}

impl Model {
    fn new(disk: Disk, before: &[(PathBuf, Option<Vec<u8>>)]) -> Self {
        let mut model = Self {
            disk,
            files: Vec::new(),
            seen: Names::default(),
            certain: Names::default(),
            pending: Vec::new(),
            maybe_empty: Vec::new(),
            said: String::new(),
        };
        for (path, content) in before {
            let file = content.as_ref().map(|bytes| {
                model.files.push(File { certain: bytes.clone(), pending: Vec::new(), length: bytes.len() });
                model.files.len() - 1
            });
            model.certain.0.insert(path.clone(), file);
        }
        model.seen = model.certain.clone();
        model
    }

    fn step(&mut self, step: &Step) {
        let number = step.number;
        match &step.change {
            Change::Open { path, empty } => self.open(path, *empty, number),
            Change::Write { path, at, bytes } => self.change(path, number, Content::Bytes(*at, bytes.clone())),
            Change::Length { path, bytes } => self.change(path, number, Content::Length(*bytes)),
            Change::SyncFile { path, since } => self.sync_file(path, *since),
            Change::SyncFolder { path, since } => self.sync_folder(path, *since),
            Change::Rename { from, to } => self.rename(number, Renaming::Rename { from: from.clone(), to: to.clone() }),
            Change::Remove { path } => self.rename(number, Renaming::Remove { path: path.clone() }),
            Change::Folder { path } => self.rename(number, Renaming::Folder { path: path.clone() }),
            Change::Said { line } => self.said.push_str(line),
        }
    }

    fn open(&mut self, path: &Path, empty: bool, number: usize) {
        match self.seen.file(path) {
            Some(_) if empty => self.change(path, number, Content::Length(0)),
            Some(_) => {}
            None => {
                self.files.push(File::default());
                self.rename(number, Renaming::File { path: path.to_path_buf(), file: self.files.len() - 1 });
            }
        }
    }

    fn change(&mut self, path: &Path, number: usize, what: Content) {
        // A file that was removed while it was open is nobody's.
        if let Some(file) = self.seen.file(path).and_then(|file| self.files.get_mut(file)) {
            file.change(number, what);
        }
    }

    fn rename(&mut self, number: usize, renaming: Renaming) {
        self.seen.apply(&renaming, false);
        let unsized_file = match &renaming {
            Renaming::File { file, .. } => Some(*file),
            Renaming::Rename { to, .. } => self.seen.file(to),
            _ => None,
        };
        self.pending.push(PendingName { number, renaming, unsized_file });
    }

    fn sync_file(&mut self, path: &Path, since: usize) {
        let Some(id) = self.seen.file(path) else { return };
        if let Some(file) = self.files.get_mut(id) {
            file.sync(since);
        }
        match self.disk {
            Disk::Journalled => drop(self.sync_names(|name| name.number < since)),
            Disk::Fat => {
                self.sync_names(|name| name.number < since && name.renaming.leads_to(path));
                // The entry is written with the file, whatever became of an earlier name.
                self.certain.0.insert(path.to_path_buf(), Some(id));
                self.maybe_empty.retain(|file| *file != id);
            }
        }
    }

    fn sync_folder(&mut self, path: &Path, since: usize) {
        match self.disk {
            Disk::Journalled => drop(self.sync_names(|name| name.number < since)),
            Disk::Fat => {
                let unsized_files = self.sync_names(|name| name.number < since && name.renaming.is_in(path));
                self.maybe_empty.extend(unsized_files);
            }
        }
    }

    /// Makes the names that are meant certain; returns the files whose length is not.
    fn sync_names(&mut self, meant: impl Fn(&PendingName) -> bool) -> Vec<FileId> {
        let mut unsized_files = Vec::new();
        let mut rest = Vec::new();
        for name in std::mem::take(&mut self.pending) {
            if meant(&name) {
                self.certain.apply(&name.renaming, false);
                unsized_files.extend(name.unsized_file);
            } else {
                rest.push(name);
            }
        }
        self.pending = rest;
        unsized_files
    }

    fn cut(mut self, random: &mut ChaCha8Rng) -> State {
        let pending = std::mem::take(&mut self.pending);
        let reached = random.random_range(0..=pending.len());
        for (number, name) in pending.iter().enumerate() {
            let done = match self.disk {
                Disk::Journalled => number < reached,
                Disk::Fat => random.random(),
            };
            if done {
                self.certain.apply(&name.renaming, self.disk == Disk::Fat && random.random());
                self.maybe_empty.extend(name.unsized_file.filter(|_| self.disk == Disk::Fat));
            }
        }
        let contents: Vec<Vec<u8>> = self.files.iter().enumerate().map(|(id, file)| self.survivor(id, file, random)).collect();
        let content = |file: FileId| contents.get(file).cloned();
        let reachable = self.certain.0.iter().filter(|(path, _)| self.certain.leads_to(path));
        let files = reachable.map(|(path, file)| (path.clone(), file.and_then(content))).collect();
        State { files, said: self.said, after: 0 }
    }

    /// What is left of a file.
    fn survivor(&self, id: FileId, file: &File, random: &mut ChaCha8Rng) -> Vec<u8> {
        if self.maybe_empty.contains(&id) && random.random() {
            return Vec::new();
        }
        let mut content = file.certain.clone();
        let (kind, reached) = (random.random_range(0..4), random.random_range(0..=file.pending.len()));
        for (number, pending) in file.pending.iter().enumerate() {
            match kind {
                0 => {}
                1 if number < reached => apply(&mut content, &pending.what),
                2 if random.random() => apply(&mut content, &pending.what),
                3 => tear(&mut content, &pending.what, random),
                _ => {}
            }
        }
        content
    }
}

/// Some of the sectors of a write.
fn tear(content: &mut Vec<u8>, what: &Content, random: &mut impl Rng) {
    match what {
        Content::Length(_) if random.random() => apply(content, what),
        Content::Length(_) => {}
        Content::Bytes(at, bytes) => {
            let mut at = *at;
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                // Sectors are those of the disk, not of the write.
                let (sector, after) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
                if random.random() {
                    apply(content, &Content::Bytes(at, sector.to_vec()));
                }
                at += sector.len();
                rest = after;
            }
        }
    }
}
