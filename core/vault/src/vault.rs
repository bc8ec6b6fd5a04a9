//! The vault itself: created, opened, locked, changed.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use piaoxia_files::{FilesError, Slot, Slots, durable_write};
use zeroize::Zeroizing;

use crate::book::{Book, Wrap, is_genuine};
use crate::cost::Cost;
use crate::crypt::VaultKey;
use crate::error::{Result, VaultError};
use crate::here::{Here, Seen};
use crate::passphrase;
use crate::tries::Tries;

/// Name of the two slots in the data folder.
const STEM: &str = "vault";

/// Seconds since 1970, as the PC's clock says.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Where a vault lies.
#[derive(Clone)]
pub struct Place {
    /// The data folder; it may travel.
    pub data: PathBuf,
    /// The folder of this user on this PC, outside the data folder. None: only a passphrase opens the vault.
    pub here: Option<PathBuf>,
    /// What a new passphrase costs to try; none measures it on this PC.
    pub cost: Option<Cost>,
    /// For the waits after wrong passphrases.
    pub clock: Clock,
}

/// What the user is told about the vault when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// It is older than the one that this PC saw last: an old copy was put back, and newer passwords are missing.
    Older,
    /// One of its two slots was not whole: the power failed, or the stick is going bad. Nothing is lost; both are whole again.
    Mended,
}

/// How the vault stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// There is one.
    pub exists: bool,
    /// Neither of its slots is whole.
    pub damaged: bool,
    /// Its secrets can be read.
    pub open: bool,
    /// A passphrase opens it.
    pub passphrase: bool,
    /// This PC opens it by itself.
    pub here: bool,
    /// Secrets in it; 0 while it is locked.
    pub secrets: usize,
    /// Until the next passphrase is taken.
    pub wait: Duration,
    /// Found when it was opened.
    pub warning: Option<Warning>,
}

/// The vault of a data folder. All calls block; one at a time.
pub struct Vault {
    place: Place,
    slots: Slots,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    held: Held,
    warning: Option<Warning>,
    tries: Option<Tries>,
}

#[derive(Default)]
enum Held {
    #[default]
    Missing,
    Damaged,
    Locked(Box<Locked>),
    Open(Book, Box<VaultKey>),
}

struct Locked {
    book: Book,
    /// As they are on the disk: their seal is checked with the key.
    bytes: Vec<u8>,
    mended: bool,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("data", &self.place.data).finish_non_exhaustive()
    }
}

impl Vault {
    /// Looks at the vault of a data folder; it stays locked. A damaged one is a status, not an error.
    ///
    /// # Errors
    /// Its files cannot be read, or a newer version of the program made it.
    pub fn open(place: Place) -> Result<Self> {
        let slots = Slots::new(&place.data, STEM);
        let vault = Self { place, slots, inner: Mutex::default() };
        let held = vault.read()?;
        let mut inner = vault.lock_inner();
        inner.tries = held.book().map(|book| vault.tries(book));
        inner.held = held;
        drop(inner);
        Ok(vault)
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        let mut inner = self.lock_inner();
        let wait = inner.tries.as_mut().map_or(Duration::ZERO, |tries| tries.wait((self.place.clock)()));
        let book = inner.held.book();
        Status {
            exists: !matches!(inner.held, Held::Missing),
            damaged: matches!(inner.held, Held::Damaged),
            open: matches!(inner.held, Held::Open(..)),
            passphrase: book.is_some_and(|book| book.wrap.is_some()),
            here: book.is_some_and(|book| self.here(book).is_some_and(|here| here.has_key())),
            secrets: if let Held::Open(book, _) = &inner.held { book.records.len() } else { 0 },
            wait,
            warning: inner.warning,
        }
    }

    /// Makes a vault, open from the start.
    ///
    /// # Errors
    /// [`VaultError::Exists`], [`VaultError::Weak`]; [`VaultError::NoWayIn`] with neither a passphrase nor this PC;
    /// [`VaultError::NoPlaceHere`]; the files.
    pub fn create(&self, passphrase: Option<&str>, here: bool) -> Result<()> {
        let mut inner = self.lock_inner();
        if !matches!(inner.held, Held::Missing) {
            return Err(VaultError::Exists);
        }
        if passphrase.is_none() && !here {
            return Err(VaultError::NoWayIn);
        }
        let (mut book, key) = (Book::new(), VaultKey::random()?);
        book.wrap = passphrase.map(|typed| self.wrap(&book, &key, typed)).transpose()?;
        if here {
            self.here(&book).ok_or(VaultError::NoPlaceHere)?.keep_key(key.expose())?;
        }
        inner.tries = Some(self.tries(&book));
        let written = self.write(&mut inner, book, key, Slots::write);
        if written.is_err() {
            inner.tries = None;
        }
        written
    }

    /// Opens it with the passphrase.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`]; [`VaultError::TooSoon`], and then nothing was tried; the files.
    pub fn unlock(&self, typed: &str) -> Result<()> {
        let now = (self.place.clock)();
        let mut inner = self.lock_inner();
        let Inner { held, tries, .. } = &mut *inner;
        let Held::Locked(locked) = held else { return if matches!(held, Held::Open(..)) { Ok(()) } else { Err(held.why_not()) } };
        let wrap = locked.book.wrap.as_ref().ok_or(VaultError::NoWayIn)?;
        if let Some(tries) = tries {
            let wait = tries.wait(now);
            if !wait.is_zero() {
                return Err(VaultError::TooSoon { wait });
            }
            tries.spend(now);
        }
        let key = wrap.open(&locked.book.id, passphrase::normalized(typed).as_bytes())?;
        let Some(key) = key else {
            let wait = tries.as_mut().map_or(Duration::ZERO, |tries| tries.wait(now));
            return Err(VaultError::WrongPassphrase { wait });
        };
        if let Some(tries) = tries {
            tries.clear();
        }
        self.adopt(&mut inner, key)
    }

    /// Opens it with the copy of its key on this PC. False when there is none that fits.
    ///
    /// # Errors
    /// The vault is damaged or was changed without its key.
    pub fn unlock_here(&self) -> Result<bool> {
        let mut inner = self.lock_inner();
        let Held::Locked(locked) = &inner.held else { return Ok(matches!(inner.held, Held::Open(..))) };
        let Some(bytes) = self.here(&locked.book).and_then(|here| here.key()) else { return Ok(false) };
        let key = VaultKey::new(&bytes)?;
        self.adopt(&mut inner, key).map(|()| true)
    }

    /// Forgets the key. What was read from the vault before is the reader's to forget.
    pub fn lock(&self) {
        let mut inner = self.lock_inner();
        if matches!(inner.held, Held::Open(..)) {
            // Read again, because another program may have changed the folder since; what cannot be read is told when it is opened.
            inner.held = self.read().unwrap_or(Held::Damaged);
        }
    }

    /// A secret by its name.
    ///
    /// # Errors
    /// [`VaultError::Missing`], [`VaultError::Locked`], [`VaultError::Damaged`].
    pub fn get(&self, name: &str) -> Result<Option<Zeroizing<String>>> {
        self.lock_inner().held.opened().and_then(|(book, key)| book.get(key, name))
    }

    /// The names of all secrets.
    ///
    /// # Errors
    /// As [`Vault::get`].
    pub fn names(&self) -> Result<Vec<String>> {
        self.lock_inner().held.opened().and_then(|(book, key)| book.names(key))
    }

    /// Keeps a secret, in the place of an older one of its name. Kept means: read back from the disk.
    ///
    /// # Errors
    /// As [`Vault::get`], and the files; nothing has changed then.
    pub fn put(&self, name: &str, value: &str) -> Result<()> {
        self.change(Slots::write, |book, key, edition| book.put(key, edition, name, value).map(|()| true))
    }

    /// Removes a secret from both slots. One that is not there is no error.
    ///
    /// # Errors
    /// As [`Vault::put`].
    pub fn remove(&self, name: &str) -> Result<()> {
        self.change(Slots::write_both, |book, key, _| book.remove(key, name))
    }

    /// Sets another passphrase, or the first one; none removes it. No record is encrypted anew, and nothing of the old
    /// passphrase is left in either slot.
    ///
    /// # Errors
    /// [`VaultError::Weak`]; [`VaultError::NoWayIn`] when it is removed and this PC does not open the vault; as [`Vault::put`].
    pub fn set_passphrase(&self, typed: Option<&str>) -> Result<()> {
        self.change(Slots::write_both, |book, key, _| {
            if typed.is_none() && !self.opens_here(book, key) {
                return Err(VaultError::NoWayIn);
            }
            book.wrap = typed.map(|typed| self.wrap(book, key, typed)).transpose()?;
            Ok(true)
        })
    }

    /// Has this PC open the vault by itself, or no longer.
    ///
    /// # Errors
    /// [`VaultError::NoWayIn`] without a passphrase; [`VaultError::NoPlaceHere`]; the files.
    pub fn set_here(&self, wanted: bool) -> Result<()> {
        let inner = self.lock_inner();
        let (book, key) = inner.held.opened()?;
        let here = self.here(book).ok_or(VaultError::NoPlaceHere)?;
        if wanted {
            return here.keep_key(key.expose());
        }
        if book.wrap.is_none() { Err(VaultError::NoWayIn) } else { here.forget_key() }
    }

    /// Removes the vault and everything in it: a forgotten passphrase leaves no other way. A damaged one is put aside.
    ///
    /// # Errors
    /// The files.
    pub fn destroy(&self) -> Result<()> {
        let mut inner = self.lock_inner();
        if matches!(inner.held, Held::Damaged) {
            self.put_aside()?;
        }
        self.slots.remove()?;
        if let Some(tries) = &mut inner.tries {
            tries.clear();
        }
        if let Some(here) = inner.held.book().and_then(|book| self.here(book)) {
            here.forget()?;
        }
        *inner = Inner::default();
        Ok(())
    }

    fn change(
        &self,
        write: fn(&Slots, &[u8]) -> piaoxia_files::Result<u64>,
        edit: impl FnOnce(&mut Book, &VaultKey, u64) -> Result<bool>,
    ) -> Result<()> {
        let mut inner = self.lock_inner();
        let (book, key) = inner.held.opened()?;
        let mut next = book.clone();
        let edition = next.edition + 1;
        if !edit(&mut next, key, edition)? {
            return Ok(());
        }
        let key = VaultKey::new(key.expose())?;
        self.write(&mut inner, next, key, write)
    }

    /// Writes the next edition; only then does it count.
    fn write(
        &self,
        inner: &mut Inner,
        mut book: Book,
        key: Box<VaultKey>,
        write: fn(&Slots, &[u8]) -> piaoxia_files::Result<u64>,
    ) -> Result<()> {
        book.edition += 1;
        write(&self.slots, &book.to_bytes(&key)?)?;
        self.note_edition(&book);
        inner.held = Held::Open(book, key);
        Ok(())
    }

    /// Takes a key that fits: checks the seal, mends the other slot, remembers what was seen.
    fn adopt(&self, inner: &mut Inner, key: Box<VaultKey>) -> Result<()> {
        let Held::Locked(locked) = &inner.held else { return Err(inner.held.why_not()) };
        if !is_genuine(&locked.bytes, &key) {
            return Err(VaultError::Damaged("it was changed without its key"));
        }
        let seen = self.here(&locked.book).map(|here| here.seen()).unwrap_or_default();
        let warning = if locked.book.edition < seen.edition {
            Some(Warning::Older)
        } else if locked.mended {
            self.mend(&locked.bytes);
            Some(Warning::Mended)
        } else {
            None
        };
        let book = locked.book.clone();
        self.note_edition(&book);
        inner.held = Held::Open(book, key);
        inner.warning = warning;
        Ok(())
    }

    /// Somebody may be able to read more of it than this program.
    fn put_aside(&self) -> Result<()> {
        for file in self.slots.files() {
            let bytes = std::fs::read(file).map_err(|error| FilesError::from_io(file, error))?;
            durable_write(&file.with_added_extension("damaged"), &bytes)?;
        }
        Ok(())
    }

    fn mend(&self, bytes: &[u8]) {
        if let Err(error) = self.slots.write(bytes) {
            tracing::warn!(%error, "the second slot of the vault cannot be written again");
        }
    }

    fn note_edition(&self, book: &Book) {
        let Some(here) = self.here(book) else { return };
        let seen = here.seen();
        if seen.edition != book.edition
            && let Err(error) = here.note(Seen { edition: book.edition, ..seen })
        {
            tracing::warn!(%error, "this PC cannot remember what it saw of the vault");
        }
    }

    fn wrap(&self, book: &Book, key: &VaultKey, typed: &str) -> Result<Wrap> {
        passphrase::check(typed).map_err(VaultError::Weak)?;
        let cost = self.place.cost.unwrap_or_else(Cost::calibrated);
        Wrap::new(&book.id, key, passphrase::normalized(typed).as_bytes(), cost)
    }

    fn read(&self) -> Result<Held> {
        match self.slots.read()? {
            Slot::Fresh => Ok(Held::Missing),
            Slot::Damaged => Ok(Held::Damaged),
            Slot::Whole { content, both, .. } => match Book::from_bytes(&content) {
                Ok(book) => Ok(Held::Locked(Box::new(Locked { book, bytes: content, mended: !both }))),
                Err(VaultError::Damaged(why)) => {
                    tracing::error!(why, "the vault is whole on the disk and makes no sense");
                    Ok(Held::Damaged)
                }
                Err(other) => Err(other),
            },
        }
    }

    fn here(&self, book: &Book) -> Option<Here> {
        // A copy inside the data folder would travel with the data.
        let folder = self.place.here.as_ref().filter(|folder| !folder.starts_with(&self.place.data))?;
        Some(Here::new(folder, &book.id))
    }

    /// This PC has a copy of the key that this user can read: a file alone opens nothing.
    fn opens_here(&self, book: &Book, key: &VaultKey) -> bool {
        self.here(book).and_then(|here| here.key()).is_some_and(|kept| *kept == *key.expose())
    }

    fn tries(&self, book: &Book) -> Tries {
        Tries::new(&self.place.data, self.here(book))
    }

    fn lock_inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn book(&self) -> Option<&Book> {
        match self {
            Self::Locked(locked) => Some(&locked.book),
            Self::Open(book, _) => Some(book),
            Self::Missing | Self::Damaged => None,
        }
    }

    fn opened(&self) -> Result<(&Book, &VaultKey)> {
        if let Self::Open(book, key) = self { Ok((book, key)) } else { Err(self.why_not()) }
    }

    fn why_not(&self) -> VaultError {
        match self {
            Self::Missing => VaultError::Missing,
            Self::Damaged => VaultError::Damaged("neither of its slots is whole"),
            Self::Locked(_) | Self::Open(..) => VaultError::Locked,
        }
    }
}
