//! What drawing a page may still cost, and whether anybody still wants it.

use crate::error::{Cancel, PreviewError};
use crate::limits;

/// Counted down while a page is read.
pub(super) struct Budget {
    cancel: Cancel,
    objects: usize,
    commands: usize,
    characters: usize,
    image_bytes: usize,
}

impl Budget {
    pub(super) fn new(cancel: &Cancel) -> Self {
        Self {
            cancel: cancel.clone(),
            objects: limits::OBJECTS,
            commands: limits::PATH_COMMANDS,
            characters: limits::CHARACTERS,
            image_bytes: limits::IMAGES,
        }
    }

    /// One more object is drawn.
    pub(super) fn object(&mut self) -> Result<(), PreviewError> {
        self.cancel.check()?;
        take(&mut self.objects, 1, "objects on a page")
    }

    /// So many path commands more.
    pub(super) fn commands(&mut self, count: usize) -> Result<(), PreviewError> {
        take(&mut self.commands, count, "path commands on a page")
    }

    /// So many characters more.
    pub(super) fn characters(&mut self, count: usize) -> Result<(), PreviewError> {
        take(&mut self.characters, count, "characters on a page")
    }

    /// So many bytes of pictures more.
    pub(super) fn image_bytes(&mut self, count: usize) -> Result<(), PreviewError> {
        take(&mut self.image_bytes, count, "picture bytes on a page")
    }
}

fn take(left: &mut usize, count: usize, what: &'static str) -> Result<(), PreviewError> {
    *left = left.checked_sub(count).ok_or(PreviewError::TooMuch(what))?;
    Ok(())
}
