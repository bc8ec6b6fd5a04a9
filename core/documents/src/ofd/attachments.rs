//! Attachments: the issuer's own data, MoF XBRL or `original_invoice`.

use super::map::Map;
use super::package::OfdPackage;
use super::xml_if_there;
use crate::document::{Numbers, Warning};
use crate::limits::OFD_ATTACHMENTS;
use crate::outline::{self, Names};
use crate::refused::{Refused, shortened};
use crate::statement::Statement;
use crate::xml::attached;

const ELEMENTS: Names = &[("Attachment", "Attachment"), ("FileLoc", "FileLoc")];
const ATTRIBUTES: Names = &[("Name", "Name"), ("Format", "Format")];

/// What the attachments say.
#[derive(Default)]
pub(super) struct Attachments {
    /// One of each that is an invoice.
    pub statements: Vec<Statement<'static>>,
    /// Of a 数电 XML among them.
    pub numbers: Numbers,
    /// Of a 税控 XML among them.
    pub graph_code: Option<String>,
    /// Those that should be readable and are not.
    pub warnings: Vec<Warning>,
}

/// Reads every attachment that is an XML of a known kind.
///
/// # Errors
/// Attacks are refused (limits, document types); a damaged attachment is a warning.
pub(super) fn read(package: &OfdPackage<'_>, map: &Map) -> Result<Attachments, Refused> {
    let mut all = Attachments::default();
    let Some((list, text)) = map.attachments.as_ref().map_or(Ok(None), |loc| xml_if_there(package, &map.document, loc))? else {
        return Ok(all);
    };
    let mut candidate = None;
    let mut tried = 0;
    for node in outline::read(&text, ELEMENTS, ATTRIBUTES)? {
        if node.name == "Attachment" {
            let (name, format) = (node.attribute("Name").unwrap_or_default(), node.attribute("Format").unwrap_or_default());
            candidate = Some((name.to_owned(), format.to_ascii_lowercase()));
            continue;
        }
        let Some((name, format)) = candidate.take() else { continue };
        let loc = node.text.trim().to_owned();
        let structured = matches!(format.as_str(), "xml" | "xbrl") || loc.to_ascii_lowercase().ends_with(".xml");
        if !structured || tried == OFD_ATTACHMENTS {
            continue;
        }
        tried += 1;
        match all.add(package, &list, &loc) {
            Ok(()) | Err(Refused::NotRecognised) => {}
            Err(refused) if refused.is_attack() => return Err(refused),
            Err(_) => all.warnings.push(Warning::AttachmentUnread { name: shortened(if name.is_empty() { &loc } else { &name }) }),
        }
    }
    Ok(all)
}

impl Attachments {
    fn add(&mut self, package: &OfdPackage<'_>, list: &super::PartName, loc: &str) -> Result<(), Refused> {
        let name = package.resolve(list, loc)?;
        let text = super::xml(package, &name)?;
        let read = attached(name.file_name(), &text)?;
        self.statements.push(read.statement.into_owned());
        if read.numbers != Numbers::Single {
            self.numbers = read.numbers;
        }
        self.graph_code = self.graph_code.take().or(read.graph_code);
        Ok(())
    }
}
