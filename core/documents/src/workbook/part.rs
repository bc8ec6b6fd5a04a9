//! One part of a workbook, unpacked and parsed as a stream: never more of it in memory than one tag or one piece of text.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use crate::limits::{CELL_BYTES, PART_BYTES, TAG_BYTES, XML_DEPTH, ZIP_RATIO, ZIP_RATIO_FLOOR};
use crate::refused::{Refused, ZipFault};

pub(super) type Package<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// A part that is being read.
pub(super) struct Part<'p, 'a> {
    reader: Reader<BufReader<Bounded<'p, 'a>>>,
    gauge: Rc<Gauge>,
    buffer: Vec<u8>,
    depth: usize,
}

/// What the bounded stream below and the parser above tell each other.
#[derive(Default)]
struct Gauge {
    /// Bytes that the tag or text at hand may still take.
    left: Cell<usize>,
    /// Why the stream broke off.
    fault: Cell<Option<ZipFault>>,
}

impl<'p, 'a> Part<'p, 'a> {
    /// Opens the part at `index`; `budget` is what may still be unpacked of the whole file, bytes.
    ///
    /// # Errors
    /// [`Refused::Zip`].
    pub(super) fn open(package: &'p mut Package<'a>, index: usize, budget: &'p Cell<u64>) -> Result<Self, Refused> {
        let raw = package.by_index_data(index).map_err(|_| ZipFault::Damaged)?;
        if raw.encrypted() {
            return Err(ZipFault::Encrypted.into());
        }
        if !matches!(raw.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(ZipFault::Method.into());
        }
        let packed = raw.compressed_size();
        let file = package.by_index(index).map_err(|_| ZipFault::Damaged)?;
        let gauge = Rc::new(Gauge::default());
        let bounded = Bounded { file, gauge: Rc::clone(&gauge), unpacked: 0, packed, budget };
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, bounded));
        // `<c/>` comes as its two ends, so that nobody has to know three kinds of tags.
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader, gauge, buffer: Vec::with_capacity(1024), depth: 0 })
    }

    /// The next event; [`Event::Eof`] only where every element was closed.
    ///
    /// # Errors
    /// [`Refused::DamagedPart`] for broken XML, [`Refused::Doctype`], [`Refused::TooDeep`], [`Refused::Zip`].
    pub(super) fn next(&mut self) -> Result<Event<'_>, Refused> {
        self.buffer.clear();
        self.gauge.left.set(TAG_BYTES);
        let event = self.reader.read_event_into(&mut self.buffer);
        let event = event.map_err(|_| self.gauge.fault.take().map_or(Refused::DamagedPart, Refused::Zip))?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > XML_DEPTH {
                    return Err(Refused::TooDeep { limit: XML_DEPTH });
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => return Err(Refused::Doctype),
            Event::Eof if self.depth > 0 => return Err(Refused::DamagedPart),
            _ => {}
        }
        Ok(event)
    }
}

/// The unpacked bytes, with every limit on them.
struct Bounded<'p, 'a> {
    file: ZipFile<'p, Cursor<&'a [u8]>>,
    gauge: Rc<Gauge>,
    unpacked: u64,
    packed: u64,
    budget: &'p Cell<u64>,
}

impl Bounded<'_, '_> {
    fn fault(&self) -> Option<ZipFault> {
        if self.unpacked > ZIP_RATIO_FLOOR as u64 && self.unpacked > self.packed.saturating_mul(ZIP_RATIO) {
            return Some(ZipFault::Bomb { ratio: ZIP_RATIO });
        }
        if self.unpacked > PART_BYTES as u64 || self.gauge.left.get() == 0 {
            return Some(ZipFault::EntryTooLarge { limit: PART_BYTES });
        }
        (self.budget.get() == 0).then_some(ZipFault::TooMuch { limit: PART_BYTES })
    }
}

impl Read for Bounded<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = self.fault() {
            self.gauge.fault.set(Some(fault));
            return Err(io::Error::other("a limit of the workbook"));
        }
        let read = self.file.read(into).inspect_err(|_| self.gauge.fault.set(Some(ZipFault::Damaged)))?;
        self.unpacked += read as u64;
        self.gauge.left.set(self.gauge.left.get().saturating_sub(read));
        self.budget.set(self.budget.get().saturating_sub(read as u64));
        Ok(read)
    }
}

/// The value of an attribute without a prefix.
pub(super) fn attribute<'t>(tag: &'t BytesStart<'_>, name: &str) -> Option<Cow<'t, str>> {
    value_of(tag, |key| key == name)
}

/// The value of an attribute with any prefix (`r:id`).
pub(super) fn prefixed_attribute<'t>(tag: &'t BytesStart<'_>, name: &str) -> Option<Cow<'t, str>> {
    value_of(tag, |key| key.split_once(':').is_some_and(|(_, local)| local == name))
}

fn value_of<'t>(tag: &'t BytesStart<'_>, wanted: impl Fn(&str) -> bool) -> Option<Cow<'t, str>> {
    // Unchecked: looking for attributes that are stated twice takes time that grows with their square.
    let found = tag.attributes().with_checks(false).find_map(|attribute| attribute.ok().filter(|found| wanted(found.key.as_ref())))?;
    found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()
}

/// Appends what an event says as text, up to [`CELL_BYTES`]; other events say nothing.
pub(super) fn append(event: &Event<'_>, into: &mut String) {
    let piece: Cow<'_, str> = match event {
        Event::Text(piece) => piece.xml10_content(),
        Event::CData(piece) => piece.xml10_content(),
        Event::GeneralRef(reference) => match reference.as_ref() {
            "amp" => Cow::Borrowed("&"),
            "lt" => Cow::Borrowed("<"),
            "gt" => Cow::Borrowed(">"),
            "quot" => Cow::Borrowed("\""),
            "apos" => Cow::Borrowed("'"),
            _ => match reference.resolve_char_ref() {
                Ok(Some(c)) => Cow::Owned(c.to_string()),
                _ => return,
            },
        },
        _ => return,
    };
    let room = CELL_BYTES.saturating_sub(into.len());
    into.push_str(piece.get(..piece.floor_char_boundary(room)).unwrap_or_default());
}
