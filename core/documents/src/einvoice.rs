//! 数电票 XML (`EInvoice`, versions 0.2 to 0.35), and two flat dialects with Chinese or pinyin tags.
//!
//! One pass: `grammar` says what an element means in its place, `collect` keeps the texts, `build` makes the invoice.

mod build;
mod collect;
mod grammar;

use crate::document::Document;
use crate::encoding;
use crate::limits::XML_BYTES;
use crate::markup;
use crate::refused::Refused;

/// Reads an XML invoice.
///
/// # Errors
/// [`Refused`]; an XML that states no invoice number is [`Refused::NotRecognised`] unless its root is `EInvoice`.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Document, Refused> {
    if bytes.len() > XML_BYTES {
        return Err(Refused::TooLarge { size: bytes.len() as u64, limit: XML_BYTES as u64 });
    }
    let text = encoding::text(bytes)?;
    let mut collected = collect::Collector::default();
    markup::walk(&text, &mut collected)?;
    build::document(name, collected)
}
