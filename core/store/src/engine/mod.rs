//! The engine underneath: an ordered map from bytes to bytes. sled is one; the conformance suite runs on a second one.

mod memory;
mod sled;

use crate::error::Result;

pub(crate) use memory::MemoryEngine;
pub(crate) use sled::SledEngine;

/// Most operations of one [`Engine::apply`]: sled's memory grows with the size of its batches, not with its cache.
pub(crate) const BATCH: usize = 100;

/// One change of a record: its key and its new value, none to remove it.
pub(crate) type Change<'a> = (&'a [u8], Option<&'a [u8]>);

/// What is done with each record of a scan: its key and its value.
pub(crate) type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<()> + 'a;

/// An ordered map from bytes to bytes. Owned by one thread; others may help it to read.
pub(crate) trait Engine: Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Every record whose key starts with `prefix`, in the order of the keys.
    fn scan(&self, prefix: &[u8], each: &mut Each<'_>) -> Result<()>;

    /// Every record from a key on, up to another one or the last, in the order of the keys.
    fn scan_between(&self, from: &[u8], to: Option<&[u8]>, each: &mut Each<'_>) -> Result<()>;

    /// At most [`BATCH`] changes, all or none.
    fn apply(&mut self, changes: &[Change<'_>]) -> Result<()>;

    /// Makes everything applied so far durable.
    fn flush(&mut self) -> Result<()>;
}
