//! Fonts of a print file: each cut down to the characters that are used, with a map back to text for searching.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use piaoxia_preview::font::FontFile;
use skrifa::FontRef;
use skrifa::raw::TableProvider as _;
use skrifa::raw::types::Tag;
use subsetter::GlyphRemapper;

/// Numbers above any glyph of a cut font: for characters that the font lacks. They have no outline; the text layer has them.
const LACKING: u16 = u16::MAX;

/// The fonts of a file.
#[derive(Default)]
pub(super) struct Fonts {
    fonts: Vec<Used>,
}

struct Used {
    file: Arc<FontFile>,
    id: Ref,
    remapper: GlyphRemapper,
    /// Characters by their number in the file.
    characters: BTreeMap<u16, char>,
    /// Advances by number, thousandths of an em.
    widths: BTreeMap<u16, f32>,
    lacking: BTreeMap<char, u16>,
}

impl Fonts {
    /// The font's place in the list. None for a font that cannot be cut down; its outlines are drawn then.
    pub(super) fn add(&mut self, file: &Arc<FontFile>, id: impl FnOnce() -> Ref) -> Option<usize> {
        if let Some(known) = self.fonts.iter().position(|used| Arc::ptr_eq(&used.file, file)) {
            return Some(known);
        }
        program(file, &GlyphRemapper::new())?;
        let used = Used {
            file: Arc::clone(file),
            id: id(),
            remapper: GlyphRemapper::new(),
            characters: BTreeMap::new(),
            widths: BTreeMap::new(),
            lacking: BTreeMap::new(),
        };
        self.fonts.push(used);
        Some(self.fonts.len() - 1)
    }

    /// The number of a character in the cut font.
    pub(super) fn number(&mut self, font: usize, character: char, glyph: Option<u16>) -> u16 {
        let Some(used) = self.fonts.get_mut(font) else { return 0 };
        match glyph {
            Some(glyph) => {
                let number = used.remapper.remap(glyph);
                used.characters.entry(number).or_insert(character);
                used.widths.entry(number).or_insert_with(|| (used.file.advance(Some(glyph)) * 1000.0) as f32);
                number
            }
            None => {
                let next = LACKING - used.lacking.len() as u16;
                *used.lacking.entry(character).or_insert(next)
            }
        }
    }

    /// The object of a font.
    pub(super) fn id(&self, font: usize) -> Option<Ref> {
        self.fonts.get(font).map(|used| used.id)
    }

    /// Writes all fonts.
    pub(super) fn write(&self, pdf: &mut Pdf, mut next: impl FnMut() -> Ref) {
        for (at, used) in self.fonts.iter().enumerate() {
            used.write(pdf, at, [(); 4].map(|()| next()));
        }
    }
}

impl Used {
    fn write(&self, pdf: &mut Pdf, at: usize, [descendant, descriptor, file, map]: [Ref; 4]) {
        let Some(program) = program(&self.file, &self.remapper) else { return };
        let name = subset_name(at);
        let name = Name(name.as_bytes());
        let system = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        let mut font = pdf.type0_font(self.id);
        font.base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(descendant).to_unicode(map);
        font.finish();

        let mut cid_font = pdf.cid_font(descendant);
        let kind = if program.is_cff { CidFontType::Type0 } else { CidFontType::Type2 };
        cid_font.subtype(kind).base_font(name).system_info(system).font_descriptor(descriptor).default_width(1000.0);
        if !program.is_cff {
            cid_font.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let mut widths = cid_font.widths();
        for (number, width) in &self.widths {
            widths.consecutive(*number, [*width]);
        }
        widths.finish();
        cid_font.finish();

        let mut written = pdf.font_descriptor(descriptor);
        written.name(name).flags(FontFlags::SYMBOLIC).bbox(Rect::new(-1000.0, -300.0, 2000.0, 1200.0));
        written.italic_angle(0.0).ascent(880.0).descent(-120.0).cap_height(733.0).stem_v(80.0);
        if program.is_cff {
            written.font_file3(file)
        } else {
            written.font_file2(file)
        };
        written.finish();

        let packed = deflate(&program.bytes);
        let mut stream = pdf.stream(file, &packed);
        stream.filter(Filter::FlateDecode);
        if program.is_cff {
            stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        } else {
            stream.pair(Name(b"Length1"), i32::try_from(program.bytes.len()).unwrap_or(i32::MAX));
        }
        stream.finish();

        let mut unicode = UnicodeCmap::new(Name(b"Piaoxia-UCS2"), system);
        let lacking = self.lacking.iter().map(|(character, number)| (*number, *character));
        for (number, character) in self.characters.iter().map(|(number, character)| (*number, *character)).chain(lacking) {
            unicode.pair(number, character);
        }
        let packed = deflate(unicode.finish().as_slice());
        pdf.stream(map, &packed).filter(Filter::FlateDecode);
    }
}

/// A font's program as PDF embeds it.
struct Program {
    bytes: Vec<u8>,
    /// A bare CFF table; else a whole TrueType file.
    is_cff: bool,
}

fn program(file: &FontFile, remapper: &GlyphRemapper) -> Option<Program> {
    let bytes = subsetter::subset(file.bytes(), 0, remapper).ok()?;
    let cff = FontRef::new(&bytes).ok()?.data_for_tag(Tag::new(b"CFF ")).map(|table| table.as_bytes().to_vec());
    Some(match cff {
        Some(bytes) => Program { bytes, is_cff: true },
        None => Program { bytes, is_cff: false },
    })
}

/// `AAAAAB+Piaoxia`: PDF wants six letters in front of the name of a cut font.
fn subset_name(mut at: usize) -> String {
    let mut letters = [b'A'; 6];
    for letter in letters.iter_mut().rev() {
        *letter += (at % 26) as u8;
        at /= 26;
    }
    format!("{}+Piaoxia", String::from_utf8_lossy(&letters))
}

/// Compressed as FlateDecode wants it.
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::default());
    // Writing into memory does not fail.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}
