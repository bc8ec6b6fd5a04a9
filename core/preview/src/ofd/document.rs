//! The skeleton of a document: which pages, templates, resources, annotations and signatures it has and where they lie.

use std::collections::HashMap;

use hayro::kurbo::Rect;

use super::package::{Package, resolve};
use super::resources::Resources;
use super::values::rectangle;
use super::xml::Element;
use crate::error::PreviewError;
use crate::limits;

/// A page of which nothing is said: A4, mm.
const A4: Rect = Rect::new(0.0, 0.0, 210.0, 297.0);

/// The skeleton of the first document of a file.
pub(super) struct Document {
    /// Pages in order.
    pub(super) pages: Vec<PageRef>,
    /// Templates by id.
    pub(super) templates: HashMap<String, Template>,
    pub(super) resources: Resources,
    /// Where the list of annotations lies.
    pub(super) annotations: Option<String>,
    /// Where the list of signatures lies.
    pub(super) signatures: Option<String>,
    area: Option<Rect>,
}

/// A page and where its content lies.
pub(super) struct PageRef {
    pub(super) id: String,
    pub(super) path: String,
}

/// A printed form that lies under or over pages.
pub(super) struct Template {
    pub(super) path: String,
    pub(super) is_foreground: bool,
}

impl Document {
    pub(super) fn read(package: &Package<'_>) -> Result<Self, PreviewError> {
        let missing = |what: &str| PreviewError::Damaged(format!("the OFD file lacks {what}"));
        let main = package.part("OFD.xml")?.ok_or_else(|| missing("OFD.xml"))?;
        let body = main.child("DocBody").ok_or_else(|| missing("DocBody"))?;
        let root = resolve("OFD.xml", body.child_text("DocRoot").ok_or_else(|| missing("DocRoot"))?);
        let document = package.part(&root)?.ok_or_else(|| missing(&root))?;
        let pages: Vec<_> = document.child("Pages").into_iter().flat_map(|pages| pages.children("Page")).collect();
        if pages.len() > limits::PAGES {
            return Err(PreviewError::TooMuch("pages"));
        }
        let mut read = Self {
            pages: pages.into_iter().filter_map(|page| page_ref(page, &root)).collect(),
            templates: HashMap::new(),
            resources: Resources::default(),
            annotations: document.child_text("Annotations").map(|place| resolve(&root, place)),
            signatures: body.child_text("Signatures").map(|place| resolve("OFD.xml", place)),
            area: None,
        };
        if let Some(common) = document.child("CommonData") {
            read.common(package, common, &root)?;
        }
        if read.pages.is_empty() { Err(missing("pages")) } else { Ok(read) }
    }

    fn common(&mut self, package: &Package<'_>, common: &Element, root: &str) -> Result<(), PreviewError> {
        self.area = common.child("PageArea").and_then(physical_box);
        for item in &common.children {
            match item.name.as_str() {
                "PublicRes" | "DocumentRes" => self.resources.load(package, &resolve(root, &item.text))?,
                "TemplatePage" => {
                    if let (Some(id), Some(place)) = (item.attribute("ID"), item.attribute("BaseLoc")) {
                        let is_foreground = item.attribute("ZOrder") == Some("Foreground");
                        self.templates.insert(id.to_owned(), Template { path: resolve(root, place), is_foreground });
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The area of a page, mm: its own, else the document's, else A4.
    pub(super) fn area(&self, content: &Element) -> Rect {
        let own = content.child("Area").and_then(physical_box);
        own.or(self.area).unwrap_or(A4)
    }
}

fn page_ref(page: &Element, root: &str) -> Option<PageRef> {
    let path = resolve(root, page.attribute("BaseLoc")?);
    Some(PageRef { id: page.attribute("ID").unwrap_or_default().to_owned(), path })
}

/// A box that can be paper.
fn physical_box(area: &Element) -> Option<Rect> {
    let area = rectangle(area.child_text("PhysicalBox")?)?;
    let is_paper = |side: f64| (1.0..=limits::PAGE_SIDE).contains(&side);
    (is_paper(area.width()) && is_paper(area.height())).then_some(area)
}
