//! The file under construction: forms (a page of an original each), pictures, fonts, sheets, bookmarks.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use pdf_writer::{Chunk, Content, Filter, Finish as _, Name, Pdf, Rect, Ref, TextStr};
use piaoxia_preview::scene::{Bitmap, Scene};

use super::content::{self, Used};
use super::copy::Copied;
use super::fonts::{Fonts, deflate};

/// Points a mm.
pub(super) const POINTS: f64 = 72.0 / 25.4;

/// A page of an original, or whatever else is placed on a sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Panel {
    /// The form that draws it with its lower left corner at the origin, in points.
    pub(super) form: Ref,
    /// Width, mm.
    pub(super) width: f64,
    /// Height, mm.
    pub(super) height: f64,
}

/// A file under construction.
pub(super) struct Paper {
    pdf: Pdf,
    next: i32,
    catalog: Ref,
    pages: Ref,
    sheets: Vec<Ref>,
    bookmarks: Vec<(String, Ref)>,
    fonts: Fonts,
    /// Pictures by a hash of their pixels: the seal of a region is on hundreds of invoices.
    pictures: HashMap<(u32, u32, u64), Ref>,
    hasher: RandomState,
}

impl Paper {
    pub(super) fn new() -> Self {
        Self {
            pdf: Pdf::new(),
            next: 3,
            catalog: Ref::new(1),
            pages: Ref::new(2),
            sheets: Vec::new(),
            bookmarks: Vec::new(),
            fonts: Fonts::default(),
            pictures: HashMap::new(),
            hasher: RandomState::new(),
        }
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.pdf.len()
    }

    /// Sheets so far.
    pub(super) fn sheets(&self) -> usize {
        self.sheets.len()
    }

    /// A number for a new object.
    pub(super) fn take(&mut self) -> Ref {
        take(&mut self.next)
    }

    /// The number that the next object gets.
    pub(super) fn next(&self) -> i32 {
        self.next
    }

    /// Takes pages that were copied from a PDF file, numbered from [`Paper::next`].
    pub(super) fn adopt(&mut self, copied: Copied) -> Vec<Panel> {
        self.next = copied.next;
        self.pdf.extend(&copied.chunk);
        copied.panels
    }

    /// Draws a scene as a form.
    pub(super) fn form(&mut self, scene: &Scene) -> Panel {
        let next = &mut self.next;
        let mut used = Used::default();
        let drawn = content::draw(scene, &mut self.fonts, &mut used, || take(next));
        let pictures: Vec<Ref> = used.pictures.iter().map(|bitmap| self.picture(bitmap)).collect();
        let form = self.take();
        let packed = deflate(&drawn);
        let mut written = self.pdf.form_xobject(form, &packed);
        written.filter(Filter::FlateDecode);
        written.bbox(Rect::new(0.0, 0.0, (scene.width * POINTS) as f32, (scene.height * POINTS) as f32));
        let mut resources = written.resources();
        let mut fonts = resources.fonts();
        for font in &used.fonts {
            if let Some(id) = self.fonts.id(*font) {
                fonts.pair(Name(format!("F{font}").as_bytes()), id);
            }
        }
        fonts.finish();
        let mut x_objects = resources.x_objects();
        for (at, id) in pictures.iter().enumerate() {
            x_objects.pair(Name(format!("I{at}").as_bytes()), *id);
        }
        x_objects.finish();
        let mut states = resources.ext_g_states();
        for alpha in &used.alphas {
            let opacity = f32::from(*alpha) / 255.0;
            let mut state = states.insert(Name(format!("A{alpha}").as_bytes())).start::<pdf_writer::writers::ExtGraphicsState<'_>>();
            state.stroking_alpha(opacity).non_stroking_alpha(opacity);
        }
        states.finish();
        resources.finish();
        written.finish();
        Panel { form, width: scene.width, height: scene.height }
    }

    fn picture(&mut self, bitmap: &Bitmap) -> Ref {
        let key = (bitmap.width, bitmap.height, self.hasher.hash_one(&bitmap.rgba));
        if let Some(known) = self.pictures.get(&key) {
            return *known;
        }
        let (id, mask) = (self.take(), self.take());
        let pixels = bitmap.rgba.as_chunks::<4>().0;
        let is_grey = pixels.iter().all(|[red, green, blue, _]| red == green && green == blue);
        let is_opaque = pixels.iter().all(|[.., alpha]| *alpha == 255);
        let colours: Vec<u8> = if is_grey {
            pixels.iter().map(|[grey, ..]| *grey).collect()
        } else {
            pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
        };
        image(&mut self.pdf, id, bitmap, &colours, is_grey, (!is_opaque).then_some(mask));
        if !is_opaque {
            let alphas: Vec<u8> = pixels.iter().map(|[.., alpha]| *alpha).collect();
            image(&mut self.pdf, mask, bitmap, &alphas, true, None);
        }
        self.pictures.insert(key, id);
        id
    }

    /// Adds a sheet of paper, mm, with forms by the names `P0`, `P1`, ... in `content`.
    pub(super) fn sheet(&mut self, (width, height): (f64, f64), content: Content, forms: &[Ref]) -> Ref {
        let (id, stream) = (self.take(), self.take());
        let packed = deflate(content.finish().as_slice());
        self.pdf.stream(stream, &packed).filter(Filter::FlateDecode);
        let mut page = self.pdf.page(id);
        page.parent(self.pages).contents(stream);
        page.media_box(Rect::new(0.0, 0.0, (width * POINTS) as f32, (height * POINTS) as f32));
        let mut resources = page.resources();
        let mut x_objects = resources.x_objects();
        for (at, form) in forms.iter().enumerate() {
            x_objects.pair(Name(format!("P{at}").as_bytes()), *form);
        }
        self.sheets.push(id);
        id
    }

    /// Adds a bookmark that leads to a sheet.
    pub(super) fn bookmark(&mut self, title: String, sheet: Ref) {
        self.bookmarks.push((title, sheet));
    }

    /// The bytes of the finished file.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let next = &mut self.next;
        self.fonts.write(&mut self.pdf, || take(next));
        let count = i32::try_from(self.sheets.len()).unwrap_or(i32::MAX);
        self.pdf.pages(self.pages).kids(self.sheets.iter().copied()).count(count);
        let outline = self.outline();
        let mut catalog = self.pdf.catalog(self.catalog);
        catalog.pages(self.pages);
        if let Some(outline) = outline {
            catalog.outlines(outline);
        }
        catalog.finish();
        self.pdf.finish()
    }

    fn outline(&mut self) -> Option<Ref> {
        let items: Vec<Ref> = self.bookmarks.iter().map(|_| take(&mut self.next)).collect();
        let (first, last) = (*items.first()?, *items.last()?);
        let outline = self.take();
        let count = i32::try_from(items.len()).unwrap_or(i32::MAX);
        self.pdf.outline(outline).first(first).last(last).count(count);
        for (at, (title, sheet)) in self.bookmarks.iter().enumerate() {
            let Some(id) = items.get(at) else { continue };
            let mut item = self.pdf.outline_item(*id);
            item.title(TextStr(title)).parent(outline);
            if let Some(previous) = at.checked_sub(1).and_then(|at| items.get(at)) {
                item.prev(*previous);
            }
            if let Some(next) = items.get(at + 1) {
                item.next(*next);
            }
            item.dest().page(*sheet).fit();
        }
        Some(outline)
    }
}

fn take(next: &mut i32) -> Ref {
    let id = Ref::new((*next).max(1));
    *next = next.saturating_add(1);
    id
}

fn image(pdf: &mut Chunk, id: Ref, bitmap: &Bitmap, samples: &[u8], is_grey: bool, mask: Option<Ref>) {
    let packed = deflate(samples);
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let mut image = pdf.image_xobject(id, &packed);
    image.filter(Filter::FlateDecode);
    image.width(side(bitmap.width)).height(side(bitmap.height)).bits_per_component(8).interpolate(false);
    if is_grey {
        image.color_space().device_gray();
    } else {
        image.color_space().device_rgb();
    }
    if let Some(mask) = mask {
        image.s_mask(mask);
    }
}
