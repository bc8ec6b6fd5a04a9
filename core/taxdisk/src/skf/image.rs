//! For which kind of computer a library is, from its first bytes: the system's own words about that differ and are in English.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::LibraryFault;

#[cfg(target_arch = "x86_64")]
const HERE: &str = "x86_64";
#[cfg(target_arch = "aarch64")]
const HERE: &str = "aarch64";
#[cfg(target_arch = "x86")]
const HERE: &str = "x86";
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "x86")))]
const HERE: &str = std::env::consts::ARCH;

/// Whether a file is a library that this program can load.
pub(super) fn check(path: &Path) -> Result<(), LibraryFault> {
    let unreadable = |error: std::io::Error| LibraryFault::NotReadable(error.kind().to_string());
    let mut file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(LibraryFault::NotReadable("not a file".to_owned()));
    }
    let mut head = Vec::new();
    file.by_ref().take(64).read_to_end(&mut head).map_err(unreadable)?;
    let found = if cfg!(windows) { portable_executable(&mut file, &head) } else { elf(&head) };
    match found {
        None => Err(LibraryFault::NotALibrary),
        Some(found) if found == HERE => Ok(()),
        Some(found) => Err(LibraryFault::Architecture { found: found.to_owned(), needed: HERE.to_owned() }),
    }
}

/// ELF of little-endian machines: class, type (a shared object) and machine.
fn elf(head: &[u8]) -> Option<&'static str> {
    let [0x7F, b'E', b'L', b'F', class @ (1 | 2), 1, ..] = head else { return None };
    let half = |at: usize| head.get(at..at + 2).map(|pair| pair.iter().rev().fold(0_u16, |half, byte| half << 8 | u16::from(*byte)));
    const SHARED: u16 = 3;
    if half(16)? != SHARED {
        return None;
    }
    Some(match (half(18)?, class) {
        (3, 1) => "x86",
        (62, 2) => "x86_64",
        (62, _) => "x32",
        (183, _) => "aarch64",
        (40, _) => "arm",
        (258, _) => "loongarch",
        (8, _) => "mips",
        (0x9026, _) => "sw_64",
        _ => "another machine",
    })
}

/// Portable Executable: the machine behind `PE\0\0`, whose place is at 3C.
fn portable_executable(file: &mut (impl Read + Seek), head: &[u8]) -> Option<&'static str> {
    let [b'M', b'Z', ..] = head else { return None };
    let place = head.get(0x3C..0x40)?.iter().rev().fold(0_u32, |place, byte| place << 8 | u32::from(*byte));
    file.seek(SeekFrom::Start(place.into())).ok()?;
    let mut start = [0; 6];
    file.read_exact(&mut start).ok()?;
    let [b'P', b'E', 0, 0, low, high] = start else { return None };
    Some(match u16::from_le_bytes([low, high]) {
        0x014C => "x86",
        0x8664 => "x86_64",
        0xAA64 => "aarch64",
        _ => "another machine",
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]

    use std::io::Cursor;

    use super::*;

    #[test]
    fn machines_of_libraries() {
        let library = |class: u8, kind: u8, machine: u8| {
            let mut head = vec![0x7F, b'E', b'L', b'F', class, 1, 1];
            head.resize(16, 0);
            head.extend([kind, 0, machine, 0]);
            head
        };
        assert_eq!(elf(&library(2, 3, 62)), Some("x86_64"));
        assert_eq!(elf(&library(1, 3, 3)), Some("x86"));
        assert_eq!(elf(&library(2, 3, 183)), Some("aarch64"));
        assert_eq!((elf(&library(2, 2, 62)), elf(b"#!/bin/sh"), elf(&[])), (None, None, None));
        let mut image = vec![b'M', b'Z'];
        image.resize(0x3C, 0);
        image.extend([0x40, 0, 0, 0, b'P', b'E', 0, 0, 0x4C, 1]);
        let machine = |image: &[u8]| portable_executable(&mut Cursor::new(image), image.get(..0x40).unwrap_or(image));
        assert_eq!(machine(&image), Some("x86"));
        assert_eq!((machine(&image[..0x42]), machine(b"MZ"), machine(b"")), (None, None, None));
    }
}
