//! Reading the files of an import, on a worker thread. Each file is opened once.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use piaoxia_documents::{Field, Refused};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, Money};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Progress;
use super::find::{At, Finder, unreadable};
use crate::event::{FileNote, RefusedFile, UnreadableFile};
use crate::reader::{Parsed, ParsedInvoice, Reader};

/// Largest document that is read, bytes.
const LIMIT: u64 = 50 << 20;

/// One document after it was tried.
pub(super) enum Read {
    Found(Box<Found>),
    Refused(RefusedFile),
    Unreadable(UnreadableFile),
    Noted(FileNote),
}

/// An invoice and the document it was in.
pub(super) struct Found {
    pub invoice: Invoice,
    /// Name of the document.
    pub name: String,
    /// Its path, with its place in an archive or workbook.
    pub path: String,
    /// The amounts that it states.
    pub stated: Vec<(Field, Money)>,
    pub original: Option<FoundOriginal>,
}

/// A document that is an original (版式文件).
pub(super) struct FoundOriginal {
    pub format: Format,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Where files come from and where what they hold goes.
pub(super) struct Files<'a> {
    pub paths: &'a [PathBuf],
    pub sender: mpsc::Sender<Read>,
    pub progress: Progress,
    pub halt: CancellationToken,
}

impl Files<'_> {
    /// Reads all files and sends what they hold, until nobody listens or `halt` is called.
    pub(super) fn read_all(&self, reader: &mut Reader) {
        (self.progress)(0, 0);
        let total = Finder::new(self.paths).take_while(|_| !self.halt.is_cancelled()).count() as u64;
        for (done, at) in Finder::new(self.paths).enumerate() {
            if self.halt.is_cancelled() {
                return;
            }
            (self.progress)(done as u64, total);
            let flow = match at {
                At::Unreadable(file) => self.send(Read::Unreadable(file)),
                At::File(path) => self.read_one(&path, reader),
            };
            if flow.is_break() {
                return;
            }
        }
        (self.progress)(total, total);
    }

    fn read_one(&self, path: &Path, reader: &mut Reader) -> ControlFlow<()> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path_of = |entry: &str| if entry == name { path.display().to_string() } else { format!("{}/{entry}", path.display()) };
        let refused = |reason, entry: &str| Read::Refused(RefusedFile { file: path_of(entry), reason });
        let mut bytes = match read_limited(path) {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(reason)) => return self.send(refused(reason, &name)),
            Err(error) => match unreadable(path, error) {
                At::Unreadable(file) => return self.send(Read::Unreadable(file)),
                At::File(_) => return ControlFlow::Continue(()),
            },
        };
        let (mut flow, mut whole) = (ControlFlow::Continue(()), None);
        reader.read(&name, &bytes, &mut |parsed| {
            let one = match parsed {
                Parsed::Found(found) => {
                    let ParsedInvoice { invoice, entry, file, stated, format, bytes } = *found;
                    let original = format.map(|format| FoundOriginal { format, name: file.clone(), bytes: bytes.unwrap_or_default() });
                    Read::Found(Box::new(Found { invoice, name: file, path: path_of(&entry), stated, original }))
                }
                // The reader ended behind the document, not within it.
                Parsed::Refused { entry, reason: Refused::ReaderEnded | Refused::ReaderHung { .. } }
                    if entry == name && whole.is_some() =>
                {
                    return ControlFlow::Continue(());
                }
                Parsed::Refused { entry, reason } => refused(reason, &entry),
                Parsed::Noted { file, note } => Read::Noted(FileNote { file: path_of(&file), note }),
            };
            // The document that is the whole file gets the bytes themselves, once nobody reads them any more.
            let is_whole = matches!(&one, Read::Found(found) if found.original.as_ref().is_some_and(|original| original.bytes.is_empty()));
            flow = if self.halt.is_cancelled() {
                ControlFlow::Break(())
            } else if is_whole && whole.is_none() {
                whole = Some(one);
                ControlFlow::Continue(())
            } else {
                self.send(one)
            };
            flow
        });
        match whole {
            Some(Read::Found(mut found)) if flow.is_continue() => {
                if let Some(original) = &mut found.original {
                    original.bytes = std::mem::take(&mut bytes);
                }
                self.send(Read::Found(found))
            }
            _ => flow,
        }
    }

    fn send(&self, one: Read) -> ControlFlow<()> {
        match self.sender.blocking_send(one) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// The bytes of a document, at most 50 MiB. A file may grow while it is read: what comes after the limit is refused all the same.
///
/// # Errors
/// What the system says. A file that is too large is no error but refused.
pub fn read_limited(path: &Path) -> io::Result<Result<Vec<u8>, Refused>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > LIMIT {
        return Ok(Err(Refused::TooLarge { size, limit: LIMIT }));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    let size = bytes.len() as u64;
    Ok(if size > LIMIT { Err(Refused::TooLarge { size, limit: LIMIT }) } else { Ok(bytes) })
}
