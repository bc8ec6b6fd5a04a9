//! Attachments: the issuer's own data, MoF XBRL or `original_invoice`. Some writers leave it out of the list, misspell its
//! path there, or have no list; it is then known by what it is.

use super::map::Map;
use super::package::{OfdPackage, PartName};
use super::xml_if_there;
use crate::document::{Numbers, Warning};
use crate::limits::OFD_ATTACHMENTS;
use crate::outline::{self, Names};
use crate::refused::{Refused, shortened};
use crate::statement::Statement;
use crate::xml::{self, attached};

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

/// Name of the attachment of 税控 invoices.
const ORIGINAL: &str = "original_invoice";
/// Bytes of a part in which its root element is looked for.
const HEAD: usize = 4096;

/// Reads every attachment that is an XML of a known kind: those of the list, or where none of them states an invoice, those
/// that only the package knows of.
///
/// # Errors
/// Attacks are refused (limits, document types); a damaged attachment is a warning.
pub(super) fn read(package: &OfdPackage<'_>, map: &Map) -> Result<Attachments, Refused> {
    let mut all = Attachments::default();
    let mut tried = Vec::new();
    let mut lost = Vec::new();
    for Listed { name, part } in listed(package, map)? {
        match part.filter(|part| package.contains(part)) {
            Some(part) => {
                all.add(package, &part, &name)?;
                tried.push(part);
            }
            None => lost.push(Warning::AttachmentUnread { name: shortened(&name) }),
        }
    }
    if all.statements.is_empty() {
        unlisted(package, &tried).into_iter().try_for_each(|part| all.add(package, part, part.file_name()))?;
    }
    // A path that is misspelt is no fault where its file was found elsewhere.
    if all.statements.is_empty() {
        all.warnings.extend(lost);
    }
    Ok(all)
}

/// An entry of the list.
struct Listed {
    /// To be told to users.
    name: String,
    /// None for what is no path.
    part: Option<PartName>,
}

/// What the list names and can be an XML. Without a list, and where it is broken, there is nothing.
fn listed(package: &OfdPackage<'_>, map: &Map) -> Result<Vec<Listed>, Refused> {
    let Some((list, text)) = map.attachments.as_ref().map_or(Ok(None), |loc| xml_if_there(package, &map.document, loc))? else {
        return Ok(Vec::new());
    };
    let nodes = match outline::read(&text, ELEMENTS, ATTRIBUTES) {
        Err(refused) if refused.is_attack() => return Err(refused),
        nodes => nodes.unwrap_or_default(),
    };
    let mut all = Vec::new();
    let mut candidate = None;
    for node in nodes {
        if node.name == "Attachment" {
            let (name, format) = (node.attribute("Name").unwrap_or_default(), node.attribute("Format").unwrap_or_default());
            candidate = Some((name.to_owned(), format.to_ascii_lowercase()));
            continue;
        }
        let Some((name, format)) = candidate.take() else { continue };
        let loc = node.text.trim();
        let structured = matches!(format.as_str(), "xml" | "xbrl") || loc.to_ascii_lowercase().ends_with(".xml");
        if structured && all.len() < OFD_ATTACHMENTS {
            let name = if name.is_empty() { loc.to_owned() } else { name };
            all.push(Listed { name, part: package.resolve(&list, loc).ok() });
        }
    }
    Ok(all)
}

/// Parts that are named or begin like the issuer's data. The tags of a 税控 invoice have its root element, too; they are told
/// apart when the whole part is read.
fn unlisted<'p>(package: &'p OfdPackage<'_>, tried: &[PartName]) -> Vec<&'p PartName> {
    let is_one = |part: &&PartName| {
        let is_named = part.file_name().to_ascii_lowercase().starts_with(ORIGINAL);
        !tried.contains(part) && (is_named || xml::is_known_root(&String::from_utf8_lossy(&package.head(part, HEAD))))
    };
    package.parts().filter(is_one).take(OFD_ATTACHMENTS).collect()
}

impl Attachments {
    /// Reads one; `name` is told to users.
    fn add(&mut self, package: &OfdPackage<'_>, part: &PartName, name: &str) -> Result<(), Refused> {
        match self.state(package, part) {
            Ok(()) | Err(Refused::NotRecognised) => {}
            Err(refused) if refused.is_attack() => return Err(refused),
            Err(_) => self.warnings.push(Warning::AttachmentUnread { name: shortened(name) }),
        }
        Ok(())
    }

    fn state(&mut self, package: &OfdPackage<'_>, part: &PartName) -> Result<(), Refused> {
        let text = super::xml(package, part)?;
        if text.contains("ObjectRef") {
            // Tags: they point at the texts of the page and say nothing by themselves.
            return Err(Refused::NotRecognised);
        }
        let read = attached(part.file_name(), &text)?;
        self.statements.push(read.statement.into_owned());
        if read.numbers != Numbers::Single {
            self.numbers = read.numbers;
        }
        self.graph_code = self.graph_code.take().or(read.graph_code);
        Ok(())
    }
}
