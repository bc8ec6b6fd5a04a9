//! What goes through the pipes: frames of a kind, a length and so many bytes, integers little-endian.

use std::io::{self, Read, Write};

use piaoxia_documents::{Field, Refused, Warning};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, Money};
use piaoxia_preview::PageSize;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// First line of the reading process: until it comes, whatever is printed belongs to somebody else.
pub(super) const HELLO: &[u8] = b"piaoxia reads files, 1\n";
/// Longest frame. A file has at most 50 MiB, an entry 32 MiB, and an invoice with all its lines less than that.
const LONGEST: usize = 128 << 20;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// To the reader: the name of a file; its bytes follow.
    Name = 1,
    /// Bytes of the file, or of the entry that was told of before.
    Bytes = 2,
    /// From the reader: [`Told`] as JSON.
    Told = 3,
    /// The file is over.
    End = 4,
    /// To the reader: a [`PageOrder`](super::PageOrder) as JSON; the bytes of its file follow.
    Page = 5,
    /// From the reader: [`Drawn`] as JSON.
    Drawn = 6,
    /// To the reader: the format of an original as JSON, to be read as a print reads it; its bytes follow, and [`Kind::End`] answers.
    Print = 7,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        [Self::Name, Self::Bytes, Self::Told, Self::End, Self::Page, Self::Drawn, Self::Print].into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What the reader tells of a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Told {
    Found {
        invoice: Box<Invoice>,
        entry: String,
        file: String,
        stated: Vec<(Field, Money)>,
        format: Option<Format>,
        /// The document's bytes follow in a frame of their own.
        bytes_follow: bool,
    },
    Refused {
        entry: String,
        reason: Refused,
    },
    Noted {
        file: String,
        note: Warning,
    },
}

/// What came of a page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Drawn {
    /// Its pixels follow in a frame of their own.
    Picture {
        width: usize,
        height: usize,
        /// Sizes of all pages of the file.
        pages: Vec<PageSize>,
    },
    Failed(Problem),
}

pub(super) fn write(out: &mut impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LONGEST).ok_or_else(|| io::Error::other("too long"))?;
    out.write_all(&[kind as u8])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes)
}

/// The next frame; none at the end of the stream.
pub(super) fn read(input: &mut impl Read, into: &mut Vec<u8>) -> io::Result<Option<Kind>> {
    let mut kind = [0];
    if input.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "not a frame");
    let kind = Kind::of(u8::from_le_bytes(kind)).ok_or_else(wrong)?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok().filter(|length| *length <= LONGEST).ok_or_else(wrong)?;
    into.clear();
    let read = input.take(length as u64).read_to_end(into)?;
    if read < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(Some(kind)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn frames_come_back_and_broken_ones_do_not() {
        let mut pipe = Vec::new();
        write(&mut pipe, Kind::Name, "票.xml".as_bytes()).unwrap();
        write(&mut pipe, Kind::End, b"").unwrap();
        let mut buffer = Vec::new();
        let mut rest = pipe.as_slice();
        assert_eq!(read(&mut rest, &mut buffer).unwrap(), Some(Kind::Name));
        assert_eq!(buffer, "票.xml".as_bytes());
        assert_eq!(read(&mut rest, &mut buffer).unwrap(), Some(Kind::End));
        assert_eq!(read(&mut rest, &mut buffer).unwrap(), None);
        for length in 1..12 {
            assert!(read(&mut pipe.get(..length).unwrap(), &mut buffer).is_err(), "{length}");
        }
        assert!(read(&mut [9, 0, 0, 0, 0].as_slice(), &mut buffer).is_err());
        assert!(read(&mut [2, 255, 255, 255, 255].as_slice(), &mut buffer).is_err());
    }
}
