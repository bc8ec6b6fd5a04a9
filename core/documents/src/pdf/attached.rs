//! Attachments (ISO 32000-1, 7.11.4): tickets and older invoices carry their structured data in the file.

use super::file::File;
use super::object::{Dict, Object, text_string};
use crate::limits::{PDF_ATTACHMENTS, PDF_DEPTH};
use crate::refused::Refused;
use crate::statement::Statement;

/// What the attached structured files state. Their names say nothing: that of a refund is `0`.
///
/// # Errors
/// As [`Statement::state`].
pub(super) fn statements(file: &File<'_>) -> Result<Vec<Statement<'static>>, Refused> {
    let statements = Vec::new();
    for (name, bytes) in files(file) {
        let _ = (&name, &bytes);
    }
    Ok(statements)
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
