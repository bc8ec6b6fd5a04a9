//! Reading a file back by its own foot, column by column.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::GzDecoder;
use piaoxia_domain::Money;

use super::levels::unpack;
use super::shape::{CODEC, MAGIC, Shape, encoding, page};
use super::thrift::Fields;
use super::{Field, Written};
use crate::error::ExportError;
use crate::feed::Steps;
use crate::proof::Proof;

const BUFFER: usize = 64 * 1024;

/// Compares the file with what was written.
pub(super) fn read_back<F: Read + Seek>(file: F, target: &Path, written: &Written, steps: &Steps<'_>) -> Result<(), ExportError> {
    let damaged = ExportError::unreadable(target);
    let mut file = BufReader::with_capacity(BUFFER, file);
    let foot = foot(&mut file).map_err(&damaged)?;
    if foot != written.foot {
        return Err(ExportError::differs(target, "another foot"));
    }
    let foot = Fields::read(&mut foot.as_slice()).map_err(&damaged)?;
    let fields = &written.fields;
    let mut read: Vec<Proof> = fields.iter().map(|_| Proof::with_columns(1)).collect();
    let mut before = 0;
    for group in foot.structures(4) {
        let rows = number(group, 3).map_err(&damaged)?;
        let chunks = group.structures(1);
        for (index, (field, proof)) in fields.iter().zip(&mut read).enumerate() {
            let about = chunks.get(index).and_then(|chunk| chunk.structure(3)).ok_or_else(|| damaged(wrong("a chunk is missing")))?;
            let values = Values::read(&mut file, field, about, rows).map_err(&damaged)?;
            let mut told = None;
            for row in 0..rows {
                // The columns of a group count as its invoices, one part each.
                let done = (before + (index * rows + row) / fields.len()) as u64;
                if told.replace(done) != Some(done) {
                    steps.check(done)?;
                }
                values.prove(row, proof).map_err(&damaged)?;
            }
        }
        before += rows;
    }
    match written.proofs.iter().zip(&read).find_map(|(written, read)| written.difference(read)) {
        Some(what) => Err(ExportError::differs(target, what)),
        None => Ok(()),
    }
}

/// The foot's bytes, whose length stands at the end of the file.
fn foot<F: Read + Seek>(file: &mut F) -> io::Result<Vec<u8>> {
    let (mut head, mut length, mut tail) = ([0; 4], [0; 4], [0; 4]);
    file.rewind()?;
    file.read_exact(&mut head)?;
    let end = file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut length)?;
    file.read_exact(&mut tail)?;
    let length = u64::from(u32::from_le_bytes(length));
    let start = end.checked_sub(length).filter(|start| *start >= 4 && head == *MAGIC && tail == *MAGIC);
    file.seek(SeekFrom::Start(start.ok_or_else(|| wrong("no foot"))?))?;
    let mut foot = Vec::new();
    file.take(length).read_to_end(&mut foot)?;
    Ok(foot)
}

/// Rows of each row group.
#[cfg(test)]
pub(super) fn groups(bytes: &[u8]) -> io::Result<Vec<i64>> {
    let foot = Fields::read(&mut foot(&mut io::Cursor::new(bytes))?.as_slice())?;
    Ok(foot.structures(4).into_iter().filter_map(|group| group.number(3)).collect())
}

/// The values of a chunk.
enum Values {
    /// Bytes, and where in them each value lies; none is null.
    Texts(Vec<u8>, Vec<Option<(usize, usize)>>),
    Numbers(Shape, Vec<u8>),
}

impl Values {
    fn read<F: Read + Seek>(file: &mut F, field: &Field, about: &Fields, rows: usize) -> io::Result<Self> {
        if about.number(4) != Some(CODEC.into()) || number(about, 5)? != rows {
            return Err(wrong("another chunk"));
        }
        let dictionary = match about.number(11) {
            Some(_) => Some(Page::read(file, number(about, 11)?)?.expect(page::DICTIONARY)?),
            None => None,
        };
        let data = Page::read(file, number(about, 9)?)?.expect(page::DATA)?;
        let head = data.head.structure(5).ok_or_else(|| wrong("a page without a head"))?;
        let is_dictionary = number(head, 2)? == encoding::RLE_DICTIONARY as usize;
        if number(head, 1)? != rows || is_dictionary != dictionary.is_some() {
            return Err(wrong("another page"));
        }
        if field.shape != Shape::Text {
            return Ok(Self::Numbers(field.shape, data.bytes));
        }
        let levels = first_text(&data.bytes, 0)?;
        let present = unpack(data.bytes.get(levels.0..levels.1).unwrap_or_default(), 1, rows)?;
        match dictionary {
            Some(dictionary) => by_dictionary(dictionary.bytes, data.bytes.get(levels.1..).unwrap_or_default(), &present),
            None => {
                let places = places(&data.bytes, levels.1)?;
                let mut next = places.into_iter();
                let texts = present.iter().map(|present| if *present == 1 { next.next() } else { None }).collect();
                Ok(Self::Texts(data.bytes, texts))
            }
        }
    }

    fn prove(&self, row: usize, proof: &mut Proof) -> io::Result<()> {
        proof.row();
        let place = proof.rows();
        match self {
            Self::Texts(bytes, texts) => {
                let text = texts.get(row).copied().flatten().and_then(|(from, to)| bytes.get(from..to));
                let text = text.map(std::str::from_utf8).transpose().map_err(io::Error::other)?;
                proof.value(place, 0, text);
            }
            Self::Numbers(Shape::Amount, bytes) => {
                let fen = i64::from_le_bytes(fixed(bytes, row)?);
                proof.add(0, Money::from_fen(fen));
                proof.value(place, 0, fen);
            }
            Self::Numbers(_, bytes) => proof.value(place, 0, i32::from_le_bytes(fixed(bytes, row)?)),
        }
        Ok(())
    }
}

fn by_dictionary(dictionary: Vec<u8>, data: &[u8], present: &[u32]) -> io::Result<Values> {
    let places = places(&dictionary, 0)?;
    let (width, packed) = data.split_first().ok_or(io::ErrorKind::UnexpectedEof)?;
    let there = present.iter().filter(|present| **present == 1).count();
    let mut indices = unpack(packed, u32::from(*width).min(32), there)?.into_iter();
    let text = |present: &u32| match present {
        1 => indices.next().and_then(|index| places.get(index as usize)).copied().map(Some).ok_or_else(|| wrong("no such text")),
        _ => Ok(None),
    };
    let texts = present.iter().map(text).collect::<io::Result<_>>()?;
    Ok(Values::Texts(dictionary, texts))
}

/// A page, unpacked.
struct Page {
    head: Fields,
    bytes: Vec<u8>,
}

impl Page {
    fn read<F: Read + Seek>(file: &mut F, at: usize) -> io::Result<Self> {
        file.seek(SeekFrom::Start(at as u64))?;
        let head = Fields::read(file)?;
        let (size, packed) = (number(&head, 2)?, number(&head, 3)?);
        let mut bytes = Vec::new();
        // Its end is read too: there stands the checksum.
        GzDecoder::new(file.take(packed as u64)).take(size as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() == size { Ok(Self { head, bytes }) } else { Err(wrong("a page of another size")) }
    }

    fn expect(self, kind: i32) -> io::Result<Self> {
        if self.head.number(1) == Some(kind.into()) { Ok(self) } else { Err(wrong("a page of another kind")) }
    }
}

/// Where each text lies, from `at` to the end.
fn places(bytes: &[u8], mut at: usize) -> io::Result<Vec<(usize, usize)>> {
    let mut places = Vec::new();
    while at < bytes.len() {
        let place = first_text(bytes, at)?;
        at = place.1;
        places.push(place);
    }
    Ok(places)
}

/// Start and end of the text whose length stands at `at`.
fn first_text(bytes: &[u8], at: usize) -> io::Result<(usize, usize)> {
    let length = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or(io::ErrorKind::UnexpectedEof)?;
    let (start, length) = (at + 4, u32::from_le_bytes(*length) as usize);
    if bytes.len() - start < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok((start, start + length)) }
}

fn fixed<const N: usize>(bytes: &[u8], row: usize) -> io::Result<[u8; N]> {
    let (all, _) = bytes.as_chunks::<N>();
    all.get(row).copied().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn number(fields: &Fields, id: i64) -> io::Result<usize> {
    fields.number(id).and_then(|number| usize::try_from(number).ok()).ok_or_else(|| wrong("a number is missing"))
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
