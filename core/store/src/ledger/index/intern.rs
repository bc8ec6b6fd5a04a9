//! Values that many rows share, kept once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Numbers values in the order in which they first came.
pub(super) struct Interner<T> {
    pub(super) values: Vec<Arc<T>>,
    numbers: HashMap<Arc<T>, u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { values: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Eq + Hash + Clone> Interner<T> {
    /// With these values, numbered as they stand.
    pub(super) fn of(values: Vec<T>) -> Self {
        let values: Vec<Arc<T>> = values.into_iter().map(Arc::new).collect();
        let numbers = values.iter().cloned().zip(0..).collect();
        Self { values, numbers }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The number of a value, a new one if need be.
    pub(super) fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let value = Arc::new(value.clone());
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(Arc::clone(&value));
        self.numbers.insert(value, number);
        number
    }

    /// The number of a value that some row has or had.
    pub(super) fn known(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Arc<T>> {
        self.values.get(number as usize)
    }
}
