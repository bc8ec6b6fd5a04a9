//! OFD (GB/T 33190-2016): the container, its parts in the places that real invoices have them, and the seal over them.

mod document;
mod page;
mod signature;
mod tags;

use std::io::{Cursor, Write};

use piaoxia_domain::Invoice;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::layout::Sheet;
use super::qr::Qr;
use super::seal::Seal;
use super::{Generation, OriginalError};
use document::Ids;

/// Namespace of every part.
const NAMESPACE: (&str, &str) = ("xmlns:ofd", "http://www.ofdspec.org/2016");

/// A file of the container.
struct Entry {
    /// Path without a leading slash.
    path: String,
    bytes: Vec<u8>,
}

/// The OFD file of an invoice, sealed, with the attachment in it.
pub(super) fn write(
    invoice: &Invoice,
    generation: Generation,
    sheet: &Sheet,
    qr: Option<&Qr>,
    attachment: &[u8],
    seal: &Seal,
) -> Result<Vec<u8>, OriginalError> {
    let mut ids = Ids::new(sheet);
    let mut content = Vec::new();
    let mut tagged = Vec::new();
    for (at, page) in sheet.pages.iter().enumerate() {
        let bytes = page::page(sheet, at, page, &mut ids, &mut tagged);
        content.push(Entry { path: format!("Doc_0/Pages/Page_{at}/Content.xml"), bytes });
    }
    for (at, form) in sheet.forms.iter().enumerate() {
        content.push(Entry { path: format!("Doc_0/Tpls/Tpl_{at}/Content.xml"), bytes: page::form(form, &mut ids) });
    }
    if let Some(qr) = qr {
        content.push(Entry { path: "Doc_0/Res/qrcode.png".to_owned(), bytes: qr.png()? });
    }
    content.push(Entry { path: "Doc_0/Attachs/original_invoice.xml".to_owned(), bytes: attachment.to_vec() });
    content.push(Entry { path: "Doc_0/Attachs/Attachments.xml".to_owned(), bytes: document::attachments(invoice, attachment.len()) });
    if generation == Generation::TaxControl {
        content.push(Entry { path: "Doc_0/Annots/Page_0/Annotation.xml".to_owned(), bytes: document::annotation() });
        content.push(Entry { path: "Doc_0/Annots/Annotations.xml".to_owned(), bytes: document::annotations(&ids) });
    }
    let (type_id, tag_file, tags) = tags::write(generation, &tagged, invoice.lines.len());
    content.push(Entry { path: "Doc_0/Tags/CustomTags.xml".to_owned(), bytes: document::custom_tags(type_id, tag_file) });
    content.push(Entry { path: format!("Doc_0/Tags/{tag_file}"), bytes: tags });
    content.push(Entry { path: "Doc_0/DocumentRes.xml".to_owned(), bytes: document::document_res(qr.is_some()) });
    content.push(Entry { path: "Doc_0/PublicRes.xml".to_owned(), bytes: document::public_res() });
    content.push(Entry { path: "Doc_0/Document.xml".to_owned(), bytes: document::document(sheet, generation, &ids) });

    let signature = signature::signature(invoice, sheet, &content, &ids);
    let value = seal.signed_value(&signature, signature::PATH, invoice.issued_at)?;
    content.push(Entry { path: "OFD.xml".to_owned(), bytes: document::ofd(invoice, generation) });
    content.push(Entry { path: "Doc_0/Signs/Signatures.xml".to_owned(), bytes: signature::list() });
    content.push(Entry { path: signature::PATH.trim_start_matches('/').to_owned(), bytes: signature });
    content.push(Entry { path: signature::VALUE_PATH.trim_start_matches('/').to_owned(), bytes: value });
    pack(invoice, &content)
}

/// The ZIP container; every entry carries the time of issue.
fn pack(invoice: &Invoice, entries: &[Entry]) -> Result<Vec<u8>, OriginalError> {
    let time = entry_time(invoice).unwrap_or_default();
    let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(64 * 1024)));
    for entry in entries {
        // Pictures and the seal, which holds one, do not get smaller.
        let packed = entry.path.ends_with(".png") || entry.path.ends_with(".dat");
        let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        // The attributes of Windows, so that the bytes do not depend on the system that writes them.
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(time).system(zip::System::Dos);
        zip.start_file(entry.path.as_str(), options)?;
        zip.write_all(&entry.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// ZIP knows the years 1980 to 2107.
fn entry_time(invoice: &Invoice) -> Option<DateTime> {
    let at = invoice.issued_at;
    let part = |value: i8| u8::try_from(value).ok();
    let year = u16::try_from(at.year()).ok()?;
    DateTime::from_date_and_time(year, part(at.month())?, part(at.day())?, part(at.hour())?, part(at.minute())?, part(at.second())?).ok()
}
