//! Pages of a PDF file as forms of another: streams byte for byte, so that vectors, texts and fonts stay as they are.
//!
//! Whatever the page refers to is copied along, within limits; appearances of annotations (a seal often is one) are drawn on
//! the page. Scripts, links, form fields and attachments stay behind.

use std::collections::HashMap;

use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Number, ObjRef, Object, ObjectIdentifier, Rect as PdfRect, Stream};
use hayro::hayro_syntax::page::{Page, Resources};
use hayro::hayro_syntax::{Filter as StreamFilter, Pdf};
use pdf_writer::{Chunk, Content, Filter, Finish as _, Name, Obj, Rect, Ref, Str};
use piaoxia_preview::kurbo::{Affine, Point, Rect as Area};

use super::content::matrix;
use super::fonts::deflate;
use super::paper::{POINTS, Panel};

/// Objects copied for one file.
const OBJECTS: usize = 50_000;
/// Bytes copied for one file. A page's content is unpacked before it is copied, to whatever it holds: see [`super::try_print`].
const BYTES: usize = 64 << 20;
/// Arrays and dictionaries inside each other.
const DEPTH: usize = 64;
/// Pages of one file.
const PAGES: usize = 2_000;
/// Annotations of one page.
const ANNOTATIONS: usize = 500;

/// Flags of annotations that are not printed: hidden, no view.
const HIDDEN: i64 = 0b10_0010;

/// Entries that lead out of the page or mean nothing outside their file.
const LEFT_BEHIND: [&[u8]; 12] = [
    b"Length",
    b"Metadata",
    b"StructParent",
    b"StructParents",
    b"OC",
    b"AF",
    b"PtData",
    b"Ref",
    b"LastModified",
    b"PieceInfo",
    b"OPI",
    b"Parent",
];

/// Pages as forms.
pub(super) struct Copied {
    pub(super) chunk: Chunk,
    pub(super) panels: Vec<Panel>,
    /// The number after the last one used.
    pub(super) next: i32,
}

/// Copies all pages, numbering objects from `next`. None for a file that cannot be read or goes beyond the limits.
pub(super) fn pages(bytes: Vec<u8>, next: i32) -> Option<Copied> {
    let pdf = Pdf::new(bytes).ok()?;
    let pages = pdf.pages();
    if pages.is_empty() || pages.len() > PAGES {
        return None;
    }
    let mut copier = Copier { pdf: &pdf, chunk: Chunk::new(), refs: Refs { next, known: HashMap::new(), open: Vec::new() }, objects: 0 };
    let panels = pages.iter().map(|page| copier.page(page)).collect::<Option<Vec<_>>>()?;
    copier.rest()?;
    Some(Copied { chunk: copier.chunk, panels, next: copier.refs.next })
}

struct Copier<'a> {
    pdf: &'a Pdf,
    chunk: Chunk,
    refs: Refs,
    objects: usize,
}

/// Numbers of the copied objects.
struct Refs {
    next: i32,
    known: HashMap<ObjRef, Ref>,
    /// Numbered, but not copied yet.
    open: Vec<(ObjRef, Ref)>,
}

impl Refs {
    fn take(&mut self) -> Ref {
        let id = Ref::new(self.next.max(1));
        self.next = self.next.saturating_add(1);
        id
    }

    fn of(&mut self, object: ObjRef) -> Ref {
        if let Some(known) = self.known.get(&object) {
            return *known;
        }
        let id = self.take();
        self.known.insert(object, id);
        self.open.push((object, id));
        id
    }
}

impl Copier<'_> {
    fn page(&mut self, page: &Page<'_>) -> Option<Panel> {
        let (width, height) = page.render_dimensions();
        let area = page.intersected_crop_box();
        let appearances = self.appearances(page)?;
        let content = self.refs.take();
        self.form(content, page.page_stream().unwrap_or_default(), area, page.resources(), page.raw().get::<Dict<'_>>(b"Group").as_ref())?;
        let form = self.refs.take();
        let mut drawn = Content::new();
        drawn.x_object(Name(b"P"));
        for (at, (_, place)) in appearances.iter().enumerate() {
            drawn.save_state().transform(matrix(*place)).x_object(Name(format!("A{at}").as_bytes())).restore_state();
        }
        let packed = deflate(drawn.finish().as_slice());
        let mut written = self.chunk.form_xobject(form, &packed);
        written.filter(Filter::FlateDecode).pair(Name(b"FormType"), 1);
        written.bbox(rect(area)).matrix(page.initial_transform(false).as_coeffs().map(|part| part as f32));
        let mut resources = written.resources();
        let mut x_objects = resources.x_objects();
        x_objects.pair(Name(b"P"), content);
        for (at, (id, _)) in appearances.iter().enumerate() {
            x_objects.pair(Name(format!("A{at}").as_bytes()), *id);
        }
        x_objects.finish();
        resources.finish();
        written.finish();
        Some(Panel { form, width: f64::from(width) / POINTS, height: f64::from(height) / POINTS })
    }

    /// The page's own content and resources.
    fn form(&mut self, id: Ref, content: &[u8], area: PdfRect, resources: &Resources<'_>, group: Option<&Dict<'_>>) -> Option<()> {
        let packed = deflate(content);
        let mut written = self.chunk.form_xobject(id, &packed);
        written.filter(Filter::FlateDecode);
        written.bbox(rect(area));
        if let Some(group) = group {
            dict(written.insert(Name(b"Group")), group, &mut self.refs, DEPTH);
        }
        let mut all = written.insert(Name(b"Resources")).dict();
        let parts: [(&[u8], &Dict<'_>); 7] = [
            (b"ExtGState", &resources.ext_g_states),
            (b"Font", &resources.fonts),
            (b"Properties", &resources.properties),
            (b"ColorSpace", &resources.color_spaces),
            (b"XObject", &resources.x_objects),
            (b"Pattern", &resources.patterns),
            (b"Shading", &resources.shadings),
        ];
        for (name, part) in parts {
            if !part.is_empty() {
                dict(all.insert(Name(name)), part, &mut self.refs, DEPTH);
            }
        }
        all.finish();
        written.finish();
        self.within_limits()
    }

    /// Appearances of the page's visible annotations, and how each is brought to its place (ISO 32000-1, 12.5.5).
    fn appearances(&mut self, page: &Page<'_>) -> Option<Vec<(Ref, Affine)>> {
        let mut found = Vec::new();
        let annotations = page.raw().get::<Array<'_>>(b"Annots").unwrap_or_default();
        for annotation in annotations.iter::<Dict<'_>>().take(ANNOTATIONS) {
            let flags = annotation.get::<Number>(b"F").map_or(0, |flags| flags.as_i64());
            if flags & HIDDEN != 0 {
                continue;
            }
            let Some(place) = annotation.get::<PdfRect>(b"Rect") else { continue };
            let Some(stream) = normal_appearance(&annotation) else { continue };
            let Some(transform) = placement(&stream, place) else { continue };
            let id = self.refs.take();
            self.stream(id, &stream)?;
            found.push((id, transform));
        }
        Some(found)
    }

    /// Copies what was referred to, and what that refers to.
    fn rest(&mut self) -> Option<()> {
        while let Some((object, id)) = self.refs.open.pop() {
            self.objects += 1;
            let identifier = ObjectIdentifier::new(object.obj_number, object.gen_number);
            match self.pdf.xref().get::<Object<'_>>(identifier) {
                Some(Object::Stream(stream)) => self.stream(id, &stream)?,
                Some(other) => value(self.chunk.indirect(id), &other, &mut self.refs, DEPTH),
                None => self.chunk.indirect(id).primitive(pdf_writer::Null),
            }
            self.within_limits()?;
        }
        Some(())
    }

    fn stream(&mut self, id: Ref, stream: &Stream<'_>) -> Option<()> {
        // A stream with a cipher of its own would need more of its file than is copied.
        if stream.filters().contains(&StreamFilter::Crypt) {
            return None;
        }
        let raw = stream.raw_data();
        let mut written = self.chunk.stream(id, &raw);
        entries(&mut written, stream.dict(), &mut self.refs, DEPTH);
        written.finish();
        self.within_limits()
    }

    fn within_limits(&self) -> Option<()> {
        (self.objects <= OBJECTS && self.refs.known.len() <= OBJECTS && self.chunk.len() <= BYTES).then_some(())
    }
}

/// The stream that shows an annotation; of several the one that its state names.
fn normal_appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    let appearances = annotation.get::<Dict<'_>>(b"AP")?;
    if let Some(stream) = appearances.get::<Stream<'_>>(b"N") {
        return Some(stream);
    }
    let state = annotation.get::<hayro::hayro_syntax::object::Name<'_>>(b"AS")?;
    appearances.get::<Dict<'_>>(b"N")?.get::<Stream<'_>>(&*state)
}

/// Takes the box of an appearance, turned by its own matrix, to the place of its annotation.
fn placement(stream: &Stream<'_>, place: PdfRect) -> Option<Affine> {
    let own = stream.dict().get::<PdfRect>(b"BBox")?;
    let parts: Vec<f64> = stream
        .dict()
        .get::<Array<'_>>(b"Matrix")
        .map(|parts| parts.iter::<Number>().map(|part| part.as_f64()).collect())
        .unwrap_or_default();
    let turn = match parts.as_slice() {
        [a, b, c, d, e, f] => Affine::new([*a, *b, *c, *d, *e, *f]),
        _ => Affine::IDENTITY,
    };
    let from = turn.transform_rect_bbox(area(own));
    let to = area(place);
    let is_usable = from.width() > 1e-6 && from.height() > 1e-6 && to.width() > 0.0 && to.height() > 0.0;
    let scale = Affine::scale_non_uniform(to.width() / from.width(), to.height() / from.height());
    is_usable.then(|| Affine::translate(to.origin().to_vec2()) * scale * Affine::translate(-from.origin().to_vec2()))
}

fn area(rect: PdfRect) -> Area {
    Area::from_points(Point::new(rect.x0, rect.y0), Point::new(rect.x1, rect.y1))
}

fn rect(of: PdfRect) -> Rect {
    Rect::new(of.x0 as f32, of.y0 as f32, of.x1 as f32, of.y1 as f32)
}

fn value(into: Obj<'_>, object: &Object<'_>, refs: &mut Refs, depth: usize) {
    match object {
        Object::Boolean(value) => into.primitive(*value),
        Object::Number(value) => number(into, value),
        Object::String(value) => into.primitive(Str(value.as_bytes())),
        Object::Name(value) => into.primitive(Name(value)),
        Object::Dict(value) if depth > 0 => dict(into, value, refs, depth - 1),
        Object::Array(value) if depth > 0 => {
            let mut array = into.array();
            for item in value.raw_iter() {
                maybe(array.push(), &item, refs, depth - 1);
            }
        }
        // Too deep; or a stream that is no object of its own, which PDF does not know.
        Object::Null(_) | Object::Dict(_) | Object::Array(_) | Object::Stream(_) => into.primitive(pdf_writer::Null),
    }
}

fn number(into: Obj<'_>, value: &Number) {
    let value = value.as_f64();
    // Numbers that a PDF can hold: whole ones of 32 bits, others as reals.
    if value.fract() == 0.0 && value.abs() < f64::from(i32::MAX) { into.primitive(value as i32) } else { into.primitive(value as f32) }
}

fn maybe(into: Obj<'_>, object: &MaybeRef<Object<'_>>, refs: &mut Refs, depth: usize) {
    match object {
        MaybeRef::Ref(reference) => into.primitive(refs.of(*reference)),
        MaybeRef::NotRef(object) => value(into, object, refs, depth),
    }
}

fn dict(into: Obj<'_>, from: &Dict<'_>, refs: &mut Refs, depth: usize) {
    entries(&mut into.dict(), from, refs, depth);
}

fn entries(into: &mut pdf_writer::Dict<'_>, from: &Dict<'_>, refs: &mut Refs, depth: usize) {
    for (name, object) in from.entries() {
        if !LEFT_BEHIND.contains(&&*name) {
            maybe(into.insert(Name(&name)), &object, refs, depth);
        }
    }
}
