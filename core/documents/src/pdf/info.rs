//! The bureau's keys in the information dictionary of a 数电 PDF.

use super::file::File;
use super::object::{Object, text_string};
use crate::document::Source;
use crate::field::Field;
use crate::refused::Refused;
use crate::statement::Statement;

const KEYS: [(&[u8], Field); 6] = [
    (b"InvoiceNumber", Field::Number),
    (b"IssueTime", Field::IssuedOn),
    (b"SellerIdNum", Field::SellerTaxNo),
    (b"TotalAmWithoutTax", Field::Net),
    (b"TotalTaxAm", Field::Tax),
    (b"TotalTax-includedAmount", Field::Gross),
];

/// What the dictionary states; none without a number.
///
/// # Errors
/// As [`Statement::state`].
pub(super) fn statement(file: &File<'_>) -> Result<Option<Statement<'static>>, Refused> {
    let info = file.info();
    let Some(info) = info.dict() else { return Ok(None) };
    let mut statement = Statement::new(Source::Info);
    for (key, field) in KEYS {
        let text = match file.value(info, key) {
            Object::Text(text) => text_string(&text),
            Object::Number(number) => number.to_string(),
            _ => continue,
        };
        statement.state(field, text)?;
    }
    Ok(statement.get(Field::Number).is_some().then_some(statement))
}
