//! QR codes of invoices in pictures, and what they state.

use piaoxia_domain::InvoiceKey;
use piaoxia_domain::qr::Payload;

use crate::document::Source;
use crate::field::Field;
use crate::raster::{self, Grey};
use crate::refused::Refused;
use crate::statement::Statement;

/// The invoice's code in a picture: the first that is one.
pub(crate) fn payload(picture: Grey) -> Option<Payload> {
    raster::qr_texts(picture).iter().find_map(|text| Payload::parse(text))
}

/// What a code states: number, date and one amount, of which the generation tells which it is.
///
/// # Errors
/// As [`Statement::state`].
pub(crate) fn statement(payload: &Payload) -> Result<Statement<'static>, Refused> {
    let mut statement = Statement::new(Source::Qr);
    statement.state(Field::Number, payload.key.number().to_owned())?;
    statement.state(Field::Code, payload.key.code().unwrap_or_default().to_owned())?;
    if let Some(kind) = &payload.kind {
        statement.state(Field::Kind, kind.code().to_owned())?;
    }
    statement.state(Field::IssuedOn, payload.issued_on.to_string())?;
    let amount = if matches!(payload.key, InvoiceKey::Legacy { .. }) { Field::Net } else { Field::Gross };
    statement.state(amount, payload.amount.to_string())?;
    statement.state(Field::CheckCode, payload.check_code.clone())?;
    Ok(statement)
}
