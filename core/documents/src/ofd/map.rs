//! What `OFD.xml` and `Document.xml` say of the other parts.

use super::package::{OfdPackage, PartName};
use super::xml;
use crate::limits::OFD_PAGES;
use crate::outline::{self, Names, Node};
use crate::refused::{OfdFault, Refused};

/// Where things are in an OFD.
pub(super) struct Map {
    /// `Document.xml`.
    pub document: PartName,
    /// Pages in their order.
    pub pages: Vec<Sheet>,
    /// Template pages (模板页).
    pub templates: Vec<Sheet>,
    /// `Attachments.xml`, as written.
    pub attachments: Option<String>,
    /// `CustomTags.xml`, as written.
    pub custom_tags: Option<String>,
    /// Names and texts of `CustomDatas`.
    pub custom_data: Vec<(String, String)>,
    /// Documents behind the first, which are not read.
    pub others: usize,
}

/// A page or template page.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// `ST_ID`.
    pub id: u32,
    /// `BaseLoc`, as written.
    pub loc: String,
}

const MAIN: Names = &[("DocBody", "DocBody"), ("CustomData", "CustomData"), ("DocRoot", "DocRoot")];
const MAIN_ATTRIBUTES: Names = &[("Name", "Name")];
const DOCUMENT: Names = &[("Page", "Page"), ("TemplatePage", "TemplatePage"), ("Attachments", "Attachments"), ("CustomTags", "CustomTags")];
const DOCUMENT_ATTRIBUTES: Names = &[("ID", "ID"), ("BaseLoc", "BaseLoc")];

impl Map {
    /// Reads both parts. An OFD with several documents is read by its first; the others are counted.
    ///
    /// # Errors
    /// [`OfdFault::MissingPart`]; broken XML; [`Refused::TooManyParts`] beyond 2,000 pages.
    pub(super) fn read(package: &OfdPackage<'_>) -> Result<Self, Refused> {
        let main = PartName::main();
        let text = xml(package, &main)?;
        let nodes = outline::read(&text, MAIN, MAIN_ATTRIBUTES)?;
        let root = nodes.iter().find(|node| node.name == "DocRoot").map(|node| node.text.trim().to_owned());
        let root = root.ok_or(OfdFault::MissingPart { part: "DocRoot".to_owned() })?;
        let others = nodes.iter().filter(|node| node.name == "DocRoot" && node.text.trim() != root).count();
        // What a later document says of itself is of another invoice.
        let later = nodes.iter().enumerate().filter(|(_, node)| node.name == "DocBody").nth(1).map_or(nodes.len(), |(at, _)| at);
        let custom_data = nodes.iter().take(later).filter(|node| node.name == "CustomData");
        let custom_data = custom_data.map(|node| (node.attribute("Name").unwrap_or_default().to_owned(), node.text.trim().to_owned()));
        let custom_data = custom_data.collect();
        let document = package.resolve(&main, &root)?;
        let text = xml(package, &document)?;
        let nodes = outline::read(&text, DOCUMENT, DOCUMENT_ATTRIBUTES)?;
        let sheets = |name| nodes.iter().filter(move |node| node.name == name).filter_map(Sheet::of).collect::<Vec<_>>();
        let (pages, templates) = (sheets("Page"), sheets("TemplatePage"));
        if pages.len().max(templates.len()) > OFD_PAGES {
            return Err(Refused::TooManyParts { limit: OFD_PAGES });
        }
        let link = |name| nodes.iter().find(|node| node.name == name).map(|node| node.text.trim().to_owned());
        Ok(Self { document, pages, templates, attachments: link("Attachments"), custom_tags: link("CustomTags"), custom_data, others })
    }
}

impl Sheet {
    fn of(node: &Node<'_>) -> Option<Self> {
        let id = node.attribute("ID")?.trim().parse().ok()?;
        Some(Self { id, loc: node.attribute("BaseLoc")?.to_owned() })
    }
}
