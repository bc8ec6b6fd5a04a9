//! Rows by their keys. The keys lie in the texts alone: here a row costs five bytes and some room.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::text::Texts;

/// Which row has which key.
#[derive(Default)]
pub(super) struct Lookup {
    rows: HashTable<u32>,
    hashes: RandomState,
}

impl Lookup {
    /// All rows of these texts.
    pub(super) fn of(texts: &Texts, rows: u32) -> Self {
        let mut lookup = Self { rows: HashTable::with_capacity(rows as usize), ..Self::default() };
        (0..rows).for_each(|row| lookup.insert(row, texts));
        lookup
    }

    /// The row of a key.
    pub(super) fn find(&self, key: &str, texts: &Texts) -> Option<u32> {
        self.rows.find(self.hashes.hash_one(key), |row| texts.key(*row as usize) == key).copied()
    }

    /// Takes a row out whose key is still in the texts.
    pub(super) fn remove(&mut self, row: u32, texts: &Texts) {
        let hash = self.hashes.hash_one(texts.key(row as usize));
        if let Ok(found) = self.rows.find_entry(hash, |other| *other == row) {
            found.remove();
        }
    }

    /// Adds a row whose key, which no other row has, is in the texts.
    pub(super) fn insert(&mut self, row: u32, texts: &Texts) {
        let hash = |row: &u32| self.hashes.hash_one(texts.key(*row as usize));
        self.rows.insert_unique(hash(&row), row, hash);
    }
}
