//! Print (打印): the originals of a selection merged into one PDF, one, two or four a sheet of A4.
//!
//! Pages of PDF originals are embedded as they are; pages of OFD originals are drawn as vectors with real text; an invoice
//! without a usable original gets a sheet drawn from its record. Each placed page is marked in the file with its invoice's
//! position, and the file is read back and counted before it appears at its place.

mod content;
mod copy;
mod fonts;
mod paper;
mod proof;
mod record;
mod sheet;

use std::io::{Read as _, Seek as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;

use pdf_writer::{Content, Name};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, Money, Status};
use piaoxia_files::DurableFile;
use piaoxia_preview::scene::Scene;
use piaoxia_preview::{Cancel, STACK};

use crate::error::{ExportError, Report};
use crate::feed::{Feed, Steps};
use crate::originals::archive::part_path;
use crate::request::{Print, PrintGroup};
use crate::source::OriginalFile;
use crate::text::voided_note;
use paper::{POINTS, Panel, Paper};
use proof::Proof;
use sheet::{FOOT, Sheet};

/// When a file is full and the next begins: printers and viewers choke on more, and memory is bounded by it.
#[derive(Clone, Copy)]
struct Limits {
    bytes: usize,
    sheets: usize,
}

const LIMITS: Limits = Limits { bytes: 128 << 20, sheets: 1_000 };
/// Pages of one invoice that are drawn from an OFD original.
const OFD_PAGES: usize = 500;

pub(crate) fn write(target: &Path, print: &Print, feed: Feed<'_>) -> Result<Report, ExportError> {
    write_within(target, print, feed, LIMITS)
}

fn write_within(target: &Path, print: &Print, feed: Feed<'_>, limits: Limits) -> Result<Report, ExportError> {
    let mut printer =
        Printer { target, print, limits, part: Part::new(), waiting: Vec::new(), sheet: Tally::default(), group: None, done: Vec::new() };
    let (mut originals, mut without_original) = (0, 0);
    let (sums, steps) = feed.each(&mut |invoice, source| {
        let files = source.originals(&invoice.key)?;
        match printer.add(invoice, files)? {
            Made::FromOriginal => originals += 1,
            Made::FromRecord => without_original += 1,
        }
        Ok(())
    })?;
    let files = printer.finish(sums.totals.invoices, &steps)?;
    steps.finished();
    Ok(Report::of_originals(files, sums, originals, without_original))
}

/// What an invoice was printed from.
enum Made {
    FromOriginal,
    FromRecord,
}

struct Printer<'a> {
    target: &'a Path,
    print: &'a Print,
    limits: Limits,
    part: Part,
    /// Panels that the current sheet will hold.
    waiting: Vec<Waiting>,
    sheet: Tally,
    /// What the invoices of the current sheet have in common.
    group: Option<String>,
    done: Vec<Done>,
}

struct Part {
    paper: Paper,
    proof: Proof,
    sheets: usize,
}

/// A file that is written and waits to be read back.
struct Done {
    file: DurableFile,
    proof: Proof,
}

struct Waiting {
    panel: Panel,
    /// Position of the invoice in this file, and page.
    number: i32,
    page: i32,
    /// For the bookmark; on the first page alone.
    title: Option<String>,
}

/// Invoices that begin on a sheet.
#[derive(Clone, Copy, Default)]
struct Tally {
    invoices: u64,
    gross: Money,
    voided: u64,
}

impl Part {
    fn new() -> Self {
        Self { paper: Paper::new(), proof: Proof::default(), sheets: 0 }
    }
}

impl Printer<'_> {
    fn add(&mut self, invoice: &Invoice, files: Vec<OriginalFile>) -> Result<Made, ExportError> {
        let group = self.group_of(invoice);
        if self.group.is_some() && self.group != group {
            self.close_sheet();
        }
        self.group = group;
        if self.part.paper.sheets() >= self.limits.sheets || self.part.paper.len() >= self.limits.bytes {
            self.close_sheet();
            self.close_part()?;
        }
        let (made, panels) = self.panels(invoice, files)?;
        let number = self.part.proof.invoice(panels.len());
        for (page, panel) in panels.into_iter().enumerate() {
            if page == 0 {
                self.sheet.invoices += 1;
                self.sheet.gross += invoice.gross;
                self.sheet.voided += u64::from(invoice.status == Status::Void);
            }
            let title = (page == 0).then(|| format!("{} {}", invoice.key.number(), invoice.seller.name));
            self.waiting.push(Waiting { panel, number, page: i32::try_from(page).unwrap_or(i32::MAX), title });
            if self.waiting.len() >= self.print.per_sheet.count() {
                self.close_sheet();
            }
        }
        Ok(made)
    }

    fn group_of(&self, invoice: &Invoice) -> Option<String> {
        match self.print.group {
            PrintGroup::None => None,
            PrintGroup::Seller => Some(format!("{} {}", invoice.seller.tax_no, invoice.seller.name)),
            PrintGroup::Month => Some(invoice.issued_on().strftime("%Y-%m").to_string()),
        }
    }

    /// The pages of an invoice: of the PDF, else of the OFD, else drawn from its record.
    fn panels(&mut self, invoice: &Invoice, files: Vec<OriginalFile>) -> Result<(Made, Vec<Panel>), ExportError> {
        let [mut pdf, mut ofd] = [None, None];
        for file in files {
            match file.format {
                Format::Pdf => pdf = Some(file.bytes),
                Format::Ofd => ofd = Some(file.bytes),
                Format::Xml => {}
            }
        }
        let next = self.part.paper.next();
        if let Some(copied) = pdf.and_then(|bytes| apart(move || copy::pages(bytes, next))) {
            return Ok((Made::FromOriginal, self.part.paper.adopt(copied)));
        }
        if let Some(scenes) = ofd.and_then(|bytes| apart(move || ofd_scenes(&bytes))) {
            return Ok((Made::FromOriginal, scenes.iter().map(|scene| self.part.paper.form(scene)).collect()));
        }
        let scenes = record::scenes(invoice, &self.print.note);
        if scenes.is_empty() {
            return Err(ExportError::differs(self.target, format!("invoice {} cannot be drawn", invoice.key)));
        }
        Ok((Made::FromRecord, scenes.iter().map(|scene| self.part.paper.form(scene)).collect()))
    }

    /// Puts what waits on a sheet.
    fn close_sheet(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let tally = std::mem::take(&mut self.sheet);
        if waiting.is_empty() {
            return;
        }
        self.part.sheets += 1;
        let panels: Vec<Panel> = waiting.iter().map(|waiting| waiting.panel).collect();
        let sheet = Sheet::best(self.print.per_sheet, self.print.footer.is_some(), &panels);
        let decoration = self.part.paper.form(&decoration(&sheet, self.print, tally, self.part.sheets));
        let mut content = Content::new();
        let mut forms = vec![decoration.form];
        content.x_object(Name(b"P0"));
        for (at, Waiting { panel, number, page, .. }) in waiting.iter().enumerate() {
            let place = sheet.place(at, panel);
            let mut mark = content.begin_marked_content_with_properties(Name(proof::TAG));
            mark.properties().pair(Name(b"N"), *number).pair(Name(b"P"), *page);
            drop(mark);
            content.save_state().transform(placed(&place, panel)).x_object(Name(format!("P{}", forms.len()).as_bytes())).restore_state();
            content.end_marked_content();
            forms.push(panel.form);
        }
        let id = self.part.paper.sheet((sheet.width, sheet.height), content, &forms);
        for title in waiting.into_iter().filter_map(|waiting| waiting.title) {
            self.part.paper.bookmark(title, id);
        }
    }

    /// Writes the file beside its place.
    fn close_part(&mut self) -> Result<(), ExportError> {
        let Part { paper, proof, .. } = std::mem::replace(&mut self.part, Part::new());
        if paper.sheets() == 0 {
            return Ok(());
        }
        let path = part_path(self.target, self.done.len() + 1);
        let mut file = DurableFile::create(&path)?;
        file.write_all(&paper.finish()).map_err(ExportError::at(&path))?;
        self.done.push(Done { file, proof });
        Ok(())
    }

    /// Reads all files back and counts, then puts them in place.
    fn finish(mut self, invoices: u64, steps: &Steps<'_>) -> Result<Vec<std::path::PathBuf>, ExportError> {
        self.close_sheet();
        self.close_part()?;
        let mut counted = 0;
        for Done { file, proof } in &mut self.done {
            steps.check_aside(0)?;
            let path = file.path().to_path_buf();
            let mut bytes = Vec::new();
            file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(ExportError::at(&path))?;
            let read = apart(move || Proof::read(bytes)).ok_or_else(|| ExportError::differs(&path, "it cannot be read"))?;
            if let Some(what) = proof.difference(&read) {
                return Err(ExportError::differs(&path, what));
            }
            counted += read.invoices();
        }
        if counted != invoices {
            return Err(ExportError::differs(self.target, format!("{counted} invoices instead of {invoices}")));
        }
        place(self.done)
    }
}

/// Puts finished files in place; all or none.
fn place(done: Vec<Done>) -> Result<Vec<std::path::PathBuf>, ExportError> {
    let mut finished: Vec<std::path::PathBuf> = Vec::new();
    for Done { file, .. } in done {
        let path = file.path().to_path_buf();
        if let Err(error) = file.finish() {
            // Half of the invoices is worse than none: whoever prints it takes it for all.
            finished.iter().for_each(|part| drop(std::fs::remove_file(part)));
            return Err(error.into());
        }
        finished.push(path);
    }
    Ok(finished)
}

/// Runs what reads hostile files on a thread with room for their nesting; none when it gives none or panics.
fn apart<T: Send>(work: impl FnOnce() -> Option<T> + Send) -> Option<T> {
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("print".to_owned()).stack_size(STACK);
        let worker = builder.spawn_scoped(scope, || catch_unwind(AssertUnwindSafe(work)).ok().flatten()).ok()?;
        worker.join().ok().flatten()
    })
}

/// Reads an original as a print does, and keeps nothing. What a page of a PDF unpacks to is told by nothing in it, and the reader of
/// its pages knows no limit; so an original is first tried by a process that has one, and what ends or hangs that is not printed.
pub fn try_print(format: Format, bytes: Vec<u8>) {
    match format {
        Format::Pdf => drop(apart(move || copy::pages(bytes, 1))),
        Format::Ofd => drop(apart(move || ofd_scenes(&bytes))),
        Format::Xml => {}
    }
}

fn ofd_scenes(bytes: &[u8]) -> Option<Vec<Scene>> {
    let pages = piaoxia_preview::pages(Format::Ofd, bytes).ok()?.len();
    if pages > OFD_PAGES {
        return None;
    }
    (0..pages).map(|page| piaoxia_preview::scene(bytes, page, &Cancel::default()).ok()).collect()
}

/// Lines to cut along, and the line at the foot.
fn decoration(sheet: &Sheet, print: &Print, tally: Tally, number: usize) -> Scene {
    let mut marks: Vec<_> = sheet.cuts().into_iter().map(|[from, to]| record::line(from, to, vec![2.0, 2.0])).collect();
    if let Some(footer) = &print.footer {
        let gross = format!("{}{}", tally.gross.grouped(), voided_note(&print.voided, tally.voided));
        let text = footer.replace("{count}", &tally.invoices.to_string()).replace("{gross}", &gross).replace("{page}", &number.to_string());
        marks.extend(record::centred(&text, (sheet.width / 2.0, sheet.height - FOOT / 2.0), sheet.width - 20.0));
    }
    Scene { width: sheet.width, height: sheet.height, marks }
}

/// From a panel's points to the sheet's.
fn placed(place: &sheet::Place, panel: &Panel) -> [f32; 6] {
    let (x, y, scale) = ((place.x * POINTS) as f32, (place.y * POINTS) as f32, place.scale as f32);
    if place.is_turned {
        // A quarter turn to the left about the origin, then to the right by what was the height.
        let right = (panel.height * place.scale * POINTS) as f32;
        [0.0, scale, -scale, 0.0, x + right, y]
    } else {
        [scale, 0.0, 0.0, scale, x, y]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::common::{self, Ledger, tree};
    use crate::request::PerSheet;

    #[test]
    fn a_full_file_goes_on_in_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let (voided, note) = (String::new(), "无原件".to_owned());
        let print = Print { per_sheet: PerSheet::Two, group: PrintGroup::None, footer: None, voided, note };
        // None of these originals can be read, so that every invoice is drawn from its record.
        let mut ledger = Ledger::of(11);
        let feed = Feed::open(&mut ledger, &common::go_on, 0).unwrap();
        let report = write_within(&dir.path().join("a.pdf"), &print, feed, Limits { sheets: 2, ..LIMITS }).unwrap();
        assert_eq!((report.invoices, report.without_original), (11, 11));
        assert_eq!(tree(dir.path()), ["a-2.pdf", "a-3.pdf", "a.pdf"]);
        let counted: Vec<u64> = report.files.iter().map(|file| Proof::read(std::fs::read(file).unwrap()).unwrap().invoices()).collect();
        assert_eq!(counted, [4, 4, 3]);
    }

    #[test]
    fn a_missing_page_is_found() {
        let mut proof = Proof::default();
        proof.invoice(2);
        proof.invoice(1);
        let mut found = Proof::default();
        found.invoice(2);
        assert!(proof.difference(&found).unwrap().contains("1 pages are missing"));
        found.invoice(1);
        assert_eq!(proof.difference(&found), None);
    }
}
