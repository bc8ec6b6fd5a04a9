//! Where the objects of a file lie: cross-reference tables and streams (ISO 32000-1, 7.5.4 and 7.5.8), and a search through the
//! file where those are damaged.

use memchr::memmem;

use super::file::{File, Place, Places};
use super::object::{Dict, Object, Stream};
use super::parser::{Parser, is_space};
use crate::limits::{PDF_OBJECTS, PDF_SECTIONS};
use crate::refused::PdfFault;

/// How far from the end of a file `startxref` is looked for.
const TAIL: usize = 2048;

/// Follows the tables from the newest to the oldest. Damage ends the walk: what was found until then is handed back.
pub(super) fn by_table(file: &File<'_>) -> Result<(Places, Dict), PdfFault> {
    let mut found = Found::default();
    let mut next = start(file.bytes());
    let mut seen = Vec::new();
    while let Some(at) = next.filter(|at| !seen.contains(at)) {
        if seen.len() == PDF_SECTIONS {
            return Err(PdfFault::TooComplex);
        }
        seen.push(at);
        let Some(section) = section(file, at, &mut found)? else { break };
        // A hybrid file has a stream beside its table.
        let beside = section.get(b"XRefStm").index().filter(|at| !seen.contains(at));
        if let Some(at) = beside {
            seen.push(at);
            stream_section(file, at, &mut found)?;
        }
        next = section.get(b"Prev").index();
        if found.trailer.0.is_empty() {
            found.trailer = section;
        }
    }
    Ok((found.places, found.trailer))
}

#[derive(Default)]
struct Found {
    places: Places,
    trailer: Dict,
}

impl Found {
    /// Keeps the place of an object; a newer table was read first and stands.
    fn add(&mut self, number: u32, place: Place) -> Result<(), PdfFault> {
        self.places.entry(number).or_insert(place);
        self.check()
    }

    fn check(&self) -> Result<(), PdfFault> {
        if self.places.len() > PDF_OBJECTS { Err(PdfFault::TooComplex) } else { Ok(()) }
    }
}

fn start(bytes: &[u8]) -> Option<usize> {
    const MARK: &[u8] = b"startxref";
    let tail = bytes.len().saturating_sub(TAIL);
    let at = tail + memmem::rfind(bytes.get(tail..)?, MARK)?;
    usize::try_from(Parser::at(bytes, at + MARK.len()).integer()?).ok()
}

/// A table or a stream, and its trailer; none when neither stands there.
fn section(file: &File<'_>, at: usize, found: &mut Found) -> Result<Option<Dict>, PdfFault> {
    let mut parser = Parser::at(file.bytes(), at);
    parser.skip_space();
    if !parser.accept(b"xref") {
        return stream_section(file, at, found);
    }
    loop {
        parser.skip_space();
        if parser.accept(b"trailer") {
            return Ok(match parser.object() {
                Some(Object::Dict(trailer)) => Some(trailer),
                _ => None,
            });
        }
        let (Some(first), Some(count)) = (parser.integer(), parser.integer()) else { return Ok(None) };
        for number in first..first.saturating_add(count) {
            // A count may be invented; the entries are not.
            let Some((at, used)) = entry(&mut parser) else { break };
            if let (true, Ok(number)) = (used && at > 0, u32::try_from(number)) {
                found.add(number, Place::At(at))?;
            }
        }
    }
}

/// `offset generation n|f`.
fn entry(parser: &mut Parser<'_>) -> Option<(usize, bool)> {
    let start = parser.at;
    let read = |parser: &mut Parser<'_>| {
        let at = parser.integer()?;
        parser.integer()?;
        parser.skip_space();
        let used = parser.accept(b"n");
        (used || parser.accept(b"f")).then_some((usize::try_from(at).ok()?, used))
    };
    let entry = read(parser);
    if entry.is_none() {
        parser.at = start;
    }
    entry
}

/// A cross-reference stream (7.5.8), and its dictionary.
fn stream_section(file: &File<'_>, at: usize, found: &mut Found) -> Result<Option<Dict>, PdfFault> {
    let Some(Object::Stream(stream)) = file.object_at(at, None) else { return Ok(None) };
    Ok(entries_of(file, &stream, found)?.map(|()| stream.dict))
}

fn entries_of(file: &File<'_>, stream: &Stream, found: &mut Found) -> Result<Option<()>, PdfFault> {
    let numbers = |key: &[u8]| -> Option<Vec<usize>> { stream.dict.get(key).array()?.iter().map(Object::index).collect() };
    let Some(&[kind, second, third]) = numbers(b"W").as_deref() else { return Ok(None) };
    let width = kind + second + third;
    if width == 0 || [kind, second, third].iter().any(|part| *part > 8) {
        return Ok(None);
    }
    let Ok(bytes) = file.unpacked(stream) else { return Ok(None) };
    let size = stream.dict.get(b"Size").index().unwrap_or_default();
    let index = numbers(b"Index").unwrap_or_else(|| vec![0, size]);
    let mut rows = bytes.chunks_exact(width);
    for pair in index.chunks_exact(2) {
        let &[first, count] = pair else { break };
        for number in first..first.saturating_add(count) {
            let Some(row) = rows.next() else { return Ok(Some(())) };
            let (kind_bytes, rest) = row.split_at(kind);
            let (second_bytes, third_bytes) = rest.split_at(second);
            let place = match (if kind == 0 { 1 } else { big_endian(kind_bytes) }, big_endian(second_bytes)) {
                (1, at) => Some(Place::At(at)),
                (2, stream) => u32::try_from(stream).ok().map(|stream| Place::In { stream, nth: big_endian(third_bytes) }),
                _ => None,
            };
            if let (Some(place), Ok(number)) = (place, u32::try_from(number)) {
                found.add(number, place)?;
            }
        }
    }
    Ok(Some(()))
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0_usize, |value, byte| value.wrapping_shl(8) | usize::from(*byte))
}

/// Looks for `N G obj` and `trailer` all through the file; of two objects with one number the later stands.
pub(super) fn by_search(file: &File<'_>) -> Result<(Places, Dict), PdfFault> {
    let bytes = file.bytes();
    let mut found = Found::default();
    let mut packed = Vec::new();
    for at in memmem::find_iter(bytes, b" obj") {
        let Some((number, start)) = object_before(bytes, at) else { continue };
        found.places.insert(number, Place::At(start));
        found.check()?;
        let head = bytes.get(at..bytes.len().min(at + 300)).unwrap_or_default();
        let has = |mark: &[u8]| memmem::find(head, mark).is_some();
        if has(b"ObjStm") {
            packed.push((number, start));
        }
        if has(b"/XRef") || has(b"/Catalog") {
            adopt_trailer(file, number, start, &mut found.trailer);
        }
    }
    for at in memmem::find_iter(bytes, b"trailer") {
        if let Some(Object::Dict(trailer)) = Parser::at(bytes, at + 7).object() {
            merge(&mut found.trailer, trailer);
        }
    }
    for (stream, at) in packed {
        let Some(Object::Stream(unpacked)) = file.object_at(at, Some(stream)) else { continue };
        for (nth, number) in file.numbers_in(&unpacked).into_iter().enumerate() {
            found.add(number, Place::In { stream, nth })?;
        }
    }
    Ok((found.places, found.trailer))
}

/// Number and start of the object whose ` obj` stands there.
fn object_before(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let head = bytes.get(at.saturating_sub(24)..at)?;
    let digits = |text: &[u8]| text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let generation = digits(head);
    let (head, _) = head.split_at(head.len() - generation);
    let space = head.iter().rev().take_while(|byte| is_space(**byte)).count();
    let (head, _) = head.split_at(head.len() - space);
    let length = digits(head);
    if generation == 0 || space == 0 || length == 0 || length > 10 {
        return None;
    }
    let start = at - generation - space - length;
    Some((u32::try_from(Parser::at(bytes, start).integer()?).ok()?, start))
}

/// A cross-reference stream's dictionary is a trailer; a catalog is what a trailer would name.
fn adopt_trailer(file: &File<'_>, number: u32, start: usize, trailer: &mut Dict) {
    match file.object_at(start, Some(number)) {
        Some(Object::Stream(stream)) if stream.dict.get(b"Type").name() == Some(b"XRef") => merge(trailer, stream.dict),
        Some(Object::Dict(dict)) if dict.get(b"Type").name() == Some(b"Catalog") => {
            merge(trailer, Dict(vec![(b"Root".to_vec(), Object::Ref(number))]));
        }
        _ => {}
    }
}

/// The later of two trailers stands, key by key.
fn merge(trailer: &mut Dict, later: Dict) {
    for (key, value) in later.0 {
        if !matches!(key.as_slice(), b"Root" | b"Info" | b"Encrypt" | b"ID") {
            continue;
        }
        trailer.0.retain(|(known, _)| *known != key);
        trailer.0.push((key, value));
    }
}
