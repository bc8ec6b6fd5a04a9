//! Custom tags (自定义标引): which text objects of which pages state which facts.

use super::map::Map;
use super::package::OfdPackage;
use super::page::{self, Text};
use super::xml_if_there;
use crate::document::Source;
use crate::field::Field;
use crate::leaves::Meaning::{Cell, Line};
use crate::leaves::{Meaning, Vocabulary};
use crate::lines::{LineSlot, LineTexts};
use crate::markup::find;
use crate::outline::{self, Names};
use crate::refused::Refused;
use crate::statement::Statement;

const LIST: Names = &[("FileLoc", "FileLoc")];
const ELEMENTS: Names = &[
    ("ObjectRef", "ObjectRef"),
    ("ObjectData", "ObjectData"),
    ("InvoiceCode", "InvoiceCode"),
    ("InvoiceNo", "InvoiceNo"),
    ("IssueDate", "IssueDate"),
    ("InvoiceCheckCode", "InvoiceCheckCode"),
    ("BuyerName", "BuyerName"),
    ("BuyerTaxID", "BuyerTaxID"),
    ("BuyerAddrTel", "BuyerAddrTel"),
    ("BuyerFinancialAccount", "BuyerFinancialAccount"),
    ("SellerName", "SellerName"),
    ("SellerTaxID", "SellerTaxID"),
    ("SellerAddrTel", "SellerAddrTel"),
    ("SellerFinancialAccount", "SellerFinancialAccount"),
    ("TaxExclusiveTotalAmount", "TaxExclusiveTotalAmount"),
    ("TaxTotalAmount", "TaxTotalAmount"),
    ("TaxInclusiveTotalAmount", "TaxInclusiveTotalAmount"),
    ("InvoiceClerk", "InvoiceClerk"),
    ("Note", "Note"),
    ("GoodsInfo", "GoodsInfo"),
    ("Item", "Item"),
    ("Specification", "Specification"),
    ("MeasurementDimension", "MeasurementDimension"),
    ("Quantity", "Quantity"),
    ("Price", "Price"),
    ("Amount", "Amount"),
    ("TaxScheme", "TaxScheme"),
    ("TaxAmount", "TaxAmount"),
    ("Code", "Code"),
];
const ATTRIBUTES: Names = &[("PageRef", "PageRef")];
const MEANINGS: Vocabulary = &[
    ("InvoiceCode", Meaning::Field(Field::Code)),
    ("InvoiceNo", Meaning::Field(Field::Number)),
    ("IssueDate", Meaning::Field(Field::IssuedOn)),
    ("InvoiceCheckCode", Meaning::Field(Field::CheckCode)),
    ("BuyerName", Meaning::Field(Field::BuyerName)),
    ("BuyerTaxID", Meaning::Field(Field::BuyerTaxNo)),
    ("BuyerAddrTel", Meaning::Field(Field::BuyerContact)),
    ("BuyerFinancialAccount", Meaning::Field(Field::BuyerBank)),
    ("SellerName", Meaning::Field(Field::SellerName)),
    ("SellerTaxID", Meaning::Field(Field::SellerTaxNo)),
    ("SellerAddrTel", Meaning::Field(Field::SellerContact)),
    ("SellerFinancialAccount", Meaning::Field(Field::SellerBank)),
    ("TaxExclusiveTotalAmount", Meaning::Field(Field::Net)),
    ("TaxTotalAmount", Meaning::Field(Field::Tax)),
    ("TaxInclusiveTotalAmount", Meaning::Field(Field::Gross)),
    ("InvoiceClerk", Meaning::Field(Field::Drawer)),
    ("Note", Meaning::Field(Field::Remark)),
    ("GoodsInfo", Line),
    ("Item", Cell(LineSlot::Name)),
    ("Specification", Cell(LineSlot::Spec)),
    ("MeasurementDimension", Cell(LineSlot::Unit)),
    ("Quantity", Cell(LineSlot::Quantity)),
    ("Price", Cell(LineSlot::Price)),
    ("Amount", Cell(LineSlot::Net)),
    ("TaxScheme", Cell(LineSlot::Rate)),
    ("TaxAmount", Cell(LineSlot::Tax)),
    ("Code", Cell(LineSlot::ClassCode)),
];

/// Most bytes of text that all tags together may point at.
const TAGGED_BYTES: usize = 4 * 1024 * 1024;

/// A fact and the texts that state it.
struct Fact {
    meaning: Meaning,
    depth: usize,
    /// Goods line that a cell belongs to.
    line: usize,
    pieces: Vec<Piece>,
}

/// A text, or where it is.
struct Piece {
    page: u32,
    object: u32,
    text: Option<String>,
}

/// What the tags say. Empty where there are none, and where their texts are not there.
///
/// # Errors
/// Broken XML, limits.
pub(super) fn statement(package: &OfdPackage<'_>, map: &Map) -> Result<Statement<'static>, Refused> {
    let mut facts = Vec::new();
    if let Some((list, text)) = map.custom_tags.as_ref().map_or(Ok(None), |loc| xml_if_there(package, &map.document, loc))? {
        for node in outline::read(&text, LIST, &[])? {
            if let Some((_, text)) = xml_if_there(package, &list, &node.text)? {
                collect(&text, &mut facts)?;
            }
        }
    }
    fill(package, map, &mut facts)?;
    stated(&facts)
}

fn collect(text: &str, facts: &mut Vec<Fact>) -> Result<(), Refused> {
    let mut line = facts.iter().map(|fact| fact.line).max().unwrap_or_default();
    // In 数电 files nothing stands around a goods line: each begins with its name.
    let mut grouped = false;
    let mut open = false;
    for node in outline::read(text, ELEMENTS, ATTRIBUTES)? {
        match (node.name, find(MEANINGS, node.name)) {
            ("ObjectRef" | "ObjectData", _) => {
                let Some(fact) = facts.last_mut().filter(|fact| open && node.within && node.depth == fact.depth + 1) else { continue };
                let id = |text: &str| text.trim().parse::<u32>().ok();
                let data = (node.name == "ObjectData").then(|| node.text.trim().to_owned());
                let page = node.attribute("PageRef").and_then(id).unwrap_or_default();
                fact.pieces.push(Piece { page, object: id(&node.text).unwrap_or_default(), text: data });
            }
            (_, None) => open = false,
            (_, Some(Line)) => (grouped, open, line) = (true, false, line + 1),
            (_, Some(meaning)) => {
                if !grouped && matches!(meaning, Cell(LineSlot::Name)) {
                    line += 1;
                }
                facts.push(Fact { meaning, depth: node.depth, line, pieces: Vec::new() });
                open = true;
            }
        }
    }
    Ok(())
}

/// Fetches the texts, one part after the other, so that no two are in memory at once. Templates are read only for what the
/// page itself does not have.
fn fill(package: &OfdPackage<'_>, map: &Map, facts: &mut [Fact]) -> Result<(), Refused> {
    // A thousand references to one long text would otherwise make a thousand copies of it.
    let mut room = TAGGED_BYTES;
    let mut waiting: Vec<&mut Piece> = facts.iter_mut().flat_map(|fact| &mut fact.pieces).filter(|piece| piece.text.is_none()).collect();
    waiting.sort_by_key(|piece| (piece.page, piece.object));
    for pieces in waiting.chunk_by_mut(|one, next| one.page == next.page) {
        let wanted = pieces.first().map(|piece| piece.page).unwrap_or_default();
        let Some(sheet) = map.pages.iter().chain(&map.templates).find(|sheet| sheet.id == wanted) else { continue };
        let page = page::objects(package, map, sheet)?;
        hand_out(&page.texts, pieces, &mut room)?;
        for template in map.templates.iter().filter(|template| page.templates.contains(&template.id)).take(page::TEMPLATES) {
            if pieces.iter().any(|piece| piece.text.is_none() && piece.object != 0) {
                hand_out(&page::objects(package, map, template)?.texts, pieces, &mut room)?;
            }
        }
    }
    Ok(())
}

/// Gives each piece, in the order of objects, the texts of its object. Several references may name one object, and an object
/// may hold several texts.
fn hand_out(texts: &[Text], pieces: &mut [&mut Piece], room: &mut usize) -> Result<(), Refused> {
    for text in texts {
        let first = pieces.partition_point(|piece| piece.object < text.object);
        for piece in pieces.iter_mut().skip(first).take_while(|piece| piece.object == text.object) {
            *room = room.checked_sub(text.text.len()).ok_or(Refused::TooManyParts { limit: TAGGED_BYTES })?;
            piece.text.get_or_insert_default().push_str(&text.text);
        }
    }
    Ok(())
}

fn stated(facts: &[Fact]) -> Result<Statement<'static>, Refused> {
    let mut statement = Statement::new(Source::CustomTag);
    let mut lines: Vec<(usize, LineTexts<'static>)> = Vec::new();
    for fact in facts {
        let text = joined(fact);
        match fact.meaning {
            Meaning::Field(field) => statement.state(field, text)?,
            Cell(slot) if !text.is_empty() => {
                if lines.last().is_none_or(|(number, _)| *number != fact.line) {
                    lines.push((fact.line, LineTexts::default()));
                }
                if let Some((_, line)) = lines.last_mut() {
                    line.set(slot, text)?;
                }
            }
            _ => {}
        }
    }
    // Tags of lines without an amount each are no lines: nothing could be made of them.
    if lines.iter().all(|(_, line)| line.get(LineSlot::Net).is_some()) {
        for (_, line) in &lines {
            statement.lines.add(line)?;
        }
    }
    Ok(statement)
}

/// The texts of a fact one behind the other; what is printed twice is said once.
fn joined(fact: &Fact) -> String {
    let texts: Vec<&str> = fact.pieces.iter().filter_map(|piece| piece.text.as_deref()).filter(|text| !text.is_empty()).collect();
    let text = match texts.as_slice() {
        [first, rest @ ..] if rest.iter().all(|text| text == first) => (*first).to_owned(),
        all => all.concat(),
    };
    let numeric = !matches!(
        fact.meaning,
        Meaning::Field(
            Field::BuyerName
                | Field::BuyerContact
                | Field::BuyerBank
                | Field::SellerName
                | Field::SellerContact
                | Field::SellerBank
                | Field::Drawer
                | Field::Remark
        ) | Cell(LineSlot::Name | LineSlot::Spec | LineSlot::Unit)
    );
    if numeric { text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '¥' | '￥')).collect() } else { text }
}
