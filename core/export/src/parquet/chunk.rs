//! The values of a column within a row group, and their pages.

use std::collections::HashMap;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::levels::{pack, width};
use super::shape::{Shape, encoding, page};
use super::thrift::Writer;

/// So many values show whether a dictionary pays.
const SAMPLE: usize = 1_024;

/// Values on their way into a chunk.
pub(super) struct Values {
    shape: Shape,
    count: usize,
    /// Numbers, or texts without a dictionary.
    plain: Vec<u8>,
    /// For each text, whether it is there.
    present: Vec<u32>,
    dictionary: Option<Dictionary>,
}

#[derive(Default)]
struct Dictionary {
    places: HashMap<Box<str>, u32>,
    /// The distinct texts as the format has them.
    plain: Vec<u8>,
    indices: Vec<u32>,
}

/// A chunk in the file.
pub(super) struct Chunk {
    pub encodings: Vec<i32>,
    pub rows: i64,
    /// With the heads of the pages.
    pub uncompressed: i64,
    pub compressed: i64,
    /// Offsets from the start of the chunk.
    pub dictionary: Option<i64>,
    pub data: i64,
}

impl Values {
    pub(super) fn of(shape: Shape) -> Self {
        let dictionary = (shape == Shape::Text).then(Dictionary::default);
        Self { shape, count: 0, plain: Vec::new(), present: Vec::new(), dictionary }
    }

    /// Bytes that the values take as they are, nearly.
    pub(super) fn bytes(&self) -> usize {
        self.plain.len() + self.dictionary.as_ref().map_or(0, |dictionary| dictionary.plain.len())
    }

    pub(super) fn number(&mut self, bytes: &[u8]) {
        self.count += 1;
        self.plain.extend_from_slice(bytes);
    }

    /// None is null.
    pub(super) fn text(&mut self, text: Option<&str>) -> io::Result<()> {
        self.count += 1;
        self.present.push(u32::from(text.is_some()));
        let Some(text) = text else { return Ok(()) };
        let Some(dictionary) = &mut self.dictionary else { return plain_text(&mut self.plain, text.as_bytes()) };
        dictionary.add(text)?;
        if dictionary.indices.len() == SAMPLE && dictionary.places.len() > SAMPLE / 2 {
            self.plain = dictionary.undone()?;
            self.dictionary = None;
        }
        Ok(())
    }

    /// Writes the pages and forgets the values. Whether a dictionary pays is remembered.
    pub(super) fn write(&mut self, out: &mut impl Write) -> io::Result<Chunk> {
        let mut chunk = Chunk {
            encodings: vec![encoding::RLE],
            rows: i64::try_from(self.count).map_err(io::Error::other)?,
            uncompressed: 0,
            compressed: 0,
            dictionary: None,
            data: 0,
        };
        let mut data = Vec::new();
        if self.shape == Shape::Text {
            let mut levels = Vec::new();
            pack(&mut levels, 1, &self.present);
            plain_text(&mut data, &levels)?;
        }
        let count = i32::try_from(self.count).map_err(io::Error::other)?;
        let of_data = match &mut self.dictionary {
            Some(dictionary) => {
                let distinct = i32::try_from(dictionary.places.len()).map_err(io::Error::other)?;
                chunk.dictionary = Some(0);
                chunk.page(out, page::DICTIONARY, &dictionary.plain, |head| {
                    head.structure(7, |head| {
                        head.i32(1, distinct);
                        head.i32(2, encoding::PLAIN);
                    });
                })?;
                chunk.data = chunk.compressed;
                let width = width(dictionary.places.len());
                data.push(width as u8);
                pack(&mut data, width, &dictionary.indices);
                chunk.encodings.extend([encoding::PLAIN, encoding::RLE_DICTIONARY]);
                *dictionary = Dictionary::default();
                encoding::RLE_DICTIONARY
            }
            None => {
                data.append(&mut self.plain);
                chunk.encodings.push(encoding::PLAIN);
                encoding::PLAIN
            }
        };
        chunk.page(out, page::DATA, &data, |head| {
            head.structure(5, |head| {
                head.i32(1, count);
                head.i32(2, of_data);
                head.i32(3, encoding::RLE);
                head.i32(4, encoding::RLE);
            });
        })?;
        self.count = 0;
        self.present.clear();
        Ok(chunk)
    }
}

impl Dictionary {
    fn add(&mut self, text: &str) -> io::Result<()> {
        if let Some(place) = self.places.get(text) {
            self.indices.push(*place);
            return Ok(());
        }
        let place = u32::try_from(self.places.len()).map_err(io::Error::other)?;
        self.places.insert(text.into(), place);
        self.indices.push(place);
        plain_text(&mut self.plain, text.as_bytes())
    }

    /// The texts one after the other.
    fn undone(&mut self) -> io::Result<Vec<u8>> {
        let mut texts: Vec<&str> = vec![""; self.places.len()];
        for (text, place) in &self.places {
            if let Some(slot) = texts.get_mut(*place as usize) {
                *slot = text;
            }
        }
        let mut plain = Vec::new();
        for index in &self.indices {
            plain_text(&mut plain, texts.get(*index as usize).copied().unwrap_or_default().as_bytes())?;
        }
        Ok(plain)
    }
}

impl Chunk {
    fn page(&mut self, out: &mut impl Write, of: i32, bytes: &[u8], about: impl FnOnce(&mut Writer)) -> io::Result<()> {
        let mut packer = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
        packer.write_all(bytes)?;
        let packed = packer.finish()?;
        let mut head = Writer::default();
        head.i32(1, of);
        head.i32(2, i32::try_from(bytes.len()).map_err(io::Error::other)?);
        head.i32(3, i32::try_from(packed.len()).map_err(io::Error::other)?);
        about(&mut head);
        let head = head.finish();
        out.write_all(&head)?;
        out.write_all(&packed)?;
        let size = |bytes: usize| i64::try_from(head.len() + bytes).map_err(io::Error::other);
        self.uncompressed += size(bytes.len())?;
        self.compressed += size(packed.len())?;
        Ok(())
    }
}

/// A length of four bytes, and so many bytes.
fn plain_text(out: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
    out.extend_from_slice(&u32::try_from(bytes.len()).map_err(io::Error::other)?.to_le_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}
