//! What is written: a head, the records, a seal over both.
//!
//! ```text
//! "PXVAULT1"  vault id 16  edition u64  has passphrase u8
//!   with one: algorithm u8  memory u32  passes u32  salt 32  nonce 24  wrapped key 48
//! count u32
//!   each: id 16  edition u64  algorithm u8  nonce 24  length u32  ciphertext
//! seal 32 (HMAC-SHA256 over everything before it)
//! ```
//! Numbers are little-endian. The plain text of a record is its name and its value, each behind a u16 of its length, then
//! zeros up to a multiple of 64 bytes, so that the length of a password is not told.

use zeroize::Zeroizing;

use crate::cost::{Cost, KEY, SALT};
use crate::crypt::{self, ID, NONCE, SEAL, VaultKey, XCHACHA20_POLY1305};
use crate::error::{Result, VaultError};

const FORMAT: &[u8; 8] = b"PXVAULT1";
/// A wrapped key: the key and its tag.
const WRAPPED: usize = KEY + 16;
const PADDING: usize = 64;

/// Everything in a vault, as it is on the disk: readable without a key, understandable with one only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Book {
    pub id: [u8; ID],
    /// Goes up with each change, so that an older vault that was put back is known.
    pub edition: u64,
    pub wrap: Option<Wrap>,
    pub records: Vec<Record>,
}

/// The vault key under a passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrap {
    cost: Cost,
    salt: [u8; SALT],
    nonce: [u8; NONCE],
    sealed: [u8; WRAPPED],
}

/// One secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    id: [u8; ID],
    edition: u64,
    nonce: [u8; NONCE],
    sealed: Vec<u8>,
}

/// A record that was opened.
pub(crate) struct Entry {
    pub name: String,
    pub value: Zeroizing<String>,
}

impl Wrap {
    /// Takes as long as `cost` says.
    pub(crate) fn new(vault: &[u8; ID], key: &VaultKey, passphrase: &[u8], cost: Cost) -> Result<Self> {
        cost.check()?;
        let salt: [u8; SALT] = rand::random();
        let under = cost.stretch(passphrase, &salt)?;
        let (nonce, sealed) = crypt::encrypt(&under, key.expose(), &bound(vault, cost, &salt))?;
        let sealed = sealed.try_into().map_err(|_| VaultError::Refused("a wrapped key has another length"))?;
        Ok(Self { cost, salt, nonce, sealed })
    }

    /// None for a wrong passphrase.
    pub(crate) fn open(&self, vault: &[u8; ID], passphrase: &[u8]) -> Result<Option<Box<VaultKey>>> {
        self.cost.check()?;
        let under = self.cost.stretch(passphrase, &self.salt)?;
        let Some(plain) = crypt::decrypt(&under, &self.nonce, &self.sealed, &bound(vault, self.cost, &self.salt)) else {
            return Ok(None);
        };
        let mut key = Zeroizing::new([0; KEY]);
        if plain.len() != KEY {
            return Err(VaultError::Damaged("the wrapped key has another length"));
        }
        key.copy_from_slice(&plain);
        VaultKey::new(&key).map(Some)
    }
}

/// A wrapped key fits its own vault and its own costs only. Not its edition: a change of a record keeps it as it is.
fn bound(vault: &[u8; ID], cost: Cost, salt: &[u8; SALT]) -> Vec<u8> {
    [FORMAT.as_slice(), vault, &[XCHACHA20_POLY1305], &cost.memory.to_le_bytes(), &cost.passes.to_le_bytes(), salt].concat()
}

impl Record {
    fn new(vault: &[u8; ID], edition: u64, key: &VaultKey, name: &str, value: &str) -> Result<Self> {
        let id = key.id_of(name)?;
        let plain = plain_of(name, value)?;
        let (nonce, sealed) = key.encrypt(&plain, &bound_record(vault, &id, edition))?;
        Ok(Self { id, edition, nonce, sealed })
    }

    fn open(&self, vault: &[u8; ID], key: &VaultKey) -> Result<Entry> {
        let plain = key.decrypt(&self.nonce, &self.sealed, &bound_record(vault, &self.id, self.edition));
        let entry = plain.as_deref().and_then(|plain| entry_of(plain)).ok_or(VaultError::Damaged("a record cannot be decrypted"))?;
        // A record under another name's id would be somebody else's secret.
        if key.id_of(&entry.name)? == self.id { Ok(entry) } else { Err(VaultError::Damaged("a record has another's id")) }
    }
}

fn bound_record(vault: &[u8; ID], id: &[u8; ID], edition: u64) -> Vec<u8> {
    [FORMAT.as_slice(), vault, id, &edition.to_le_bytes(), &[XCHACHA20_POLY1305]].concat()
}

fn plain_of(name: &str, value: &str) -> Result<Zeroizing<Vec<u8>>> {
    let mut plain = Zeroizing::new(Vec::with_capacity((name.len() + value.len() + 4).next_multiple_of(PADDING)));
    for text in [name, value] {
        let length = u16::try_from(text.len()).map_err(|_| VaultError::Refused("a secret is longer than 64 KiB"))?;
        plain.extend_from_slice(&length.to_le_bytes());
        plain.extend_from_slice(text.as_bytes());
    }
    let length = plain.len().next_multiple_of(PADDING);
    plain.resize(length, 0);
    Ok(plain)
}

fn entry_of(plain: &[u8]) -> Option<Entry> {
    let mut reader = Reader(plain);
    let mut text = || {
        let length = usize::from(u16::from_le_bytes(reader.array()?));
        std::str::from_utf8(reader.take(length)?).ok().map(str::to_owned)
    };
    Some(Entry { name: text()?, value: Zeroizing::new(text()?) })
}

impl Book {
    pub(crate) fn new() -> Self {
        Self { id: rand::random(), edition: 0, wrap: None, records: Vec::new() }
    }

    /// Puts a secret in, in the place of an older one of the same name. `edition` is the one that is about to be written.
    pub(crate) fn put(&mut self, key: &VaultKey, edition: u64, name: &str, value: &str) -> Result<()> {
        let record = Record::new(&self.id, edition, key, name, value)?;
        self.records.retain(|other| other.id != record.id);
        self.records.push(record);
        Ok(())
    }

    /// True when there was one.
    pub(crate) fn remove(&mut self, key: &VaultKey, name: &str) -> Result<bool> {
        let (id, before) = (key.id_of(name)?, self.records.len());
        self.records.retain(|record| record.id != id);
        Ok(self.records.len() < before)
    }

    pub(crate) fn get(&self, key: &VaultKey, name: &str) -> Result<Option<Zeroizing<String>>> {
        let id = key.id_of(name)?;
        self.records.iter().find(|record| record.id == id).map(|record| Ok(record.open(&self.id, key)?.value)).transpose()
    }

    /// The names of everything in it.
    pub(crate) fn names(&self, key: &VaultKey) -> Result<Vec<String>> {
        self.records.iter().map(|record| Ok(record.open(&self.id, key)?.name)).collect()
    }

    /// The bytes for the disk, sealed.
    pub(crate) fn to_bytes(&self, key: &VaultKey) -> Result<Vec<u8>> {
        let mut bytes = [FORMAT.as_slice(), &self.id, &self.edition.to_le_bytes(), &[u8::from(self.wrap.is_some())]].concat();
        if let Some(wrap) = &self.wrap {
            bytes.push(XCHACHA20_POLY1305);
            bytes.extend_from_slice(&wrap.cost.memory.to_le_bytes());
            bytes.extend_from_slice(&wrap.cost.passes.to_le_bytes());
            [wrap.salt.as_slice(), &wrap.nonce, &wrap.sealed].iter().for_each(|part| bytes.extend_from_slice(part));
        }
        bytes.extend_from_slice(&count(self.records.len())?);
        for record in &self.records {
            bytes.extend_from_slice(&record.id);
            bytes.extend_from_slice(&record.edition.to_le_bytes());
            bytes.push(XCHACHA20_POLY1305);
            bytes.extend_from_slice(&record.nonce);
            bytes.extend_from_slice(&count(record.sealed.len())?);
            bytes.extend_from_slice(&record.sealed);
        }
        let seal = key.seal(&[&bytes])?;
        bytes.extend_from_slice(&seal);
        Ok(bytes)
    }

    /// Reads bytes of the disk. Nothing of it is to be believed before [`is_genuine`] says so.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let cut = VaultError::Damaged("it ends too early");
        let Some(body) = bytes.strip_prefix(FORMAT) else {
            return Err(if bytes.starts_with(b"PXVAULT") {
                VaultError::Refused("a newer version of the program made it")
            } else {
                VaultError::Damaged("it does not begin like a vault")
            });
        };
        let body = body.split_last_chunk::<SEAL>().map(|(body, _)| body).ok_or(cut)?;
        let mut reader = Reader(body);
        let book = read_book(&mut reader)?.ok_or(VaultError::Damaged("it ends too early"))?;
        if reader.0.is_empty() { Ok(book) } else { Err(VaultError::Damaged("something follows its end")) }
    }
}

/// True when these bytes were written with this key, and nothing was changed since.
pub(crate) fn is_genuine(bytes: &[u8], key: &VaultKey) -> bool {
    bytes.split_last_chunk::<SEAL>().is_some_and(|(body, seal)| key.is_sealed(&[body], seal))
}

fn count(number: usize) -> Result<[u8; 4]> {
    u32::try_from(number).map(u32::to_le_bytes).map_err(|_| VaultError::Refused("it holds too much"))
}

/// None where the bytes end too early.
fn read_book(reader: &mut Reader<'_>) -> Result<Option<Book>> {
    let Some((id, edition, wrapped)) = read_head(reader) else { return Ok(None) };
    let wrap = match wrapped {
        0 => None,
        1 => match read_wrap(reader)? {
            Some(wrap) => Some(wrap),
            None => return Ok(None),
        },
        _ => return Err(VaultError::Damaged("its head says something impossible")),
    };
    let Some(number) = reader.array().map(u32::from_le_bytes) else { return Ok(None) };
    let mut records = Vec::new();
    for _ in 0..number {
        match read_record(reader)? {
            Some(record) => records.push(record),
            None => return Ok(None),
        }
    }
    Ok(Some(Book { id, edition, wrap, records }))
}

fn read_head(reader: &mut Reader<'_>) -> Option<([u8; ID], u64, u8)> {
    Some((reader.array()?, u64::from_le_bytes(reader.array()?), u8::from_le_bytes(reader.array()?)))
}

fn read_wrap(reader: &mut Reader<'_>) -> Result<Option<Wrap>> {
    let mut wrap = || {
        let algorithm = u8::from_le_bytes(reader.array()?);
        let memory = u32::from_le_bytes(reader.array()?);
        let passes = u32::from_le_bytes(reader.array()?);
        let (salt, nonce, sealed) = (reader.array()?, reader.array()?, reader.array()?);
        Some((algorithm, Wrap { cost: Cost { memory, passes }, salt, nonce, sealed }))
    };
    wrap().map(|(algorithm, wrap)| known(algorithm).and_then(|()| wrap.cost.check()).map(|()| wrap)).transpose()
}

fn read_record(reader: &mut Reader<'_>) -> Result<Option<Record>> {
    let mut record = || {
        let (id, edition) = (reader.array()?, u64::from_le_bytes(reader.array()?));
        let (algorithm, nonce) = (u8::from_le_bytes(reader.array()?), reader.array()?);
        let length = u32::from_le_bytes(reader.array()?) as usize;
        Some((algorithm, Record { id, edition, nonce, sealed: reader.take(length)?.to_vec() }))
    };
    record().map(|(algorithm, record)| known(algorithm).map(|()| record)).transpose()
}

fn known(algorithm: u8) -> Result<()> {
    if algorithm == XCHACHA20_POLY1305 { Ok(()) } else { Err(VaultError::Refused("a newer version of the program encrypted it")) }
}

/// Bytes that are taken from the front; none where too few are left.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
}
