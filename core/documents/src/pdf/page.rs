//! The pages of a file (ISO 32000-1, 7.7.3).

use std::rc::Rc;

use super::content::{Interpreter, Shown};
use super::file::File;
use super::filter::Packed;
use super::matrix::Matrix;
use super::object::{Dict, Object};
use crate::limits::{PDF_DEPTH, PDF_PAGES, PDF_STREAM_BYTES};
use crate::refused::{PdfFault, Refused};

/// A4, for pages that do not say how large they are.
const A4: [f64; 4] = [0.0, 0.0, 595.0, 842.0];

/// A page, ready to be run: its number and what it inherits. It is read when its turn comes.
pub(super) struct Page {
    number: u32,
    inherited: Inherited,
}

/// What a node of the page tree hands down (7.7.3.4), shared by all pages below it.
#[derive(Clone, Default)]
struct Inherited {
    resources: Rc<Object>,
    media_box: Rc<Object>,
    rotate: Rc<Object>,
}

/// All pages in order. What `Count` says is not asked.
///
/// # Errors
/// [`PdfFault::TooManyPages`].
pub(super) fn pages(file: &File<'_>) -> Result<Vec<Page>, Refused> {
    let mut pages = Vec::new();
    let catalog = file.catalog();
    let root = catalog.dict().map_or(&Object::Null, |catalog| catalog.get(b"Pages"));
    let mut open = vec![(root.clone(), Inherited::default(), 0)];
    let mut seen = Vec::new();
    // Nodes of a tree, the empty ones too.
    let mut left = 2 * PDF_PAGES;
    while let Some((node, inherited, depth)) = open.pop() {
        left = left.checked_sub(1).ok_or(PdfFault::TooManyPages { limit: PDF_PAGES })?;
        // Kids are references (7.7.3.2).
        let Object::Ref(number) = node else { continue };
        let node = file.resolve(&node);
        let Some(dict) = node.dict() else { continue };
        let kids = file.value(dict, b"Kids");
        let Some(kids) = kids.array() else {
            pages.push(Page { number, inherited });
            continue;
        };
        if depth == PDF_DEPTH || seen.contains(&number) {
            continue;
        }
        seen.push(number);
        if open.len() + kids.len() > 2 * PDF_PAGES {
            return Err(PdfFault::TooManyPages { limit: PDF_PAGES }.into());
        }
        let own = inherited.with(dict);
        open.extend(kids.iter().rev().map(|kid| (kid.clone(), own.clone(), depth + 1)));
    }
    if pages.len() > PDF_PAGES {
        return Err(PdfFault::TooManyPages { limit: PDF_PAGES }.into());
    }
    Ok(pages)
}

impl Inherited {
    fn with(&self, dict: &Dict) -> Self {
        let pick = |key: &[u8], inherited: &Rc<Object>| match dict.get(key) {
            Object::Null => Rc::clone(inherited),
            own => Rc::new(own.clone()),
        };
        Self {
            resources: pick(b"Resources", &self.resources),
            media_box: pick(b"MediaBox", &self.media_box),
            rotate: pick(b"Rotate", &self.rotate),
        }
    }
}

impl Page {
    /// What the page shows.
    ///
    /// # Errors
    /// [`PdfFault`] when it holds more than pages of invoices do.
    pub(super) fn shown(&self, interpreter: &mut Interpreter<'_, '_>, file: &File<'_>) -> Result<Shown, Refused> {
        let page = file.resolve(&Object::Ref(self.number));
        let nothing = Dict::default();
        let dict = page.dict().unwrap_or(&nothing);
        let own = self.inherited.with(dict);
        let content = content(file, dict)?;
        let resources = file.resolve(&own.resources);
        let resources = resources.dict().unwrap_or(&nothing);
        let shown = interpreter.page(&content, resources, place(file, &own))?;
        if !shown.glyphs.is_empty() || *own.rotate == Object::Null {
            return Ok(shown);
        }
        // Somebody turned the page in a viewer: its texts stand as they were drawn.
        let as_drawn = Inherited { rotate: Rc::default(), ..own };
        interpreter.page(&content, resources, place(file, &as_drawn))
    }
}

/// The content streams behind each other.
fn content(file: &File<'_>, page: &Dict) -> Result<Vec<u8>, Refused> {
    let contents = file.value(page, b"Contents");
    let parts = match contents {
        Object::Array(parts) => parts,
        one => vec![one],
    };
    let mut content = Vec::new();
    for part in parts {
        let Object::Stream(stream) = file.resolve(&part) else { continue };
        match file.unpacked(&stream) {
            Ok(bytes) if content.is_empty() => content = bytes,
            Ok(bytes) if content.len() + bytes.len() <= PDF_STREAM_BYTES => {
                content.reserve_exact(bytes.len() + 1);
                content.extend(bytes);
            }
            Ok(_) => return Err(PdfFault::TooLarge { limit: PDF_STREAM_BYTES }.into()),
            Err(Packed::Unknown) => continue,
            Err(Packed::TooLarge) => return Err(PdfFault::TooLarge { limit: PDF_STREAM_BYTES }.into()),
        }
        content.push(b'\n');
    }
    Ok(content)
}

/// The page's space to points from the upper left corner of the page as it is looked at.
fn place(file: &File<'_>, page: &Inherited) -> Matrix {
    let media_box = file.resolve(&page.media_box);
    let corners = media_box.array().map(|numbers| numbers.iter().filter_map(|number| file.resolve(number).number()).collect());
    let [x, y, to_x, to_y] = corners.and_then(|corners: Vec<f64>| corners.try_into().ok()).unwrap_or(A4);
    let (left, right) = (x.min(to_x), x.max(to_x));
    let (foot, head) = (y.min(to_y), y.max(to_y));
    let turned = match file.resolve(&page.rotate) {
        // A cast saturates.
        Object::Number(degrees) => (degrees as i64).rem_euclid(360),
        _ => 0,
    };
    match turned {
        90 => Matrix([0.0, 1.0, 1.0, 0.0, -foot, -left]),
        180 => Matrix([-1.0, 0.0, 0.0, 1.0, right, -foot]),
        270 => Matrix([0.0, -1.0, -1.0, 0.0, head, right]),
        _ => Matrix([1.0, 0.0, 0.0, -1.0, -left, head]),
    }
}
