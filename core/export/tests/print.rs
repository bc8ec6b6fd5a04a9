//! The print file is read back with readers of its own kind: every invoice's QR code, texts, bookmarks, sheets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use common::{Ledger, go_on, request, tree};
use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings, SoftMask,
    interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::{Affine, BezPath, Rect};
use pdf_writer::{Content, Finish as _, Name, Ref};
use piaoxia_bureau::originals::Originals;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceKey, Region, Status, qr};
use piaoxia_export::{ExportError, OriginalFile, Output, PerSheet, Print, PrintGroup, Report, export};
use piaoxia_preview::{Cancel, Picture, Scale, pages, render};

static ORIGINALS: LazyLock<Originals> = LazyLock::new(|| Originals::new(7).unwrap());

/// Digital invoices 1, 2, 4, 5, 6, 8, 9, 11, ... with the bureau's originals in these formats.
fn ledger(count: u64, formats: &'static [Format]) -> Ledger {
    let invoices: Vec<Invoice> = (1..)
        .filter(|number| !matches!(number % 10, 3 | 7))
        .filter(|number| number % 4 != 2)
        .map(common::invoice)
        .take(count as usize)
        .collect();
    let of = invoices.clone();
    let mut ledger = Ledger::with(invoices);
    ledger.originals = Box::new(move |key| originals(of.iter().find(|invoice| invoice.key == *key).unwrap(), formats));
    ledger
}

fn originals(invoice: &Invoice, formats: &[Format]) -> Vec<OriginalFile> {
    let file = |format: &Format| OriginalFile {
        format: *format,
        bytes: ORIGINALS.file(invoice, Region::from_code("3100").unwrap(), *format).unwrap(),
    };
    formats.iter().map(file).collect()
}

fn print(per_sheet: PerSheet, group: PrintGroup) -> Print {
    Print {
        per_sheet,
        group,
        footer: Some("第 {page} 页 共 {count} 张 ¥{gross}".to_owned()),
        voided: "（含作废 {n} 张）".to_owned(),
        note: "本页按台账记录打印".to_owned(),
    }
}

fn printed(dir: &Path, ledger: &mut Ledger, print: Print) -> Report {
    export(&request(Output::Print(print), dir.join("打印.pdf")), ledger, &go_on).unwrap()
}

fn sheet(report: &Report, at: usize, dpi: f64) -> Picture {
    render(Format::Pdf, &std::fs::read(&report.files[0]).unwrap(), at, Scale::Dpi(dpi), &Cancel::default()).unwrap()
}

fn sheets(report: &Report) -> usize {
    pages(Format::Pdf, &std::fs::read(&report.files[0]).unwrap()).unwrap().len()
}

/// All QR codes on all sheets, read at several sizes: which pixels a module falls on differs, as with a phone's distance.
fn codes(report: &Report, sizes: &[f64]) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (at, dpi) in (0..sheets(report)).flat_map(|at| sizes.iter().map(move |dpi| (at, *dpi))) {
        let picture = sheet(report, at, dpi);
        let grey = |x: usize, y: usize| picture.rgba[(y * picture.width + x) * 4];
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, grey);
        codes.extend(image.detect_grids().into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text));
    }
    codes
}

fn payloads(count: u64) -> BTreeSet<String> {
    let mut ledger = ledger(count, &[]);
    let invoices = piaoxia_export::Source::next_page(&mut ledger).unwrap().unwrap();
    let payload = |invoice: &Invoice| {
        let amount = if invoice.key.code().is_some() { invoice.net } else { invoice.gross };
        qr::payload(&invoice.key, &invoice.kind, amount, invoice.issued_on(), &invoice.check_code).unwrap()
    };
    invoices.iter().map(payload).collect()
}

/// Collects the text layer.
#[derive(Default)]
struct Texts(String);

impl<'a> Device<'a> for Texts {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            match glyph.as_unicode() {
                Some(hayro::hayro_interpret::hayro_cmap::BfString::Char(character)) => self.0.push(character),
                Some(hayro::hayro_interpret::hayro_cmap::BfString::String(text)) => self.0.push_str(&text),
                None => self.0.push('\u{FFFD}'),
            }
        }
    }
}

fn text(report: &Report) -> String {
    let pdf = Pdf::new(std::fs::read(&report.files[0]).unwrap()).unwrap();
    let mut texts = Texts::default();
    for page in pdf.pages().iter() {
        let cache = InterpreterCache::new();
        let area = Rect::new(0.0, 0.0, 1000.0, 1000.0);
        let mut context = Context::new(Affine::IDENTITY, area, &cache, page.xref(), InterpreterSettings::default());
        interpret_page(page, &mut context, &mut texts);
    }
    texts.0
}

#[test]
fn every_invoice_is_on_a_sheet_once() {
    for (per_sheet, expected) in [(PerSheet::One, 9), (PerSheet::Two, 5), (PerSheet::Four, 3)] {
        for formats in [&[Format::Xml, Format::Ofd, Format::Pdf][..], &[Format::Ofd]] {
            let dir = tempfile::tempdir().unwrap();
            let report = printed(dir.path(), &mut ledger(9, formats), print(per_sheet, PrintGroup::None));
            assert_eq!((report.invoices, report.originals, report.without_original), (9, 9, 0));
            assert_eq!(sheets(&report), expected, "{per_sheet:?} {formats:?}");
            assert_eq!(codes(&report, &[200.0, 240.0, 280.0, 320.0]), payloads(9), "{per_sheet:?} {formats:?}");
        }
    }
}

#[test]
fn texts_can_be_searched_whatever_they_came_from() {
    for formats in [&[Format::Pdf][..], &[Format::Ofd], &[]] {
        let dir = tempfile::tempdir().unwrap();
        let report = printed(dir.path(), &mut ledger(2, formats), print(PerSheet::Two, PrintGroup::None));
        let text = text(&report);
        for wanted in ["26310000000000000001", "上海第1贸易有限公司", "北京票匣科技有限公司", "打印机", "圆", "共 2 张"]
        {
            assert!(text.contains(wanted), "{formats:?}: {wanted} is not in {text}");
        }
        assert!(!text.contains('\u{FFFD}'), "{formats:?}");
    }
}

/// A program of Poppler, a reader that shares nothing with the writer; what it prints.
fn poppler(program: &str, arguments: &[&str], file: &Path) -> String {
    let run = Command::new(program).args(arguments).arg(file).arg(if program == "pdftotext" { "-" } else { "-box" }).output();
    let run = run.unwrap_or_else(|error| panic!("{program} (Debian's poppler-utils, see .ci/packages): {error}"));
    assert!(run.status.success() && run.stderr.is_empty(), "{program}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// Count in is count out, and what is searched for is found, whoever reads the file.
#[test]
fn another_reader_finds_every_invoice_once() {
    const ALL: [Format; 3] = [Format::Xml, Format::Ofd, Format::Pdf];
    for (per_sheet, expected) in [(PerSheet::One, 9), (PerSheet::Two, 5), (PerSheet::Four, 3)] {
        for formats in [&ALL[..], &[Format::Ofd], &[]] {
            let dir = tempfile::tempdir().unwrap();
            let mut ledger = ledger(9, formats);
            let invoices: Vec<Invoice> = (0..9).map(&ledger.make).collect();
            let report = printed(dir.path(), &mut ledger, print(per_sheet, PrintGroup::None));
            let [file] = &report.files[..] else { panic!("{:?}", report.files) };
            let info = poppler("pdfinfo", &[], file);
            let pages = info.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim();
            assert_eq!(pages, expected.to_string(), "{per_sheet:?} {formats:?}: {info}");
            // One form feed ends each page.
            let text = poppler("pdftotext", &[], file);
            assert_eq!(text.matches('\u{C}').count(), expected);
            let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
            for invoice in &invoices {
                for wanted in [invoice.key.number(), &invoice.seller.name] {
                    assert_eq!(text.matches(wanted).count(), 1, "{per_sheet:?} {formats:?}: {wanted} in {text}");
                }
            }
        }
    }
}

#[test]
fn groups_begin_on_sheets_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    // Numbers 1, 4, 5, 8, 9: five sellers; all of January.
    let by_seller = printed(dir.path(), &mut ledger(5, &[Format::Pdf]), print(PerSheet::Four, PrintGroup::Seller));
    assert_eq!(sheets(&by_seller), 5);
    let by_month = printed(dir.path(), &mut ledger(5, &[Format::Pdf]), print(PerSheet::Four, PrintGroup::Month));
    assert_eq!(sheets(&by_month), 2);
}

#[test]
fn what_cannot_be_read_is_drawn_from_the_next_best() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = ledger(3, &[Format::Ofd]);
    let good = std::mem::replace(&mut ledger.originals, Box::new(|_| Vec::new()));
    ledger.originals = Box::new(move |key: &InvoiceKey| {
        let mut files = good(key);
        files.push(OriginalFile { format: Format::Pdf, bytes: b"%PDF-1.7\nnothing".to_vec() });
        if key.number().ends_with('1') {
            files[0].bytes = b"PK nothing".to_vec();
        }
        files
    });
    let report = printed(dir.path(), &mut ledger, print(PerSheet::One, PrintGroup::None));
    assert_eq!((report.invoices, report.originals, report.without_original, sheets(&report)), (3, 2, 1, 3));
    assert!(text(&report).contains("本页按台账记录打印"));
    assert_eq!(codes(&report, &[200.0, 240.0]).len(), 2);
}

#[test]
fn a_record_with_many_lines_takes_several_pages() {
    let mut invoice = common::invoice(1);
    let line = invoice.lines[0].clone();
    invoice.lines = (0..120).map(|at| piaoxia_domain::InvoiceLine { name: format!("*商品*第{at}件"), ..line.clone() }).collect();
    let mut ledger = Ledger::with(vec![invoice]);
    ledger.originals = Box::new(|_| Vec::new());
    let dir = tempfile::tempdir().unwrap();
    let report = printed(dir.path(), &mut ledger, print(PerSheet::Two, PrintGroup::None));
    let text = text(&report);
    for at in 0..120 {
        assert!(text.contains(&format!("第{at}件")), "line {at} is missing");
    }
    assert!(sheets(&report) >= 3 && text.contains("共 7 页"), "{} sheets", sheets(&report));
}

#[test]
fn the_foot_says_how_many_voided_invoices_are_in_its_sum() {
    let mut ledger = Ledger::with(vec![Invoice { status: Status::Void, ..common::invoice(1) }, common::invoice(2)]);
    ledger.originals = Box::new(|_| Vec::new());
    let dir = tempfile::tempdir().unwrap();
    let report = printed(dir.path(), &mut ledger, print(PerSheet::Two, PrintGroup::None));
    let text = text(&report);
    assert!(text.contains("（含作废 1 张）"), "{text}");
}

/// A page whose seal is an annotation, as signing programs put it.
fn signed_page() -> Vec<u8> {
    let mut pdf = pdf_writer::Pdf::new();
    let [catalog, tree, page, stamp, look, content] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page]).count(1);
    let mut written = pdf.page(page);
    written.parent(tree).media_box(pdf_writer::Rect::new(0.0, 0.0, 400.0, 300.0)).contents(content).annotations([stamp]);
    written.resources();
    written.finish();
    let mut annotation = pdf.annotation(stamp);
    annotation.subtype(pdf_writer::types::AnnotationType::Square).rect(pdf_writer::Rect::new(100.0, 100.0, 200.0, 200.0));
    annotation.insert(Name(b"AP")).dict().pair(Name(b"N"), look);
    annotation.finish();
    let mut red = Content::new();
    red.set_fill_rgb(1.0, 0.0, 0.0).rect(0.0, 0.0, 10.0, 10.0).fill_nonzero();
    pdf.form_xobject(look, red.finish().as_slice()).bbox(pdf_writer::Rect::new(0.0, 0.0, 10.0, 10.0));
    pdf.stream(content, b"0 0 1 rg 300 200 50 50 re f");
    pdf.finish()
}

#[test]
fn a_seal_that_is_an_annotation_is_printed() {
    let mut ledger = Ledger::of(1);
    ledger.originals = Box::new(|_| vec![OriginalFile { format: Format::Pdf, bytes: signed_page() }]);
    let dir = tempfile::tempdir().unwrap();
    let report = printed(dir.path(), &mut ledger, Print { footer: None, ..print(PerSheet::One, PrintGroup::None) });
    let picture = sheet(&report, 0, 72.0);
    let count = |colour: [u8; 3]| picture.rgba.chunks_exact(4).filter(|pixel| pixel[..3] == colour).count();
    assert!((9_800..10_300).contains(&count([255, 0, 0])), "{}", count([255, 0, 0]));
    assert!((2_400..2_700).contains(&count([0, 0, 255])), "{}", count([0, 0, 255]));
}

#[test]
fn a_cancelled_print_leaves_the_older_file() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("打印.pdf");
    std::fs::write(&target, "old").unwrap();
    let mut ledger = Ledger::of(300);
    ledger.originals = Box::new(|_| Vec::new());
    let stop = |done: u64, _: u64| done < 100;
    let result = export(&request(Output::Print(print(PerSheet::Two, PrintGroup::None)), &target), &mut ledger, &stop);
    assert!(matches!(result, Err(ExportError::Cancelled)), "{result:?}");
    assert_eq!((tree(dir.path()), std::fs::read(&target).unwrap()), (vec!["打印.pdf".to_owned()], b"old".to_vec()));
}
