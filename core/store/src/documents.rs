//! Typed documents of the engine: jobs, companies, settings. JSON under a collection and an id.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::changes::Changes;
use crate::core::Core;
use crate::error::{Result, StoreError};
use crate::record::{Space, key, last_piece, prefix};
use crate::store::Store;

const LONGEST_NAME: usize = 200;

impl Store {
    /// Keeps a document durably under its collection and id, in place of the one before.
    ///
    /// # Errors
    /// [`StoreError::BadName`], [`StoreError::TooLarge`] beyond 16 MiB, or why nothing can be written.
    pub async fn put_document<T: Serialize + Sync>(&self, collection: &str, id: &str, document: &T) -> Result<()> {
        let key = document_key(collection, id)?;
        let value = serde_json::to_vec(document).map_err(|source| misfit(collection, id, source))?;
        self.write(move |core| core.put_value(&key, &value)).await
    }

    /// A document; none when there is none.
    ///
    /// # Errors
    /// [`StoreError::Document`] when it is not what the caller expects.
    pub async fn get_document<T: DeserializeOwned>(&self, collection: &str, id: &str) -> Result<Option<T>> {
        let key = document_key(collection, id)?;
        let value = self.read(move |core| Changes::on(core.engine()?).get(&key)).await?;
        value.map(|value| parse(collection, id, &value)).transpose()
    }

    /// All documents of a collection with their ids, in the order of these.
    ///
    /// # Errors
    /// [`StoreError::Document`] when one is not what the caller expects.
    pub async fn documents<T: DeserializeOwned>(&self, collection: &str) -> Result<Vec<(String, T)>> {
        check_name(collection)?;
        let prefix = prefix(Space::Documents, collection.as_bytes());
        let values = self.read(move |core| core.values(&prefix)).await?;
        let document = |(key, value): (Vec<u8>, Vec<u8>)| {
            let id = last_piece(&key).unwrap_or_default().to_owned();
            let document = parse(collection, &id, &value)?;
            Ok((id, document))
        };
        values.into_iter().map(document).collect()
    }

    /// Removes a document durably; false when there was none.
    ///
    /// # Errors
    /// [`StoreError::BadName`], or why nothing can be written.
    pub async fn delete_document(&self, collection: &str, id: &str) -> Result<bool> {
        let key = document_key(collection, id)?;
        self.write(move |core| core.remove_value(&key)).await
    }
}

impl Core {
    fn put_value(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let mut changes = Changes::on(self.engine()?);
        changes.put(key, value)?;
        let records = changes.into_records();
        self.commit(&records)?;
        self.publish(0, |_| {});
        Ok(())
    }

    fn remove_value(&mut self, key: &[u8]) -> Result<bool> {
        let mut changes = Changes::on(self.engine()?);
        let there = changes.remove(key)?;
        let records = changes.into_records();
        self.commit(&records)?;
        self.publish(0, |_| {});
        Ok(there)
    }
}

fn document_key(collection: &str, id: &str) -> Result<Vec<u8>> {
    check_name(collection)?;
    check_name(id)?;
    Ok(key(Space::Documents, &[collection.as_bytes(), id.as_bytes()]))
}

fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(StoreError::BadName { name: name.chars().take(40).collect() });
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(collection: &str, id: &str, value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|source| misfit(collection, id, source))
}

fn misfit(collection: &str, id: &str, source: serde_json::Error) -> StoreError {
    StoreError::Document { collection: collection.to_owned(), id: id.to_owned(), source }
}
