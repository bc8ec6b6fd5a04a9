//! Looks for canaries in the memory of another process, as whoever may read it would.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

use memchr::memmem::Finder;

use crate::canary::Canary;

const CHUNK: usize = 1 << 20;
/// Longer than any writing: what lies over the edge of two chunks is found in the next one.
const OVERLAP: usize = 512;

/// What a search came to.
pub struct Found {
    /// MiB that could be read.
    pub searched: usize,
    /// By canary and writing: what stands around each hit, which tells whose buffer it is.
    pub hits: BTreeMap<(String, &'static str), Vec<String>>,
}

impl Found {
    /// All hits of one canary.
    pub fn writings(&self) -> Vec<&'static str> {
        self.hits.keys().map(|(_, writing)| *writing).collect()
    }
}

/// Reads everything that the process can read itself, but for what belongs to the system.
pub fn search<'a>(process: u32, canaries: impl Iterator<Item = (&'a str, &'a Canary)>) -> Found {
    let writings = canaries.flat_map(|(name, canary)| canary.writings().into_iter().map(move |(kind, bytes)| (name, kind, bytes)));
    let needles: Vec<_> = writings.map(|(name, kind, bytes)| (name.to_owned(), kind, Finder::new(&bytes).into_owned())).collect();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let (mut bytes, mut hits) = (0, BTreeMap::<_, Vec<String>>::new());
    let mut chunk = vec![0; CHUNK];
    for (start, end, name) in regions(process) {
        let mut at = start;
        while at < end {
            let wanted = usize::try_from(end - at).unwrap().min(CHUNK);
            // A part that is gone since, or that nobody may read.
            let Ok(read @ 1..) = memory.read_at(&mut chunk[..wanted], at) else { break };
            for (canary, kind, needle) in &needles {
                for place in needle.find_iter(&chunk[..read]) {
                    let around = around(&chunk[..read], place, needle.needle().len());
                    hits.entry((canary.clone(), *kind)).or_default().push(format!("{name}: {around}"));
                }
            }
            let step = if at + read as u64 == end || read <= OVERLAP { read } else { read - OVERLAP };
            (at, bytes) = (at + step as u64, bytes + step);
        }
    }
    Found { searched: bytes >> 20, hits }
}

fn regions(process: u32) -> Vec<(u64, u64, String)> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let region = |line: &str| {
        let mut parts = line.split_whitespace();
        let (range, rights) = (parts.next()?, parts.next()?);
        let name = parts.nth(3).unwrap_or("anonymous").to_owned();
        let (start, end) = range.split_once('-')?;
        let bounds = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
        (rights.starts_with('r') && !name.starts_with("[v")).then_some((bounds.0, bounds.1, name))
    };
    maps.lines().filter_map(region).collect()
}

fn around(bytes: &[u8], place: usize, length: usize) -> String {
    let shown = |bytes: &[u8]| bytes.iter().flat_map(|byte| std::ascii::escape_default(*byte)).map(char::from).collect::<String>();
    let (before, after) = (&bytes[place.saturating_sub(96)..place], &bytes[place + length..bytes.len().min(place + length + 96)]);
    format!("{} [here] {}", shown(before), shown(after))
}
