//! Reading the files of an import, on a worker thread.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use piaoxia_documents::{Entry, Refused, walk};
use piaoxia_domain::Invoice;
use piaoxia_domain::invoice::Format;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Progress;
use super::find::{At, Finder, unreadable};
use crate::event::{RefusedFile, UnreadableFile};

/// Largest file that is read, bytes.
const LIMIT: u64 = 50 << 20;

/// One document after it was tried.
pub(super) enum Read {
    Found(Box<Found>),
    Refused(RefusedFile),
    Unreadable(UnreadableFile),
}

/// An invoice and the document it was in.
pub(super) struct Found {
    pub invoice: Invoice,
    /// Name of the document.
    pub name: String,
    pub original: Option<FoundOriginal>,
}

/// A document that is an original (版式文件).
pub(super) struct FoundOriginal {
    pub format: Format,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Reads all files and sends what they hold, until nobody listens or `halt` is called.
pub(super) fn read_all(paths: &[PathBuf], sender: &mpsc::Sender<Read>, progress: &Progress, halt: &CancellationToken) {
    progress(0, 0);
    let total = Finder::new(paths).take_while(|_| !halt.is_cancelled()).count() as u64;
    for (done, at) in Finder::new(paths).enumerate() {
        if halt.is_cancelled() {
            return;
        }
        progress(done as u64, total);
        let flow = match at {
            At::Unreadable(file) => send(sender, Read::Unreadable(file)),
            At::File(path, length) if length > LIMIT => {
                let reason = Refused::TooLarge { size: length, limit: LIMIT };
                send(sender, Read::Refused(RefusedFile { file: path.display().to_string(), reason }))
            }
            At::File(path, _) => read_one(&path, sender, halt),
        };
        if flow.is_break() {
            return;
        }
    }
    progress(total, total);
}

fn read_one(path: &Path, sender: &mpsc::Sender<Read>, halt: &CancellationToken) -> ControlFlow<()> {
    let bytes = match read_limited(path) {
        Ok(bytes) => bytes,
        Err(error) => match unreadable(path, error) {
            At::Unreadable(file) => return send(sender, Read::Unreadable(file)),
            At::File(..) => return ControlFlow::Continue(()),
        },
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut flow = ControlFlow::Continue(());
    walk(&name, &bytes, &mut |entry| {
        flow = if halt.is_cancelled() { ControlFlow::Break(()) } else { send(sender, tried(path, &name, entry)) };
        flow
    });
    flow
}

/// A file can have grown since it was found: it is then cut here and refused as broken.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn tried(path: &Path, file: &str, entry: Entry<'_>) -> Read {
    match entry.outcome {
        Ok(document) => {
            let name = entry.name.rsplit(['/', '\\']).next().unwrap_or(&entry.name).to_owned();
            let original = document.format.original();
            let original = original.map(|format| FoundOriginal { format, name: name.clone(), bytes: entry.bytes.to_vec() });
            Read::Found(Box::new(Found { invoice: document.invoice, name, original }))
        }
        Err(reason) => {
            let inside = if entry.name == file { String::new() } else { format!("/{}", entry.name) };
            Read::Refused(RefusedFile { file: format!("{}{inside}", path.display()), reason })
        }
    }
}

fn send(sender: &mpsc::Sender<Read>, one: Read) -> ControlFlow<()> {
    match sender.blocking_send(one) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}
