//! The changes of one commit while they are put together: read through to the engine, nothing written yet.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::Engine;
use crate::error::{Result, StoreError, damaged};
use crate::record::{decode, part_key, split};

/// What a commit does to one record; none where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    /// In the engine now.
    pub old: Option<Vec<u8>>,
    /// After the commit.
    pub new: Option<Vec<u8>>,
}

/// Changed records by key.
pub(crate) type Records = BTreeMap<Vec<u8>, Changed>;

/// Changes on top of an engine.
pub(crate) struct Changes<'a> {
    engine: &'a dyn Engine,
    records: Records,
    /// What the engine answered: putting a value asks several times for the same record.
    read: RefCell<HashMap<Vec<u8>, Option<Vec<u8>>>>,
}

impl<'a> Changes<'a> {
    pub(crate) fn on(engine: &'a dyn Engine) -> Self {
        Self { engine, records: Records::new(), read: RefCell::default() }
    }

    /// What is to be committed.
    pub(crate) fn into_records(self) -> Records {
        self.records
    }

    pub(crate) fn has(&self, key: &[u8]) -> Result<bool> {
        Ok(self.record(key)?.is_some())
    }

    /// The value under a key, its parts joined.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let Some(record) = self.record(key)? else { return Ok(None) };
        join(key, &record, |part| self.record(part)).map(Some)
    }

    pub(crate) fn get_json<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>> {
        self.get(key)?.map(|value| from_json(key, &value)).transpose()
    }

    /// The keys of all values that begin with this, in their order.
    pub(crate) fn keys_under(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>> {
        let mut keys = BTreeSet::new();
        self.engine.scan(prefix, &mut |key, _| {
            keys.insert(key.to_vec());
            Ok(())
        })?;
        for (key, changed) in self.records.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix)) {
            if changed.new.is_some() {
                keys.insert(key.clone());
            } else {
                keys.remove(key);
            }
        }
        Ok(keys.into_iter().collect())
    }

    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let old_parts = self.parts(key)?;
        let records = split(key, value)?;
        let new_parts = records.len() - 1;
        for part in 1..=old_parts {
            if usize::from(part) > new_parts {
                self.set(part_key(key, part), None)?;
            }
        }
        for (key, record) in records {
            self.set(key, Some(record))?;
        }
        Ok(())
    }

    pub(crate) fn put_json<T: Serialize>(&mut self, key: &[u8], value: &T) -> Result<()> {
        self.put(key, &to_json(key, value)?)
    }

    /// Removes a value; false when there was none.
    pub(crate) fn remove(&mut self, key: &[u8]) -> Result<bool> {
        let there = self.has(key)?;
        for part in 1..=self.parts(key)? {
            self.set(part_key(key, part), None)?;
        }
        self.set(key.to_vec(), None)?;
        Ok(there)
    }

    /// Notes a change of one record, unless it changes nothing.
    fn set(&mut self, key: Vec<u8>, new: Option<Vec<u8>>) -> Result<()> {
        let old = match self.records.remove(&key) {
            Some(changed) => changed.old,
            None => self.stored(&key)?,
        };
        if old != new {
            self.records.insert(key, Changed { old, new });
        }
        Ok(())
    }

    fn parts(&self, key: &[u8]) -> Result<u16> {
        self.record(key)?.map_or(Ok(0), |record| Ok(decode(key, &record)?.parts))
    }

    fn record(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        match self.records.get(key) {
            Some(changed) => Ok(changed.new.clone()),
            None => self.stored(key),
        }
    }

    /// The record in the engine.
    fn stored(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        if let Some(known) = self.read.borrow().get(key) {
            return Ok(known.clone());
        }
        let found = self.engine.get(key)?;
        self.read.borrow_mut().insert(key.to_vec(), found.clone());
        Ok(found)
    }
}

/// The value that starts in `record`; `part` reads its further parts.
pub(crate) fn join(key: &[u8], record: &[u8], part: impl Fn(&[u8]) -> Result<Option<Vec<u8>>>) -> Result<Vec<u8>> {
    let first = decode(key, record)?;
    let mut joined = first.payload.to_vec();
    for number in 1..=first.parts {
        let key = part_key(key, number);
        let record = part(&key)?.ok_or_else(|| damaged(format!("record {} is missing", String::from_utf8_lossy(&key))))?;
        joined.extend(decode(&key, &record)?.payload);
    }
    first.value(key, joined)
}

pub(crate) fn to_json<T: Serialize>(key: &[u8], value: &T) -> Result<Vec<u8>> {
    // An invoice of a few lines fits.
    let mut json = Vec::with_capacity(2_048);
    serde_json::to_writer(&mut json, value).map_err(|source| document(key, source))?;
    Ok(json)
}

pub(crate) fn from_json<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|source| document(key, source))
}

/// A record names itself: its space is its collection.
fn document(key: &[u8], source: serde_json::Error) -> StoreError {
    let (collection, id) = key.split_at_checked(1).unwrap_or((key, &[]));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    StoreError::Document { collection: text(collection), id: text(id), source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::engine::MemoryEngine;
    use crate::tests::sample::noise;

    fn commit(engine: &mut MemoryEngine, records: &Records) {
        let changes: Vec<_> = records.iter().map(|(key, changed)| (key.as_slice(), changed.new.as_deref())).collect();
        engine.apply(&changes).unwrap();
    }

    #[test]
    fn a_value_that_shrinks_takes_its_parts_along() {
        let mut engine = MemoryEngine::default();
        for length in [20_000, 5_000, 10, 9_000] {
            let mut changes = Changes::on(&engine);
            changes.put(b"d1", &noise(length)).unwrap();
            let records = changes.into_records();
            commit(&mut engine, &records);
            assert_eq!(Changes::on(&engine).get(b"d1").unwrap().unwrap(), noise(length));
        }
        let mut changes = Changes::on(&engine);
        assert!(changes.remove(b"d1").unwrap());
        assert!(!changes.remove(b"d2").unwrap());
        let records = changes.into_records();
        commit(&mut engine, &records);
        let mut left = 0;
        engine
            .scan(b"", &mut |_, _| {
                left += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(left, 0);
    }

    #[test]
    fn what_changes_nothing_is_not_committed() {
        let mut engine = MemoryEngine::default();
        let mut changes = Changes::on(&engine);
        changes.put(b"d1", b"a").unwrap();
        let records = changes.into_records();
        commit(&mut engine, &records);
        let mut changes = Changes::on(&engine);
        changes.put(b"d1", b"b").unwrap();
        assert_eq!(changes.get(b"d1").unwrap().unwrap(), b"b");
        changes.put(b"d1", b"a").unwrap();
        assert!(changes.into_records().is_empty());
    }

    #[test]
    fn keys_are_listed_as_they_will_be() {
        let mut engine = MemoryEngine::default();
        let mut changes = Changes::on(&engine);
        for key in [b"h1", b"h2", b"i1"] {
            changes.put(key, b"").unwrap();
        }
        let records = changes.into_records();
        commit(&mut engine, &records);
        let mut changes = Changes::on(&engine);
        changes.remove(b"h1").unwrap();
        changes.put(b"h3", &noise(9_000)).unwrap();
        assert_eq!(changes.keys_under(b"h").unwrap(), [b"h2", b"h3"]);
    }

    #[test]
    fn a_missing_part_is_damage() {
        let mut engine = MemoryEngine::default();
        let mut changes = Changes::on(&engine);
        changes.put(b"d1", &noise(9_000)).unwrap();
        let mut records = changes.into_records();
        records.pop_last();
        commit(&mut engine, &records);
        assert!(matches!(Changes::on(&engine).get(b"d1"), Err(StoreError::Damaged { .. })));
    }
}
