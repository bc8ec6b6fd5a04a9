//! XML documents: which of the known ones it is, on its own or attached to an OFD or PDF.

mod tax_control;
mod voucher;

pub(crate) use voucher::FISCAL_RECEIPT;

use crate::document::{Document, Numbers, Source};
use crate::encoding;
use crate::format::FileFormat;
use crate::limits::XML_BYTES;
use crate::refused::Refused;
use crate::statement::{self, Statement};
use crate::{einvoice, markup, qr};

/// A known kind of XML, told by its root element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// `EInvoice`, and flat dialects.
    Digital,
    /// `eInvoice` of the e-invoice schema of 2019 (税控).
    TaxControl,
    /// `xbrl` of the 电子凭证会计数据标准.
    Voucher,
}

/// What an XML says when it is attached to another document.
pub(crate) struct Attached<'a> {
    /// The fields.
    pub statement: Statement<'a>,
    /// Whether its two statements of the number agree.
    pub numbers: Numbers,
    /// QR payload, or base64 of a PNG of the QR code (`GraphCode` of 税控 invoices).
    pub graph_code: Option<String>,
}

/// Reads an XML file. `name` is its name.
///
/// # Errors
/// [`Refused`]; an XML of no known kind is [`Refused::NotRecognised`].
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Document, Refused> {
    if bytes.len() > XML_BYTES {
        return Err(Refused::TooLarge { size: bytes.len() as u64, limit: XML_BYTES as u64 });
    }
    let text = encoding::text(bytes)?;
    match dialect(&text) {
        Dialect::Digital => einvoice::read(name, &text),
        other => {
            let attached = parse(other, Source::Xml, name, &text)?;
            let payload = attached.graph_code.as_deref().and_then(qr::of_graph_code);
            let mut statements = vec![attached.statement];
            if let Some(payload) = &payload {
                statements.push(qr::statement(payload)?);
            }
            let mut document = statement::document(name, FileFormat::Xml, statements)?;
            document.evidence.qr = payload;
            Ok(document)
        }
    }
}

/// Reads the decoded text of an XML attached to another document; `name` is the attachment's file name.
///
/// # Errors
/// As [`read`], as far as the text goes.
pub(crate) fn attached<'a>(name: &str, text: &'a str) -> Result<Attached<'a>, Refused> {
    parse(dialect(text), Source::Attachment, name, text)
}

fn parse<'a>(dialect: Dialect, source: Source, name: &str, text: &'a str) -> Result<Attached<'a>, Refused> {
    match dialect {
        Dialect::Digital => {
            let read = einvoice::parse(text)?;
            let mut statement = read.statement;
            statement.source = source;
            Ok(Attached { statement, numbers: read.numbers, graph_code: None })
        }
        Dialect::TaxControl => tax_control::parse(source, text),
        Dialect::Voucher => Ok(Attached { statement: voucher::parse(source, name, text)?, numbers: Numbers::Single, graph_code: None }),
    }
}

/// Whether a text, or how it begins, has a root element that only invoices and vouchers have.
pub(crate) fn is_known_root(text: &str) -> bool {
    let root = markup::root(text.trim_start_matches('\u{FEFF}')).unwrap_or_default();
    let local = markup::local(&root);
    local.eq_ignore_ascii_case("einvoice") || local.eq_ignore_ascii_case("xbrl")
}

/// What the root element says. 数电 and 税控 differ in one capital, `EInvoice` and `eInvoice`, which some writers mistake: what
/// is in it tells.
fn dialect(text: &str) -> Dialect {
    let root = markup::root(text).unwrap_or_default();
    match markup::local(&root) {
        "EInvoice" => Dialect::Digital,
        local if local.eq_ignore_ascii_case("einvoice") => {
            if text.contains("EInvoiceData") || text.contains("TotalAmWithoutTax") {
                Dialect::Digital
            } else {
                Dialect::TaxControl
            }
        }
        local if local.eq_ignore_ascii_case("xbrl") => Dialect::Voucher,
        _ => Dialect::Digital,
    }
}
