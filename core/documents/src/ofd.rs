//! OFD invoices (GB/T 33190-2016): a ZIP of XML parts that refer to each other by path.
//!
//! The same facts stand in up to four places. The attachment is the issuer's own data and counts most, then the key fields in
//! `OFD.xml`, then the tags that point at texts of the page; where those leave something open, the texts of the page tell by
//! where they stand.

mod attachments;
mod custom_data;
mod layout;
mod map;
mod package;
mod page;
mod tags;

pub use package::{OfdPackage, PartName};

use std::borrow::Cow;

use piaoxia_domain::qr::Payload;

use crate::document::{Document, Source, Warning};
use crate::encoding;
use crate::field::Field;
use crate::format::FileFormat;
use crate::limits::{OFD_PICTURES, PICTURE_FILE_BYTES, PRINTED_PAGES, XML_BYTES};
use crate::lines::Lines;
use crate::pdf::{self, Print};
use crate::qr;
use crate::refused::Refused;
use crate::statement::{self, Statement};
use map::Map;

/// Reads an OFD.
///
/// # Errors
/// [`Refused`]; an OFD in which nothing states an invoice number is [`Refused::NotRecognised`].
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Document, Refused> {
    let package = OfdPackage::open(bytes)?;
    let map = Map::read(&package)?;
    let attached = attachments::read(&package, &map)?;
    let mut statements = attached.statements;
    statements.push(custom_data::statement(&map)?);
    statements.push(tags::statement(&package, &map)?);
    if let Some(statement) = layout_statement(&package, &map, &statements)? {
        statements.push(statement);
    }
    if !states(&statements, Field::Number) {
        return Err(Refused::NotRecognised);
    }
    if let Some(statement) = printed_lines(&package, &map, &statements)? {
        statements.push(statement);
    }
    let payload = payload(&package, attached.graph_code.as_deref(), &statements);
    if let Some(payload) = &payload {
        statements.push(qr::statement(payload)?);
    }
    let mut document = statement::document(name, FileFormat::Ofd, statements)?;
    document.evidence.numbers = attached.numbers;
    document.evidence.qr = payload;
    document.warnings.extend(attached.warnings);
    if map.others > 0 {
        document.warnings.push(Warning::OtherDocuments { count: map.others });
    }
    Ok(document)
}

/// The QR code: what the attachment holds of it, or a picture of the package. Pictures cost more than all the rest, so they are
/// looked at where no attachment has said what the invoice is.
fn payload(package: &OfdPackage<'_>, graph_code: Option<&str>, statements: &[Statement<'_>]) -> Option<Payload> {
    if let Some(graph_code) = graph_code {
        return qr::of_graph_code(graph_code);
    }
    if statements.iter().any(|statement| statement.source == Source::Attachment) {
        return None;
    }
    let is_picture = |name: &&PartName| {
        let name = name.file_name().to_ascii_lowercase();
        [".png", ".jpg", ".jpeg"].iter().any(|ending| name.ends_with(ending))
    };
    let pictures = package.parts().filter(is_picture).take(OFD_PICTURES);
    pictures.filter_map(|name| package.part_within(name, PICTURE_FILE_BYTES).ok()).find_map(|bytes| qr::of_picture(&bytes))
}

/// What the page says where the other places leave something open. What a page can state well is compared with them; names
/// may be broken over lines, so they fill gaps and prove nothing.
fn layout_statement(package: &OfdPackage<'_>, map: &Map, statements: &[Statement<'static>]) -> Result<Option<Statement<'static>>, Refused> {
    const EXACT: [Field; 5] = [Field::Number, Field::IssuedOn, Field::Net, Field::Tax, Field::Gross];
    let open = |field: &Field| !states(statements, *field);
    if !EXACT.iter().chain(&[Field::SellerName, Field::BuyerName]).any(open) {
        return Ok(None);
    }
    let Some(first) = map.pages.first() else { return Ok(None) };
    let texts = page::texts(package, map, first)?;
    let keep = |field: Field| EXACT.contains(&field) || open(&field);
    layout::statement(&texts, keep).map(Some)
}

/// The goods lines that the pages print, where no other place has them. They count where they add up to the totals.
fn printed_lines(package: &OfdPackage<'_>, map: &Map, statements: &[Statement<'static>]) -> Result<Option<Statement<'static>>, Refused> {
    if statements.iter().any(|statement| !statement.lines.all.is_empty()) {
        return Ok(None);
    }
    let mut statement = Statement::new(Source::Layout);
    for field in [Field::Net, Field::Tax] {
        if let Some(text) = statements.iter().find_map(|statement| statement.get(field)) {
            statement.state(field, text.to_owned())?;
        }
    }
    let mut pages = Vec::new();
    for page in map.pages.iter().take(PRINTED_PAGES) {
        let texts = page::texts(package, map, page)?;
        pages.push(texts.into_iter().map(|text| Print { left: text.x, y: text.y, size: text.size, text: text.text }).collect());
    }
    pdf::printed_lines(pages, &mut statement)?;
    let mut lines = std::mem::take(&mut statement.lines);
    if lines.all.iter().any(|line| line.name.contains("详见")) {
        // The list of goods that it names is not there.
        lines = Lines::default();
    }
    let mut found = Statement::new(Source::Layout);
    found.lines = lines;
    Ok((!found.lines.all.is_empty()).then_some(found))
}

fn states(statements: &[Statement<'_>], field: Field) -> bool {
    statements.iter().any(|statement| statement.get(field).is_some())
}

/// The text of an XML part.
fn xml(package: &OfdPackage<'_>, name: &PartName) -> Result<String, Refused> {
    let bytes = package.part_within(name, XML_BYTES)?;
    encoding::text(&bytes).map(Cow::into_owned)
}

/// As [`xml`]; none where the part is missing: a broken link is no reason to refuse an invoice that other places state.
fn xml_if_there(package: &OfdPackage<'_>, base: &PartName, loc: &str) -> Result<Option<(PartName, String)>, Refused> {
    let Ok(name) = package.resolve(base, loc) else { return Ok(None) };
    if !package.contains(&name) {
        return Ok(None);
    }
    let text = xml(package, &name)?;
    Ok(Some((name, text)))
}
