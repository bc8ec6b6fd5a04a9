//! Canaries: secrets that are known, so that they can be looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;

/// What canaries are kept under, so that whoever has them in its memory does not find itself.
const MASK: u8 = 0x5a;

/// A secret; in the clear only while it is used.
pub struct Canary {
    masked: Vec<u8>,
    /// Bytes that are no text: a key.
    raw: bool,
}

impl Canary {
    pub fn new(text: &str) -> Self {
        Self { masked: masked(text.as_bytes()), raw: false }
    }

    pub fn key(bytes: &[u8]) -> Self {
        Self { masked: masked(bytes), raw: true }
    }

    pub fn text(&self) -> String {
        String::from_utf8(masked(&self.masked)).unwrap()
    }

    /// Every way in which it might be written down: as it is, UTF-16, hex, Base64 at each of its three places, URL-encoded,
    /// GB 18030.
    pub fn writings(&self) -> Vec<(&'static str, Vec<u8>)> {
        let plain = masked(&self.masked);
        let hex: String = plain.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut all = vec![("plain", plain.clone()), ("hex", hex.to_uppercase().into_bytes()), ("hex", hex.into_bytes())];
        all.extend((0..3).map(|place| ("Base64", base64(&plain, place))));
        if !self.raw {
            let text = self.text();
            all.push(("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
            all.push(("URL-encoded", url_encoded(&plain)));
            all.push(("GB 18030", encoding_rs::GB18030.encode(&text).0.into_owned()));
        }
        let mut seen = BTreeSet::new();
        all.retain(|(_, writing)| seen.insert(writing.clone()));
        all
    }
}

/// In a text that has `place` bytes before it; what depends on the neighbours is cut off.
fn base64(plain: &[u8], place: usize) -> Vec<u8> {
    let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode([vec![0; place], plain.to_vec()].concat());
    text.as_bytes()[4 * usize::from(place > 0)..text.len() - 2].to_vec()
}

fn url_encoded(plain: &[u8]) -> Vec<u8> {
    let byte = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    plain.iter().map(byte).collect::<String>().into_bytes()
}

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// Canaries by their names.
#[derive(Default)]
pub struct Canaries(BTreeMap<String, Canary>);

impl Canaries {
    /// Puts in so many that begin alike, named `name 1` and so on.
    pub fn plant(&mut self, name: &str, count: usize, head: &str, length: usize) {
        for number in 1..=count {
            let tail = (0..length).map(|_| char::from(b'a' + rand::random::<u8>() % 26));
            self.put(format!("{name} {number}"), Canary::new(&head.chars().chain(tail).collect::<String>()));
        }
    }

    pub fn put(&mut self, name: String, canary: Canary) {
        self.0.insert(name, canary);
    }

    pub fn text(&self, name: &str) -> String {
        self.0.get(name).unwrap_or_else(|| panic!("there is no {name}")).text()
    }

    pub fn all(&self) -> impl Iterator<Item = (&str, &Canary)> {
        self.0.iter().map(|(name, canary)| (name.as_str(), canary))
    }

    pub fn only(&self, name: &str) -> impl Iterator<Item = (&str, &Canary)> {
        self.all().filter(move |(other, _)| *other == name)
    }

    /// For the process that types them.
    pub fn write(&self, path: &Path) {
        let lines = self.0.iter().map(|(name, canary)| {
            let hex: String = canary.masked.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{name}={hex}\n")
        });
        std::fs::write(path, lines.collect::<String>()).unwrap();
    }

    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let canaries = text.lines().map(|line| {
            let (name, hex) = line.split_once('=').unwrap();
            let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            (name.to_owned(), Canary { masked: (0..hex.len()).step_by(2).map(byte).collect(), raw: false })
        });
        Self(canaries.collect())
    }
}
