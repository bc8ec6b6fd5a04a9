//! QR codes of invoices in pictures, and what they state.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use piaoxia_domain::InvoiceKey;
use piaoxia_domain::qr::Payload;

use crate::document::Source;
use crate::field::Field;
use crate::limits::GRAPH_CODE_BYTES;
use crate::raster::{self, Grey};
use crate::refused::Refused;
use crate::statement::Statement;

/// The invoice's code in a picture: the first that is one.
pub(crate) fn payload(picture: Grey) -> Option<Payload> {
    raster::qr_texts(picture).iter().find_map(|text| Payload::parse(text))
}

/// The code that a 税控 invoice carries in `GraphCode`: its text, or a picture of it in base64.
pub(crate) fn of_graph_code(text: &str) -> Option<Payload> {
    if text.len() > GRAPH_CODE_BYTES {
        return None;
    }
    Payload::parse(text).or_else(|| {
        let base64: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        of_picture(&STANDARD.decode(base64).ok()?)
    })
}

/// The code in a PNG or JPEG file.
pub(crate) fn of_picture(bytes: &[u8]) -> Option<Payload> {
    payload(raster::read(bytes)?)
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
