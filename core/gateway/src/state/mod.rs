//! The gateway's memory: one JSON file, written whole and durably at every change.

mod model;

pub(crate) use model::{Application, Binding, Code, Contact, KeptAccount, Person, Redemption, RefreshToken, Revocation, State};

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use piaoxia_files::{FilesError, durable_write};

use crate::failure::{Answer, Failure};
use crate::gateway::Warning;

const FILE: &str = "gateway.json";

/// The state, readable at any time; changes come one after another and count once they are on the disk.
pub(crate) struct Book {
    current: Arc<RwLock<Arc<State>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    path: Option<PathBuf>,
}

impl Book {
    /// Opens the file in `dir`, or an empty state. A file that cannot be read is copied aside first.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub(crate) fn open(dir: Option<&Path>) -> Result<(Self, Option<Warning>), FilesError> {
        let path = dir.map(|dir| dir.join(FILE));
        let (mut state, warning) = match &path {
            Some(path) => load(path)?,
            None => (State::default(), None),
        };
        state.tidy(Timestamp::now());
        let book = Self { current: Arc::new(RwLock::new(Arc::new(state))), turn: Arc::new(tokio::sync::Mutex::new(())), path };
        Ok((book, warning))
    }

    /// The state as it is now.
    pub(crate) fn read(&self) -> Arc<State> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state: all of `change` or nothing, and on the disk before anybody sees it.
    ///
    /// # Errors
    /// That of `change`, or an internal one when the disk refuses.
    pub(crate) async fn change<T>(&self, change: impl FnOnce(&mut State) -> Answer<T>) -> Answer<T> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let before = self.read();
        let mut next = State::clone(&before);
        let answer = change(&mut next)?;
        if next == *before {
            return Ok(answer);
        }
        let (current, path) = (Arc::clone(&self.current), self.path.clone());
        // The write and the swap are one blocking task that owns the turn: a caller who goes away in the middle cannot
        // leave the memory behind the disk.
        let written = tokio::task::spawn_blocking(move || -> Result<(), String> {
            let _turn = turn;
            if let Some(path) = path {
                let text = serde_json::to_vec_pretty(&next).map_err(|error| error.to_string())?;
                durable_write(&path, &text).map_err(|error| error.to_string())?;
            }
            *current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
            Ok(())
        });
        match written.await {
            Ok(Ok(())) => Ok(answer),
            Ok(Err(error)) => Err(Failure::internal(format!("the state could not be written: {error}"))),
            Err(error) => Err(Failure::internal(format!("the state could not be written: {error}"))),
        }
    }
}

fn load(path: &Path) -> Result<(State, Option<Warning>), FilesError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if let Some(dir) = path.parent() {
                std::fs::create_dir_all(dir).map_err(|error| FilesError::from_io(dir, error))?;
            }
            return Ok((State::default(), None));
        }
        Err(error) => return Err(FilesError::from_io(path, error)),
    };
    match serde_json::from_slice::<State>(&bytes) {
        Ok(state) if state.format == model::FORMAT => Ok((state, None)),
        other => {
            let reason = other.err().map_or_else(|| "another version".to_owned(), |error| error.to_string());
            let kept_as = path.with_file_name(format!("{FILE}.damaged-{}", Timestamp::now().as_millisecond()));
            tracing::warn!(%reason, "the gateway's state cannot be read and is set aside");
            durable_write(&kept_as, &bytes)?;
            let empty = serde_json::to_vec_pretty(&State::default()).unwrap_or_default();
            durable_write(path, &empty)?;
            Ok((State::default(), Some(Warning::StateSetAside { kept_as, reason })))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    fn person(name: &str) -> Person {
        Person::new(name.to_owned(), String::new())
    }

    #[tokio::test]
    async fn changes_outlive_the_process_and_failures_change_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (book, warning) = Book::open(Some(dir.path())).unwrap();
        assert!(warning.is_none());
        book.change(|state| Ok(state.persons.insert("p1".to_owned(), person("王芳")))).await.unwrap();
        let refused = book
            .change(|state| -> Answer<()> {
                state.persons.clear();
                Err(Failure::bad_request("no"))
            })
            .await;
        assert!(refused.is_err());
        let (again, _) = Book::open(Some(dir.path())).unwrap();
        assert_eq!(again.read().persons.get("p1").unwrap().name, "王芳");
        assert_eq!(again.read(), book.read());
    }

    #[tokio::test]
    async fn a_damaged_file_is_set_aside_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        for damaged in ["", "{\"format\":1,", "{\"format\":99}", "[]"] {
            std::fs::write(&path, damaged).unwrap();
            let (book, warning) = Book::open(Some(dir.path())).unwrap();
            let Some(Warning::StateSetAside { kept_as, .. }) = warning else { panic!("no warning for {damaged:?}") };
            assert_eq!(std::fs::read_to_string(kept_as).unwrap(), damaged);
            assert_eq!(*book.read(), State::default());
            assert!(Book::open(Some(dir.path())).unwrap().1.is_none(), "told once");
        }
    }
}
