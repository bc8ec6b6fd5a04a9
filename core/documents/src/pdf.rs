//! PDF (ISO 32000-1) of an invoice. What it states is read from four places, the most trusted first: the bureau's keys in the
//! information dictionary, attached structured files, the text layer, and the QR code.
//!
//! The objects are read by a reader of this package's own (`file`, `parser`, `filter`), which reads nothing ahead and bounds
//! what it reads: libraries that load a whole file turn an array of four million bytes into six hundred million.

mod attached;
mod cmap;
mod content;
mod crypt;
mod file;
mod filter;
mod font;
mod goods;
mod info;
mod labels;
mod layout;
mod matrix;
mod object;
mod page;
mod parser;
mod picture;
mod tickets;
mod xref;

use piaoxia_domain::qr::Payload;

use crate::document::Document;
use crate::format::FileFormat;
use crate::limits::PRINTED_CHARACTERS;
use crate::qr;
use crate::refused::{PdfFault, Refused};
use crate::statement::{self, Statement};
use content::{Interpreter, Shown};
use file::File;
use layout::Sheet;

/// Reads a PDF invoice.
///
/// # Errors
/// [`Refused`]; [`Refused::QrAlone`] where the QR code is all that can be read.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Document, Refused> {
    let file = File::open(bytes)?;
    let mut statements: Vec<Statement<'_>> = Vec::new();
    statements.extend(info::statement(&file)?);
    let attached = attached::read(&file)?;
    statements.extend(attached.statements);
    let texts = Texts::read(&file)?;
    statements.extend(labels::statement(&texts.sheets)?);
    let payload = texts.payload(&file);
    if statements.is_empty() {
        return Err(texts.refusal(payload));
    }
    if let Some(payload) = &payload {
        statements.push(qr::statement(payload)?);
    }
    let mut document = statement::document(name, FileFormat::Pdf, statements)?;
    document.evidence.numbers = attached.numbers;
    document.evidence.qr = payload;
    document.warnings.extend(attached.warnings);
    Ok(document)
}

/// A text of a page of another format.
pub(crate) struct Print {
    /// Where it begins, from the left.
    pub left: f64,
    /// Its baseline, from the top.
    pub y: f64,
    /// Height of its characters.
    pub size: f64,
    /// The characters.
    pub text: String,
}

/// Reads the goods lines that pages of another format print, as those of a PDF are read, where they add up to the statement's
/// totals.
///
/// # Errors
/// As [`Statement::state`].
pub(crate) fn printed_lines(pages: Vec<Vec<Print>>, statement: &mut Statement<'static>) -> Result<(), Refused> {
    let mut room = PRINTED_CHARACTERS;
    let sheet = |texts: Vec<Print>| {
        let glyphs = texts.into_iter().zip(1..).flat_map(|(print, shown_by)| content::glyphs(&print, shown_by)).take(room);
        let glyphs: Vec<_> = glyphs.collect();
        room -= glyphs.len();
        Sheet::new(glyphs)
    };
    let sheets: Vec<Sheet> = pages.into_iter().map(sheet).collect();
    goods::lines(&sheets, statement)
}

/// The pages as texts, and what the first shows beside them.
struct Texts {
    sheets: Vec<Sheet>,
    first: Shown,
}

impl Texts {
    fn read(file: &File<'_>) -> Result<Self, Refused> {
        let mut interpreter = Interpreter::new(file);
        let mut texts = Self { sheets: Vec::new(), first: Shown::default() };
        for (nth, page) in page::pages(file)?.into_iter().enumerate() {
            let mut shown = page.shown(&mut interpreter, file)?;
            texts.sheets.push(Sheet::new(std::mem::take(&mut shown.glyphs)));
            if nth == 0 {
                texts.first = shown;
            }
        }
        Ok(texts)
    }

    /// Why a file is refused whose texts state no invoice.
    fn refusal(&self, payload: Option<Payload>) -> Refused {
        if let Some(payload) = payload {
            return Refused::QrAlone(Box::new(payload));
        }
        // A page whose text is there and names no invoice is another kind of document.
        let blank = self.sheets.iter().all(|sheet| sheet.lines.is_empty());
        if blank { PdfFault::NoText.into() } else { Refused::NotRecognised }
    }

    /// The QR code of the first page: in a picture, drawn, or as the text that some files hold of it.
    fn payload(&self, file: &File<'_>) -> Option<Payload> {
        let mut pictures: Vec<_> = self.first.pictures.iter().collect();
        // Codes are square; a page that is one picture comes last.
        let oblong = |(width, height): (f64, f64)| (width.max(height) / width.min(height).max(0.01)) > 1.2;
        pictures.sort_by(|one, other| {
            let order = |size: (f64, f64)| (oblong(size), size.0 * size.1);
            let (one, other) = (order(one.size), order(other.size));
            one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
        });
        let pictured = pictures.into_iter().find_map(|picture| qr::payload(picture::grey(file, &picture.stream)?));
        pictured
            .or_else(|| picture::painted(&self.first.filled).and_then(qr::payload))
            .or_else(|| self.sheets.first().and_then(|sheet| Payload::find(&sheet.dense())))
    }
}
