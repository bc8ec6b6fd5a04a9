//! A map in memory: holds what is read from snapshot and journal where sled cannot be opened (read-only stick, full disk).

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{Change, Each, Engine};
use crate::error::Result;

/// Nothing of it survives the program: every open is a rebuild.
#[derive(Debug, Default)]
pub(crate) struct MemoryEngine {
    records: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Engine for MemoryEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.records.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], each: &mut Each<'_>) -> Result<()> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let within = self.records.range::<[u8], _>(from).take_while(|(key, _)| key.starts_with(prefix));
        for (key, value) in within {
            each(key, value)?;
        }
        Ok(())
    }

    fn scan_between(&self, from: &[u8], to: Option<&[u8]>, each: &mut Each<'_>) -> Result<()> {
        let range = (Bound::Included(from), to.map_or(Bound::Unbounded, Bound::Excluded));
        self.records.range::<[u8], _>(range).try_for_each(|(key, value)| each(key, value))
    }

    fn apply(&mut self, changes: &[Change<'_>]) -> Result<()> {
        for (key, value) in changes {
            match value {
                Some(value) => drop(self.records.insert(key.to_vec(), value.to_vec())),
                None => drop(self.records.remove(*key)),
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
