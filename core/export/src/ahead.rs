//! Reading ahead on a thread of its own: what was read is looked at while what follows is unpacked.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, scope};

use crate::error::ExportError;

/// Pieces that may wait to be looked at.
const WAITING: usize = 3;
const PIECE: usize = 64 * 1024;

/// Hands out all bytes of `source`, piece by piece. `failed` says what an error of reading means.
pub(crate) fn read_ahead(
    mut source: impl Read + Send,
    failed: &dyn Fn(io::Error) -> ExportError,
    look: &mut dyn FnMut(&[u8]) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    scope(|scope| {
        let (pieces, read) = sync_channel(WAITING);
        let (done, spare) = sync_channel(WAITING);
        let reader = Builder::new().name("export-unpack".to_owned());
        reader.spawn_scoped(scope, move || read_all(&mut source, &pieces, &spare)).map_err(failed)?;
        for piece in read {
            let piece: Vec<u8> = piece.map_err(failed)?;
            look(&piece)?;
            // One more than are wanted is let go.
            drop(done.try_send(piece));
        }
        Ok(())
    })
}

/// Ends early when nobody looks any more.
fn read_all(source: &mut dyn Read, pieces: &SyncSender<io::Result<Vec<u8>>>, spare: &Receiver<Vec<u8>>) {
    loop {
        let mut piece = spare.try_recv().unwrap_or_default();
        piece.resize(PIECE, 0);
        let mut length = 0;
        while let Some(room) = piece.get_mut(length..).filter(|room| !room.is_empty()) {
            match source.read(room) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return drop(pieces.send(Err(error))),
            }
        }
        piece.truncate(length);
        if length == 0 || pieces.send(Ok(piece)).is_err() {
            return;
        }
    }
}
