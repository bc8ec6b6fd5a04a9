//! Attachments (ISO 32000-1, 7.11.4): tickets and older invoices carry their structured data in the file.

use super::file::File;
use super::object::{Dict, Object, text_string};
use crate::document::{Numbers, Warning};
use crate::format::FileFormat;
use crate::limits::{PDF_ATTACHMENTS, PDF_DEPTH, XML_BYTES};
use crate::refused::{Refused, shortened};
use crate::statement::Statement;
use crate::{encoding, format, xml};

/// What the attachments state.
#[derive(Default)]
pub(super) struct Attachments {
    /// One of each that is an invoice.
    pub statements: Vec<Statement<'static>>,
    /// Whether a 数电 XML among them states its number twice, the same.
    pub numbers: Numbers,
    /// Those that should be readable and are not.
    pub warnings: Vec<Warning>,
}

/// Reads every attachment that is an XML of a known kind. Their names say nothing: that of a refund is `0`.
///
/// # Errors
/// Attacks are refused; a damaged attachment is a warning.
pub(super) fn read(file: &File<'_>) -> Result<Attachments, Refused> {
    let mut all = Attachments::default();
    for (name, bytes) in files(file) {
        match all.add(&name, &bytes) {
            Ok(()) | Err(Refused::NotRecognised) => {}
            Err(refused) if refused.is_attack() => return Err(refused),
            Err(_) => all.warnings.push(Warning::AttachmentUnread { name: shortened(&name) }),
        }
    }
    Ok(all)
}

impl Attachments {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refused> {
        if format::of(bytes) != Some(FileFormat::Xml) {
            return Err(Refused::NotRecognised);
        }
        if bytes.len() > XML_BYTES {
            return Err(Refused::TooLarge { size: bytes.len() as u64, limit: XML_BYTES as u64 });
        }
        let text = encoding::text(bytes)?;
        let read = xml::attached(name, &text)?;
        self.statements.push(read.statement.into_owned());
        if read.numbers != Numbers::Single {
            self.numbers = read.numbers;
        }
        Ok(())
    }
}

/// Name and bytes of each attached file. Nothing of it is ever written or opened by another program.
fn files(file: &File<'_>) -> Vec<(String, Vec<u8>)> {
    let catalog = file.catalog();
    let names = catalog.dict().map(|catalog| file.value(catalog, b"Names")).unwrap_or_default();
    let tree = names.dict().map(|names| names.get(b"EmbeddedFiles").clone()).unwrap_or_default();
    let mut open = vec![(tree, 0)];
    let mut found = Vec::new();
    let mut left = 4 * PDF_ATTACHMENTS;
    while let Some((node, depth)) = open.pop() {
        left -= 1;
        if left == 0 || found.len() == PDF_ATTACHMENTS {
            break;
        }
        let node = file.resolve(&node);
        // The node of an empty tree has nothing at all.
        let Some(node) = node.dict() else { continue };
        let kids = file.value(node, b"Kids");
        if depth < PDF_DEPTH {
            open.extend(kids.array().unwrap_or_default().iter().take(PDF_ATTACHMENTS).map(|kid| (kid.clone(), depth + 1)));
        }
        let pairs = file.value(node, b"Names");
        for pair in pairs.array().unwrap_or_default().chunks_exact(2).take(PDF_ATTACHMENTS - found.len()) {
            let specification = pair.get(1).map(|value| file.resolve(value)).unwrap_or_default();
            found.extend(specification.dict().and_then(|specification| attached(file, specification)));
        }
    }
    // Associated files (ISO 32000-2, 14.13) may be named in no tree at all.
    let associated = catalog.dict().map(|catalog| file.value(catalog, b"AF")).unwrap_or_default();
    for specification in associated.array().unwrap_or_default().iter().take(PDF_ATTACHMENTS - found.len().min(PDF_ATTACHMENTS)) {
        let specification = file.resolve(specification);
        let named = specification.dict().and_then(|specification| attached(file, specification));
        found.extend(named.filter(|named| !found.contains(named)));
    }
    found
}

fn attached(file: &File<'_>, specification: &Dict) -> Option<(String, Vec<u8>)> {
    let name = [&b"UF"[..], b"F"].into_iter().find_map(|key| file.value(specification, key).text().map(text_string));
    let embedded = file.value(specification, b"EF");
    let embedded = embedded.dict()?;
    let stream = [&b"F"[..], b"UF"].into_iter().find_map(|key| match file.value(embedded, key) {
        Object::Stream(stream) => Some(stream),
        _ => None,
    })?;
    Some((name.unwrap_or_default(), file.unpacked(&stream).ok()?))
}
