//! Signature values that were damaged or made to harm.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

mod kit;

use kit::*;
use piaoxia_seals::{Check, Outcome, Trust};

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}

/// The most memory that this process ever held, KiB; none where the system does not say.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn put(files: &Files, value: Vec<u8>) -> Files {
    let mut files = files.clone();
    files.insert(VALUE.to_owned(), value);
    files
}

/// Whether every check holds but that of the chain, which is left out: it would only hide what the others miss.
fn holds(files: &Files, value: Vec<u8>) -> bool {
    not_held(&findings(&put(files, value), &Trust::default())).iter().all(|(check, _)| *check == Check::Chain)
}

#[test]
fn no_flipped_byte_of_a_value_is_proved() {
    let cast = Cast::new();
    for version in [1, 4] {
        let mut files = sealed(&cast, &Order { version, ..Order::default() });
        // Without the seal's own file the value must stand by itself.
        files.remove(&format!("{SIGN}Seal.esl"));
        let value = files[VALUE].clone();
        assert!(holds(&files, value.clone()));
        for at in 0..value.len() {
            let mut flipped = value.clone();
            flipped[at] ^= [0x01, 0x80, 0xFF][at % 3];
            assert!(!holds(&files, flipped), "version {version}, byte {at}");
        }
    }
}

#[test]
fn no_flipped_byte_of_signed_data_is_proved() {
    let cast = Cast::new();
    let files = sealed(&cast, &Order::default());
    let file = &files[&format!("{SIGN}Signature.xml")];
    for attributes in [false, true] {
        let value = cast.signer.signed_data(&kit::sm3(file), true, attributes);
        // The certificate is not in a seal's list here: the chain alone proves it.
        let holds = |value| examined(&put(&files, value)).outcome(&cast.trust()) == Some(Outcome::Pass);
        assert!(holds(value.clone()));
        let mut unproved = 0;
        for at in 0..value.len() {
            let mut flipped = value.clone();
            flipped[at] ^= 0x01;
            unproved += usize::from(!holds(flipped));
        }
        // Versions, the set of digest algorithms and the name of a digest carry nothing that is relied on.
        assert!(unproved + 40 > value.len(), "{unproved} of {}", value.len());
    }
}

#[test]
fn a_value_cut_at_any_place_is_never_proved() {
    let cast = Cast::new();
    let files = sealed(&cast, &Order::default());
    let value = &files[VALUE];
    for length in 0..value.len() {
        let mut files = files.clone();
        files.insert(VALUE.to_owned(), value[..length].to_vec());
        let found = findings(&files, &cast.trust());
        assert_eq!(finding(&found, Check::Signature).0, Outcome::Fail, "{length}");
    }
}

#[test]
fn thousands_of_mutations_neither_panic_nor_pass_nor_take_memory() {
    let cast = Cast::new();
    let mut dice = Dice(20_260_519);
    let mut seeds: Vec<Vec<u8>> =
        [1, 4, 5].map(|version| sealed(&cast, &Order { version, time_stamp: version == 5, ..Order::default() })[VALUE].clone()).into();
    let files = sealed(&cast, &Order::default());
    seeds.push(cast.signer.signed_data(&kit::sm3(&files[&format!("{SIGN}Signature.xml")]), true, true));
    let before = peak();
    for round in 0..4_000 {
        let mut value = seeds[round % seeds.len()].clone();
        for _ in 0..=dice.below(4) {
            mutate(&mut value, &mut dice);
        }
        if !seeds.contains(&value) {
            // A flip may fall into what carries nothing; a whole pass needs the untouched signature and seal.
            let passed = holds(&files, value.clone());
            assert!(!passed || value.len() == seeds[3].len(), "round {round}");
        }
    }
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after - before < 64 * 1024, "{before} KiB grew to {after} KiB");
    }
}

/// One change of the kinds that break readers: bits, lengths, cuts, repetition, and a value's head in another place.
fn mutate(value: &mut Vec<u8>, dice: &mut Dice) {
    if value.is_empty() {
        return;
    }
    let at = dice.below(value.len());
    match dice.below(7) {
        0 => value[at] ^= 1 << dice.below(8),
        1 => value[at] = [0x00, 0x7F, 0x80, 0x81, 0x84, 0x88, 0xFF][dice.below(7)],
        2 => value.truncate(at),
        3 => {
            let end = (at + dice.below(64)).min(value.len());
            value.drain(at..end);
        }
        4 => {
            let piece = value[at..(at + dice.below(64)).min(value.len())].to_vec();
            let to = dice.below(value.len());
            value.splice(to..to, piece);
        }
        5 => {
            let head = [0x30, 0x84, dice.below(256) as u8, dice.below(256) as u8, 0xFF, 0xFF];
            value.splice(at..at, head);
        }
        _ => {
            let wrapped: Vec<u8> = std::iter::repeat_n([0x30, 0x82, 0x10, 0x00], 1 + dice.below(200)).flatten().collect();
            value.splice(at..at, wrapped);
        }
    }
}

#[test]
fn mutated_lists_and_manifests_neither_panic_nor_pass() {
    let cast = Cast::new();
    let whole = sealed(&cast, &Order::default());
    let mut dice = Dice(7);
    for path in ["OFD.xml", LIST, &format!("{SIGN}Signature.xml")] {
        for _ in 0..400 {
            let mut files = whole.clone();
            let mut bytes = files[path].clone();
            mutate(&mut bytes, &mut dice);
            files.insert(path.to_owned(), bytes);
            let outcome = examined(&files).outcome(&cast.trust());
            // Neither the head nor the list is signed; the manifest is.
            assert!(outcome != Some(Outcome::Pass) || path != format!("{SIGN}Signature.xml") || files == whole);
        }
    }
}

#[test]
fn a_manifest_of_very_many_parts_is_read_in_one_pass() {
    let cast = Cast::new();
    let mut files = plain();
    let part = "Doc_0/Document.xml";
    let parts = vec![part; 9_000];
    let signature = manifest(&files, &parts, SIGN, SM3);
    files.insert(LIST.to_owned(), list(&entry(0), "1"));
    files.insert(VALUE.to_owned(), Order::default().value(&cast, &signature));
    files.insert(format!("{SIGN}Signature.xml"), signature);
    let found = findings(&files, &cast.trust());
    assert_eq!(finding(&found, Check::Digests).0, Outcome::Pass);
}
