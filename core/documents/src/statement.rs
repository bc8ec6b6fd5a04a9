//! What each place in a file says of the invoice, and how the places are weighed.
//!
//! A file can state the same field several times: in an attachment, in custom data, in tags, in its text, in its QR code.
//! Each place gives one [`Statement`]. The reader hands them over in the order of its trust; the first that has a field gives
//! it, and a later one that says something else is a [`Warning::SourcesDiffer`] and fails the check
//! [`SourcesAgree`](crate::Check::SourcesAgree). Nothing is silently chosen.

mod fields;
#[cfg(test)]
mod tests;
mod weighing;

use std::borrow::Cow;

use piaoxia_domain::{Invoice, Status};

use crate::document::{Document, Evidence, Numbers, Source, Warning};
use crate::field::Field;
use crate::format::FileFormat;
use crate::lines::{Lines, trimmed};
use crate::refused::Refused;
use fields::Side;
use weighing::Weighing;
pub(crate) use weighing::folded;

/// What one place in a file says of the invoice.
///
/// The texts are as stated, trimmed:
/// - [`Field::Number`]: 20 digits, or 发票号码 of a legacy invoice, whose 发票代码 is [`Field::Code`]. Of a 数电纸质 invoice,
///   which has all three, [`Field::PaperNumber`] is the 发票号码 that belongs to the code.
/// - [`Field::Kind`]: the bureau's two-digit code, or a name that `Kind::from_name` knows; any other text is shown.
/// - [`Field::IssuedOn`], [`Field::Net`], [`Field::Tax`], [`Field::Gross`]: any spelling that `values` reads; `--` and `***` are
///   no statement.
/// - [`Field::RedOf`]: the 20 digits of the blue invoice, or its `code-number`.
/// - contacts and banks: both parts with a space between them ([`Statement::state_joined`]).
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    /// Where it is written.
    pub source: Source,
    /// The goods lines; empty where the place has none.
    pub lines: Lines,
    /// The place marks the invoice as red, or as blue (是否蓝字发票标志).
    pub red: Option<bool>,
    /// What was odd about the place.
    pub warnings: Vec<Warning>,
    texts: Vec<(Field, Cow<'a, str>)>,
}

impl<'a> Statement<'a> {
    /// Nothing yet.
    pub(crate) fn new(source: Source) -> Self {
        Self { source, lines: Lines::default(), red: None, warnings: Vec::new(), texts: Vec::with_capacity(16) }
    }

    /// Keeps a text, trimmed; an empty one says nothing. A second text for the same field is [`Warning::Repeated`] when it
    /// differs, and the first stays.
    ///
    /// # Errors
    /// [`Refused::TextTooLong`].
    pub(crate) fn state(&mut self, field: Field, text: impl Into<Cow<'a, str>>) -> Result<(), Refused> {
        let Some(text) = trimmed(text.into(), field)? else { return Ok(()) };
        match self.get(field) {
            None => self.texts.push((field, text)),
            Some(kept) if kept != text => self.warn_repeated(field),
            Some(_) => {}
        }
        Ok(())
    }

    /// Keeps two texts of one field with a space between them, or the one that says something.
    ///
    /// # Errors
    /// [`Refused::TextTooLong`].
    pub(crate) fn state_joined(&mut self, field: Field, first: Option<Cow<'a, str>>, second: Option<Cow<'a, str>>) -> Result<(), Refused> {
        match (first, second) {
            (Some(first), Some(second)) => self.state(field, format!("{} {}", first.trim(), second.trim())),
            (Some(one), None) | (None, Some(one)) => self.state(field, one),
            (None, None) => Ok(()),
        }
    }

    /// The same, borrowing nothing.
    pub(crate) fn into_owned(self) -> Statement<'static> {
        let texts = self.texts.into_iter().map(|(field, text)| (field, Cow::Owned(text.into_owned()))).collect();
        Statement { source: self.source, lines: self.lines, red: self.red, warnings: self.warnings, texts }
    }

    /// The text of a field.
    pub(crate) fn get(&self, field: Field) -> Option<&str> {
        self.texts.iter().find(|(stated, _)| *stated == field).map(|(_, text)| text.as_ref())
    }

    /// The place says a field twice, differently.
    pub(crate) fn warn_repeated(&mut self, field: Field) {
        let warning = Warning::Repeated { field };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// How far the places in one file agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// Fields that at least two places state, all the same.
    pub agreed: Vec<Field>,
    /// The places that state one of them.
    pub sources: Vec<Source>,
    /// Fields that two places state differently.
    pub differing: Vec<Field>,
}

/// The document that the statements make, the most trusted first. `name` is the file's name: it tells the kind where no
/// statement does.
///
/// # Errors
/// [`Refused::MissingField`] without a number, a date or two of the three totals; [`Refused::BadValue`] where no statement of a
/// field can be read.
pub(crate) fn document(name: &str, format: FileFormat, mut statements: Vec<Statement<'_>>) -> Result<Document, Refused> {
    let mut weighing = Weighing::new(&statements);
    let (key, paper_key) = weighing.keys()?;
    let issued_at = weighing.issued_at()?;
    let (net, tax, gross) = weighing.totals()?;
    let kind = weighing.kind(name, &key)?;
    let seller = weighing.party(&Side::SELLER)?;
    let buyer = weighing.party(&Side::BUYER)?;
    weighing.check_number(name, &key, issued_at);
    weighing.check_red_mark(gross);
    let remark = weighing.text(Field::Remark)?;
    let drawer = weighing.text(Field::Drawer)?;
    let check_code = weighing.text(Field::CheckCode)?;
    let red_of = weighing.red_of(&remark)?;
    let lines_from = weighing.lines();
    let Weighing { sources, mut warnings, agreement, .. } = weighing;
    let lines = lines_from.and_then(|index| statements.get_mut(index)).map(|statement| std::mem::take(&mut statement.lines));
    let lines = lines.unwrap_or_default();
    warnings.extend(statements.into_iter().flat_map(|statement| statement.warnings));
    warnings.extend(lines.warnings);
    let invoice = Invoice {
        paper_key,
        kind,
        direction: None,
        both_sides: false,
        self_billed: false,
        issued_at,
        seller,
        buyer,
        net,
        tax,
        gross,
        status: Status::Normal,
        deduction: None,
        usage: None,
        red_of,
        risk: String::new(),
        source: String::new(),
        drawer,
        remark,
        check_code,
        lines: lines.all,
        key,
    };
    let evidence = Evidence { numbers: Numbers::Single, agreement, line_tax: lines.exact_tax, ..Evidence::default() };
    Ok(Document { format, invoice, sources, warnings, evidence })
}
