//! Packing on a thread of its own: rows are made while those before them are packed.

use std::io::{self, Seek, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use zip::ZipWriter;

use super::stream::options;
use crate::zip_out::{ZipOut, io_error};

/// Pieces that may wait to be packed.
const WAITING: usize = 3;

type Zip<W> = ZipWriter<ZipOut<W>>;

enum Piece {
    /// Everything after it belongs to this entry.
    Entry(String),
    Bytes(Vec<u8>),
}

/// A ZIP that is written elsewhere. An error is told by a later call than the one that caused it.
pub(super) struct Packer<W: Write + Seek + Send + 'static> {
    /// None once it has ended.
    pieces: Option<SyncSender<Piece>>,
    /// Buffers that were packed, to be filled again.
    spare: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<Zip<W>>>>,
}

impl<W: Write + Seek + Send + 'static> Packer<W> {
    pub(super) fn start(out: W) -> io::Result<Self> {
        let (pieces, todo) = sync_channel(WAITING);
        let (done, spare) = sync_channel(WAITING);
        let thread = Builder::new().name("export-pack".to_owned()).spawn(move || pack(ZipWriter::new(ZipOut::new(out)), &todo, &done))?;
        Ok(Self { pieces: Some(pieces), spare, thread: Some(thread) })
    }

    /// Begins an entry.
    pub(super) fn entry(&mut self, name: String) -> io::Result<()> {
        self.send(Piece::Entry(name))
    }

    /// Takes the bytes and leaves an empty buffer.
    pub(super) fn take(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let spare = self.spare.try_recv().unwrap_or_else(|_| Vec::with_capacity(bytes.capacity()));
        self.send(Piece::Bytes(std::mem::replace(bytes, spare)))
    }

    fn send(&mut self, piece: Piece) -> io::Result<()> {
        match self.pieces.as_ref().map(|pieces| pieces.send(piece)) {
            Some(Ok(())) => Ok(()),
            _ => Err(self.end().err().unwrap_or_else(|| io::Error::other("packing has ended"))),
        }
    }

    /// Waits until everything is packed.
    pub(super) fn finish(mut self) -> io::Result<Zip<W>> {
        self.end()
    }

    fn end(&mut self) -> io::Result<Zip<W>> {
        self.pieces = None;
        let ended = self.thread.take().ok_or_else(|| io::Error::other("packing has ended"))?;
        ended.join().unwrap_or_else(|_| Err(io::Error::other("packing panicked")))
    }
}

impl<W: Write + Seek + Send + 'static> Drop for Packer<W> {
    /// When a cancelled export returns, its temporary file is gone.
    fn drop(&mut self) {
        drop(self.end());
    }
}

fn pack<W: Write + Seek>(mut zip: Zip<W>, todo: &Receiver<Piece>, done: &SyncSender<Vec<u8>>) -> io::Result<Zip<W>> {
    for piece in todo {
        match piece {
            Piece::Entry(name) => zip.start_file(name, options()).map_err(io_error)?,
            Piece::Bytes(mut bytes) => {
                zip.write_all(&bytes)?;
                bytes.clear();
                // One more than are wanted is let go.
                drop(done.try_send(bytes));
            }
        }
    }
    Ok(zip)
}
