//! 数电票 XML (`EInvoice`, versions 0.2 to 0.35), and two flat dialects with Chinese or pinyin tags.
//!
//! One pass: `grammar` says what an element means in its place, `collect` keeps the texts, `build` makes the invoice.

mod build;
mod collect;
mod flat;
mod grammar;

use crate::document::{Document, Numbers};
use crate::format::FileFormat;
use crate::markup;
use crate::refused::Refused;
use crate::statement::{self, Statement};

/// What a 数电 XML says, and what its checks need.
pub(crate) struct EInvoice<'a> {
    /// The fields.
    pub statement: Statement<'a>,
    /// Whether head and bureau state the same number.
    pub numbers: Numbers,
    /// The bureau's signature is there.
    pub signed: bool,
}

/// Reads an XML invoice that is a file of its own.
///
/// # Errors
/// [`Refused`]; an XML that states no invoice number is [`Refused::NotRecognised`] unless its root is `EInvoice`.
pub(crate) fn read(name: &str, text: &str) -> Result<Document, Refused> {
    let EInvoice { statement, numbers, signed } = parse(text)?;
    let mut document = statement::document(name, FileFormat::Xml, vec![statement])?;
    document.evidence.numbers = numbers;
    document.evidence.signed = signed;
    Ok(document)
}

/// What the text of an XML invoice says.
///
/// # Errors
/// As [`read`], as far as the text goes.
pub(crate) fn parse(text: &str) -> Result<EInvoice<'_>, Refused> {
    let mut collected = collect::Collector::default();
    markup::walk(text, &mut collected)?;
    build::einvoice(collected)
}
