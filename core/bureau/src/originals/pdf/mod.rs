//! PDF 1.7 with a text layer, the facts in the information dictionary, the QR code as a picture and the seal in curves.

mod content;
mod typeset;

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use jiff::civil::DateTime;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Date, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use piaoxia_domain::Invoice;

use super::digest::sm3;
use super::font::Font;
use super::layout::Sheet;
use super::qr::Qr;
use super::seal::{HEIGHT, Seal, WIDTH};
use super::{Generation, OriginalError, names};
use typeset::Typeset;

/// Points a mm.
const POINTS: f64 = 72.0 / 25.4;

const FONT: Name = Name(b"F1");
const SEAL: Name = Name(b"Seal");
const QR: Name = Name(b"QR");
const FONT_NAME: Name = Name(b"PXSAND+PiaoxiaSC-Regular");

/// Objects that every file has; pages and forms come after them.
#[derive(Clone, Copy)]
struct Objects {
    catalog: Ref,
    pages: Ref,
    info: Ref,
    font: Ref,
    cid_font: Ref,
    descriptor: Ref,
    font_file: Ref,
    to_unicode: Ref,
    seal: Ref,
    qr: Ref,
    next: i32,
}

impl Objects {
    fn new() -> Self {
        Self {
            catalog: Ref::new(1),
            pages: Ref::new(2),
            info: Ref::new(3),
            font: Ref::new(4),
            cid_font: Ref::new(5),
            descriptor: Ref::new(6),
            font_file: Ref::new(7),
            to_unicode: Ref::new(8),
            seal: Ref::new(9),
            qr: Ref::new(10),
            next: 11,
        }
    }

    fn take(&mut self) -> Ref {
        let taken = Ref::new(self.next);
        self.next += 1;
        taken
    }
}

/// The PDF file of an invoice.
pub(super) fn write(
    invoice: &Invoice,
    generation: Generation,
    sheet: &Sheet,
    qr: Option<&Qr>,
    font: &Font,
    seal: &Seal,
) -> Result<Vec<u8>, OriginalError> {
    let typeset = Typeset::new(sheet, font)?;
    let mut objects = Objects::new();
    let mut pdf = Pdf::new();
    let id = sm3(&[b"pdf", invoice.key.to_string().as_bytes()]);
    let id = id.get(..16).unwrap_or_default().to_vec();
    pdf.set_file_id((id.clone(), id));
    pdf.catalog(objects.catalog).pages(objects.pages);
    write_info(&mut pdf, objects.info, invoice, generation);
    write_font(&mut pdf, &objects, &typeset)?;
    write_seal(&mut pdf, objects.seal, seal)?;
    if let Some(qr) = qr {
        write_qr(&mut pdf, objects.qr, qr)?;
    }
    write_pages(&mut pdf, &mut objects, sheet, qr.is_some(), &typeset)?;
    Ok(pdf.finish())
}

/// The information dictionary; the bureau's own keys are in 数电 files alone.
fn write_info(pdf: &mut Pdf, id: Ref, invoice: &Invoice, generation: Generation) {
    let mut info = pdf.document_info(id);
    info.title(TextStr(&names::title(&invoice.kind)));
    info.creator(TextStr("票匣沙箱测试"));
    info.producer(TextStr(concat!("Piaoxia Sandbox ", env!("CARGO_PKG_VERSION"))));
    if let Some(date) = pdf_date(invoice.issued_at) {
        info.creation_date(date);
        info.modified_date(date);
    }
    if generation == Generation::Digital {
        let day = invoice.issued_on().strftime("%Y年%m月%d日").to_string();
        info.pair(Name(b"InvoiceNumber"), TextStr(invoice.key.number()));
        info.pair(Name(b"IssueTime"), TextStr(&day));
        info.pair(Name(b"SellerIdNum"), TextStr(invoice.seller.tax_no.as_str()));
        info.pair(Name(b"TotalAmWithoutTax"), TextStr(&invoice.net.to_string()));
        info.pair(Name(b"TotalTaxAm"), TextStr(&invoice.tax.to_string()));
        info.pair(Name(b"TotalTax-includedAmount"), TextStr(&invoice.gross.to_string()));
    }
}

fn pdf_date(at: DateTime) -> Option<Date> {
    let part = |value: i8| u8::try_from(value).ok();
    let date = Date::new(u16::try_from(at.year()).ok()?).month(part(at.month())?).day(part(at.day())?);
    Some(date.hour(part(at.hour())?).minute(part(at.minute())?).second(part(at.second())?).utc_offset_hour(8).utc_offset_minute(0))
}

/// A composite font with the characters of this document (Type0 over CIDFontType0 with a bare CFF).
fn write_font(pdf: &mut Pdf, objects: &Objects, typeset: &Typeset) -> Result<(), OriginalError> {
    let system = || SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
    let mut font = pdf.type0_font(objects.font);
    font.base_font(FONT_NAME).encoding_predefined(Name(b"Identity-H"));
    font.descendant_font(objects.cid_font).to_unicode(objects.to_unicode);
    font.finish();

    let mut cid_font = pdf.cid_font(objects.cid_font);
    cid_font.subtype(CidFontType::Type0).base_font(FONT_NAME).system_info(system());
    cid_font.font_descriptor(objects.descriptor).default_width(1000.0);
    cid_font.widths().consecutive(0, typeset.widths());
    cid_font.finish();

    let mut descriptor = pdf.font_descriptor(objects.descriptor);
    descriptor.name(FONT_NAME).flags(FontFlags::SYMBOLIC).bbox(Rect::new(-1000.0, -288.0, 2000.0, 1160.0));
    descriptor.italic_angle(0.0).ascent(880.0).descent(-120.0).cap_height(733.0).stem_v(80.0).font_file3(objects.font_file);
    descriptor.finish();

    let program = deflate(typeset.program())?;
    pdf.stream(objects.font_file, &program).filter(Filter::FlateDecode).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));

    let mut map = UnicodeCmap::new(Name(b"PiaoxiaSC-UCS2"), system());
    for (cid, character) in typeset.characters() {
        map.pair(cid, character);
    }
    let map = deflate(map.finish().as_slice())?;
    pdf.stream(objects.to_unicode, &map).filter(Filter::FlateDecode);
    Ok(())
}

fn write_seal(pdf: &mut Pdf, id: Ref, seal: &Seal) -> Result<(), OriginalError> {
    let curves = deflate(&content::seal(seal.art()))?;
    let mut form = pdf.form_xobject(id, &curves);
    form.bbox(Rect::new(0.0, 0.0, f32::from(WIDTH), f32::from(HEIGHT))).filter(Filter::FlateDecode);
    Ok(())
}

fn write_qr(pdf: &mut Pdf, id: Ref, qr: &Qr) -> Result<(), OriginalError> {
    let bits = deflate(&qr.bits())?;
    let side = i32::try_from(qr.side()).unwrap_or(i32::MAX);
    let mut image = pdf.image_xobject(id, &bits);
    image.width(side).height(side).bits_per_component(1).interpolate(false);
    image.color_space().device_gray();
    image.filter(Filter::FlateDecode);
    Ok(())
}

/// Each page shows its form and then what is filled in.
fn write_pages(pdf: &mut Pdf, objects: &mut Objects, sheet: &Sheet, with_qr: bool, typeset: &Typeset) -> Result<(), OriginalError> {
    let forms: Vec<Ref> = sheet.forms.iter().map(|_| objects.take()).collect();
    for (form, id) in sheet.forms.iter().zip(&forms) {
        let stream = deflate(&content::items(&form.items, form.height, &[], typeset))?;
        pdf.stream(*id, &stream).filter(Filter::FlateDecode);
    }
    let pages: Vec<Ref> = sheet.pages.iter().map(|_| objects.take()).collect();
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(objects.pages).kids(pages.iter().copied()).count(count);
    for (at, (page, id)) in sheet.pages.iter().zip(&pages).enumerate() {
        let (Some(form), Some(form_id)) = (sheet.forms.get(page.form), forms.get(page.form)) else {
            continue;
        };
        let stamps: Vec<_> = sheet.stamps.iter().filter(|stamp| stamp.page == at).collect();
        let stream = deflate(&content::items(&page.items, form.height, &stamps, typeset))?;
        let stream_id = objects.take();
        pdf.stream(stream_id, &stream).filter(Filter::FlateDecode);
        let mut written = pdf.page(*id);
        written.parent(objects.pages).media_box(Rect::new(0.0, 0.0, points(form.width), points(form.height)));
        written.contents_array([*form_id, stream_id]);
        let mut resources = written.resources();
        resources.fonts().pair(FONT, objects.font);
        let mut pictures = resources.x_objects();
        pictures.pair(SEAL, objects.seal);
        if with_qr {
            pictures.pair(QR, objects.qr);
        }
    }
    Ok(())
}

/// A length in mm as points.
fn points(mm: f64) -> f32 {
    (mm * POINTS) as f32
}

fn deflate(bytes: &[u8]) -> Result<Vec<u8>, OriginalError> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::fast());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
