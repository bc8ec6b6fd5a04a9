//! The vault as its users have it: made, opened, locked, changed, lost, tampered with.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use piaoxia_files::{Slot, Slots};
use piaoxia_vault::{Cost, Place, Vault, VaultError, Warning, Weakness};
use tempfile::TempDir;

const PASSPHRASE: &str = "春江潮水连海平海";
const OTHER: &str = "海上明月共潮生-2026";

struct Desk {
    data: TempDir,
    pc: TempDir,
    now: Arc<AtomicI64>,
}

impl Desk {
    fn new() -> Self {
        Self { data: TempDir::new().unwrap(), pc: TempDir::new().unwrap(), now: Arc::new(AtomicI64::new(1_000_000)) }
    }

    fn vault(&self) -> Vault {
        self.vault_on(Some(self.pc.path()))
    }

    fn vault_on(&self, pc: Option<&Path>) -> Vault {
        let now = Arc::clone(&self.now);
        Vault::open(Place {
            data: self.data.path().to_path_buf(),
            here: pc.map(Path::to_path_buf),
            cost: Some(Cost::FLOOR),
            clock: Arc::new(move || now.load(Ordering::Relaxed)),
        })
        .unwrap()
    }

    fn slots(&self) -> Slots {
        Slots::new(self.data.path(), "vault")
    }

    fn content(&self) -> Vec<u8> {
        let Slot::Whole { content, .. } = self.slots().read().unwrap() else { panic!("no vault") };
        content
    }

    /// Of both slots.
    fn bytes(&self) -> Vec<u8> {
        self.slots().files().iter().flat_map(|file| fs::read(file).unwrap()).collect()
    }
}

fn text(vault: &Vault, name: &str) -> Option<String> {
    vault.get(name).unwrap().map(|value| value.as_str().to_owned())
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_stick_that_travels_opens_with_the_passphrase_and_at_home_by_itself() {
    let desk = Desk::new();
    let vault = desk.vault();
    assert!(matches!(vault.get("x"), Err(VaultError::Missing)));
    vault.create(Some(PASSPHRASE), true).unwrap();
    vault.put("account/1", "秘密 Passw0rd").unwrap();
    vault.put("session", "token").unwrap();
    assert_eq!(vault.status().secrets, 2);
    drop(vault);

    let elsewhere = TempDir::new().unwrap();
    let away = desk.vault_on(Some(elsewhere.path()));
    assert!(away.status().exists && away.status().passphrase && !away.status().here && !away.status().open);
    assert!(matches!(away.get("session"), Err(VaultError::Locked)));
    assert!(!away.unlock_here().unwrap());
    away.unlock(PASSPHRASE).unwrap();
    assert_eq!(text(&away, "account/1").as_deref(), Some("秘密 Passw0rd"));
    away.put("account/1", "changed away").unwrap();
    away.lock();
    assert!(matches!(away.get("session"), Err(VaultError::Locked)));
    assert_eq!(away.status().secrets, 0);
    drop(away);

    let home = desk.vault();
    assert!(home.status().here);
    assert!(home.unlock_here().unwrap());
    assert_eq!(text(&home, "account/1").as_deref(), Some("changed away"));
    assert_eq!(home.status().warning, None);
    let mut names = home.names().unwrap();
    names.sort();
    assert_eq!(names, ["account/1", "session"]);
}

#[test]
fn without_a_passphrase_only_this_pc_opens_it() {
    let desk = Desk::new();
    let vault = desk.vault();
    assert!(matches!(vault.create(None, false), Err(VaultError::NoWayIn)));
    vault.create(None, true).unwrap();
    vault.put("a", "1").unwrap();
    assert!(matches!(vault.set_here(false), Err(VaultError::NoWayIn)));
    assert!(matches!(vault.set_passphrase(None), Ok(())), "there was none");
    vault.lock();
    assert!(matches!(vault.unlock(PASSPHRASE), Err(VaultError::NoWayIn)));
    assert!(!desk.vault_on(None).unlock_here().unwrap());
    assert!(vault.unlock_here().unwrap());
    vault.set_passphrase(Some(PASSPHRASE)).unwrap();
    vault.set_here(false).unwrap();
    assert!(matches!(vault.set_passphrase(None), Err(VaultError::NoWayIn)));
    vault.lock();
    assert!(!vault.unlock_here().unwrap());
    vault.unlock(PASSPHRASE).unwrap();
    assert_eq!(text(&vault, "a").as_deref(), Some("1"));
    // A file that cannot be read as this user's key opens nothing.
    vault.set_here(true).unwrap();
    let mut files = fs::read_dir(desk.pc.path()).unwrap().map(|entry| entry.unwrap().path());
    let key = files.find(|path| path.extension().is_some_and(|end| end == "key")).unwrap();
    fs::write(key, "another user's").unwrap();
    assert!(matches!(vault.set_passphrase(None), Err(VaultError::NoWayIn)));
}

#[test]
fn a_key_inside_the_data_folder_is_refused() {
    let desk = Desk::new();
    let vault = desk.vault_on(Some(&desk.data.path().join("state")));
    assert!(matches!(vault.create(None, true), Err(VaultError::NoPlaceHere)));
    assert!(!vault.status().exists);
}

#[test]
fn nothing_of_a_secret_or_its_name_is_in_the_files() {
    let desk = Desk::new();
    let vault = desk.vault();
    vault.create(Some(PASSPHRASE), false).unwrap();
    let secrets: Vec<String> = (0..40).map(|number| format!("Canary-密码-{number:03}-Zq")).collect();
    for (number, secret) in secrets.iter().enumerate() {
        vault.put(&format!("account/name-{number}"), secret).unwrap();
    }
    for number in 0..20 {
        vault.remove(&format!("account/name-{number}")).unwrap();
    }
    let bytes = desk.bytes();
    for secret in secrets.iter().map(String::as_str).chain(["account/name", PASSPHRASE]) {
        let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(!holds(&bytes, secret.as_bytes()) && !holds(&bytes, &utf16), "{secret}");
    }
    assert_eq!(vault.status().secrets, 20);
}

#[test]
fn a_removed_secret_is_gone_from_both_slots_and_so_is_an_old_passphrase() {
    let desk = Desk::new();
    let vault = desk.vault();
    vault.create(Some(PASSPHRASE), false).unwrap();
    vault.put("a", "1").unwrap();
    let with_secret = desk.content();
    // Of the record: its id, edition, algorithm, nonce and length, up to its ciphertext.
    let record = with_secret[with_secret.len() - 32 - 64 - 16..with_secret.len() - 32].to_vec();
    assert!(holds(&desk.bytes(), &record));
    vault.remove("a").unwrap();
    assert!(!holds(&desk.bytes(), &record));

    vault.put("b", "2").unwrap();
    let before = desk.content();
    let (salt, record) = (before[8 + 16 + 8 + 1 + 9..][..32].to_vec(), before[before.len() - 32 - 80..before.len() - 32].to_vec());
    vault.set_passphrase(Some(OTHER)).unwrap();
    assert!(!holds(&desk.bytes(), &salt), "the old wrapped key is gone");
    assert!(holds(&desk.content(), &record), "the record was not encrypted anew");
    vault.lock();
    assert!(matches!(vault.unlock(PASSPHRASE), Err(VaultError::WrongPassphrase { .. })));
    vault.unlock(OTHER).unwrap();
    assert_eq!(text(&vault, "b").as_deref(), Some("2"));
}

#[test]
fn wrong_passphrases_wait_longer_and_longer_and_a_restart_does_not_help() {
    let desk = Desk::new();
    desk.vault().create(Some(PASSPHRASE), false).unwrap();
    let vault = desk.vault();
    for _ in 0..4 {
        assert!(matches!(vault.unlock("wrong one"), Err(VaultError::WrongPassphrase { wait }) if wait.is_zero()));
    }
    assert!(matches!(vault.unlock("wrong one"), Err(VaultError::WrongPassphrase { wait }) if wait == Duration::from_secs(1)));
    assert!(matches!(vault.unlock(PASSPHRASE), Err(VaultError::TooSoon { wait }) if wait == Duration::from_secs(1)));
    drop(vault);
    let again = desk.vault();
    assert_eq!(again.status().wait, Duration::from_secs(1));
    assert!(matches!(again.unlock(PASSPHRASE), Err(VaultError::TooSoon { .. })));
    desk.now.fetch_add(1, Ordering::Relaxed);
    assert!(matches!(again.unlock("wrong one"), Err(VaultError::WrongPassphrase { wait }) if wait == Duration::from_secs(2)));
    desk.now.fetch_add(2, Ordering::Relaxed);
    again.unlock(PASSPHRASE).unwrap();
    assert!(again.status().wait.is_zero());
}

#[test]
fn weak_passphrases_are_refused_and_change_nothing() {
    let desk = Desk::new();
    let vault = desk.vault();
    assert!(matches!(vault.create(Some("12345678"), true), Err(VaultError::Weak(Weakness::Common))));
    assert!(!vault.status().exists);
    vault.create(Some(PASSPHRASE), true).unwrap();
    assert!(matches!(vault.set_passphrase(Some("short")), Err(VaultError::Weak(Weakness::TooShort))));
    vault.lock();
    vault.unlock(PASSPHRASE).unwrap();
}

#[test]
fn an_older_vault_that_was_put_back_is_told() {
    let desk = Desk::new();
    let vault = desk.vault();
    vault.create(Some(PASSPHRASE), true).unwrap();
    vault.put("a", "yesterday").unwrap();
    let yesterday: Vec<_> = desk.slots().files().iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect();
    vault.put("a", "today").unwrap();
    vault.put("a", "later today").unwrap();
    drop(vault);
    yesterday.iter().for_each(|(file, bytes)| fs::write(file, bytes).unwrap());
    let vault = desk.vault();
    assert!(vault.unlock_here().unwrap());
    assert_eq!(vault.status().warning, Some(Warning::Older));
    assert_eq!(text(&vault, "a").as_deref(), Some("yesterday"));
    // It was said once; from now on this is the vault.
    vault.put("a", "new").unwrap();
    let again = desk.vault();
    assert!(again.unlock_here().unwrap());
    assert_eq!(again.status().warning, None);
}

#[test]
fn a_torn_slot_costs_nothing_and_is_mended() {
    let desk = Desk::new();
    let vault = desk.vault();
    vault.create(None, true).unwrap();
    vault.put("a", "1").unwrap();
    vault.put("a", "2").unwrap();
    drop(vault);
    let Slot::Whole { sequence, .. } = desk.slots().read().unwrap() else { panic!("no vault") };
    let older = desk.slots().files().iter().find(|file| fs::read(file).unwrap()[8..16] != sequence.to_le_bytes()).unwrap().clone();
    fs::write(&older, b"torn").unwrap();
    let vault = desk.vault();
    assert!(vault.unlock_here().unwrap());
    assert_eq!((vault.status().warning, text(&vault, "a").as_deref()), (Some(Warning::Mended), Some("2")));
    assert!(matches!(desk.slots().read().unwrap(), Slot::Whole { both: true, .. }));
}

#[test]
fn both_slots_gone_bad_is_said_and_a_new_vault_can_be_made() {
    let desk = Desk::new();
    desk.vault().create(Some(PASSPHRASE), true).unwrap();
    desk.slots().files().iter().for_each(|file| fs::write(file, b"not a slot").unwrap());
    let vault = desk.vault();
    assert!(vault.status().damaged && vault.status().exists);
    assert!(matches!(vault.unlock(PASSPHRASE), Err(VaultError::Damaged(_))));
    assert!(matches!(vault.create(Some(PASSPHRASE), true), Err(VaultError::Exists)));
    vault.destroy().unwrap();
    assert!(fs::read_dir(desk.data.path()).unwrap().flatten().any(|entry| fs::read(entry.path()).unwrap() == b"not a slot"), "put aside");
    vault.create(Some(OTHER), false).unwrap();
    vault.put("a", "1").unwrap();
}

#[test]
fn destroying_leaves_nothing_here_or_there() {
    let desk = Desk::new();
    let vault = desk.vault();
    vault.create(Some(PASSPHRASE), true).unwrap();
    vault.put("a", "1").unwrap();
    vault.destroy().unwrap();
    assert_eq!(fs::read_dir(desk.data.path()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(desk.pc.path()).unwrap().count(), 0);
    assert!(!desk.vault().status().exists);
}

/// Whoever changes the vault has no key; the checksum of a slot he can make anew.
#[test]
fn every_changed_byte_and_every_cut_is_refused() {
    let desk = Desk::new();
    let vault = desk.vault();
    vault.create(Some(PASSPHRASE), true).unwrap();
    vault.put("a", "1").unwrap();
    vault.put("bb", "22").unwrap();
    let good = desk.content();
    let refused = |content: &[u8]| {
        desk.slots().write_both(content).unwrap();
        match Vault::open(Place { data: desk.data.path().into(), here: Some(desk.pc.path().into()), cost: None, clock: Arc::new(|| 0) }) {
            Err(VaultError::Refused(_)) => true,
            Err(other) => panic!("{other}"),
            // Another id has no key on this PC.
            Ok(vault) => vault.status().damaged || !matches!(vault.unlock_here(), Ok(true)),
        }
    };
    for at in 0..good.len() {
        for bit in [0x01, 0x80] {
            let mut changed = good.clone();
            changed[at] ^= bit;
            assert!(refused(&changed), "byte {at}");
        }
        assert!(refused(&good[..at]), "cut at {at}");
    }
    assert!(refused(&[good.as_slice(), &[0]].concat()));
    assert!(!refused(&good), "as it was it opens");
}

#[test]
fn records_cannot_change_places_or_come_from_another_vault() {
    let (desk, foreign) = (Desk::new(), Desk::new());
    for desk in [&desk, &foreign] {
        let vault = desk.vault();
        vault.create(None, true).unwrap();
        vault.put("a", "1").unwrap();
        vault.put("b", "2").unwrap();
    }
    // The last two records have the same length; each ends before the seal.
    let record = |content: &[u8], back: usize| {
        let length = 16 + 8 + 1 + 24 + 4 + 80;
        let end = content.len() - 32 - back * length;
        (end - length, end)
    };
    let good = desk.content();
    let ((first, first_end), (second, second_end)) = (record(&good, 1), record(&good, 0));
    let mut swapped = good.clone();
    swapped[first..first_end].copy_from_slice(&good[second..second_end]);
    swapped[second..second_end].copy_from_slice(&good[first..first_end]);
    let mut taken = good.clone();
    taken[second..second_end].copy_from_slice(&foreign.content()[second..second_end]);
    let mut twice = good.clone();
    twice[first..first_end].copy_from_slice(&good[second..second_end]);
    for forged in [swapped, taken, twice] {
        desk.slots().write_both(&forged).unwrap();
        assert!(matches!(desk.vault().unlock_here(), Err(VaultError::Damaged(_))));
    }
}
