//! The bureau's Excel files: 全量发票查询, 抵扣勾选, 统计清单, 不抵扣勾选, 退税用途. A workbook holds many invoices; they come out one
//! by one, and memory does not grow with their number.
//!
//! Read with a parser of our own, in one pass: the crate that the export is checked with unpacks without limits, keeps every
//! shared string in an allocation of its own and believes the counts that a file claims.

mod book;
mod escape;
mod goods;
mod heading;
mod matching;
mod part;
mod record;
mod rows;
mod strings;
mod tick;
mod title;
mod values;

use std::cell::Cell;
use std::ops::ControlFlow;

use book::{Book, Sheet, Sheets};
use goods::Goods;
use heading::Role;
use matching::{Counts, Lines, Matching};
use rows::Row;

use crate::archive::Entry;
use crate::document::{Document, Warning};
use crate::refused::{Refused, shortened};

type Each<'e> = dyn FnMut(Entry<'_>) -> ControlFlow<()> + 'e;

/// Hands out every invoice of a workbook; `file` is its name, `inside` is put before the names of rows (`发票基础信息/5`).
/// `budget` is what may still be unpacked of the whole file, bytes.
///
/// # Errors
/// [`Refused`] where nothing of the workbook can be read. A row or a sheet that cannot be read is handed out as such.
pub(crate) fn walk(
    file: &str,
    inside: &str,
    package: part::Package<'_>,
    budget: &Cell<u64>,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>, Refused> {
    let (book, placed) = Book::open(package, budget)?;
    let mut sheets = book.sheets(placed, budget);
    if sheets.known.is_empty() && sheets.damaged.is_empty() {
        return Err(Refused::NoInvoiceSheet);
    }
    let mut out = Out { file, inside, each, flow: ControlFlow::Continue(()), handed_out: false, warnings: left_out(&sheets) };
    for (sheet, refused) in std::mem::take(&mut sheets.damaged) {
        out.refuse_sheet(&sheet, refused);
    }
    let reading = Reading { book: &book, budget };
    reading.sheets(&sheets.known, &mut out);
    if out.handed_out || out.flow.is_break() { Ok(out.flow) } else { Err(Refused::NoInvoiceRows) }
}

/// What is said once of the workbook: with its first invoice.
fn left_out(sheets: &Sheets) -> Vec<Warning> {
    const NAMED: usize = 5;
    let mut warnings = Vec::new();
    if !sheets.others.is_empty() {
        let names = sheets.others.iter().take(NAMED).cloned().collect();
        warnings.push(Warning::SheetsLeftOut { names, count: sheets.others.len() });
    }
    for sheet in sheets.known.iter().filter(|sheet| sheet.columns.left_out_count > 0) {
        warnings.push(Warning::ColumnsLeftOut {
            sheet: shortened(&sheet.name),
            names: sheet.columns.left_out.clone(),
            count: sheet.columns.left_out_count,
        });
    }
    warnings
}

/// Where invoices and refusals go.
struct Out<'o, 'e> {
    file: &'o str,
    inside: &'o str,
    each: &'o mut Each<'e>,
    flow: ControlFlow<()>,
    handed_out: bool,
    warnings: Vec<Warning>,
}

impl Out<'_, '_> {
    fn hand(&mut self, place: &str, outcome: Result<Document, Refused>) {
        if self.flow.is_break() {
            return;
        }
        self.handed_out = true;
        let outcome = outcome.map(|mut document| {
            document.warnings.append(&mut self.warnings);
            document
        });
        let name = format!("{}{place}", self.inside);
        self.flow = (self.each)(Entry { name, file: self.file, bytes: &[], outcome });
    }

    fn hand_row(&mut self, sheet: &Sheet, number: u32, outcome: Result<Document, Refused>) {
        self.hand(&format!("{}/{number}", shortened(&sheet.name)), outcome);
    }

    fn refuse_sheet(&mut self, sheet: &str, refused: Refused) {
        self.hand(&shortened(sheet), Err(refused));
    }
}

struct Reading<'r, 'a> {
    book: &'r Book<'a>,
    budget: &'r Cell<u64>,
}

impl Reading<'_, '_> {
    fn sheets(&self, sheets: &[Sheet], out: &mut Out<'_, '_>) {
        let of = |role| sheets.iter().filter(move |sheet| sheet.role == role);
        let invoices = readable(of(Role::Invoices).collect(), out);
        // Sheets of one business repeat lines that the summary has.
        let summaries: Vec<&Sheet> = of(Role::Lines).filter(|sheet| is_summary(&sheet.name)).collect();
        let lines = readable(if summaries.is_empty() { of(Role::Lines).collect() } else { summaries }, out);
        let counts = Counts::of_all(self.book, &lines, self.budget);
        let mut lines = lines.into_iter().zip(counts);
        self.joined(&invoices, lines.next(), out);
        for more in lines {
            self.joined(&[], Some(more), out);
        }
        for sheet in readable(of(Role::Deduction).collect(), out) {
            self.rows(sheet, out, &mut |out, row| {
                out.hand_row(sheet, row.number, record::document(sheet, row, Goods::default(), self.book.epoch));
            });
        }
    }

    /// The rows of a sheet, until it ends, breaks off or nobody listens.
    fn rows<'e>(&self, sheet: &Sheet, out: &mut Out<'_, 'e>, take: &mut dyn FnMut(&mut Out<'_, 'e>, &Row)) {
        let mut package = self.book.package.clone();
        let mut row = Row::default();
        let read = sheet.open(&mut package, &self.book.strings, self.budget).and_then(|mut below| {
            while out.flow.is_continue() && below.next(&mut row)? {
                take(out, &row);
            }
            Ok(())
        });
        if let Err(refused) = read {
            out.refuse_sheet(&sheet.name, refused);
        }
    }

    /// Invoices with their lines, then invoices of which there are lines alone.
    fn joined(&self, invoices: &[&Sheet], lines: Option<(&Sheet, Result<Counts, Refused>)>, out: &mut Out<'_, '_>) {
        let mut package = self.book.package.clone();
        let name = match &lines {
            Some((sheet, _)) => sheet.name.as_str(),
            None => "",
        };
        let matching = lines.map(|(sheet, counts)| {
            let counts = counts?;
            Ok((sheet, Matching::new(sheet.open(&mut package, &self.book.strings, self.budget)?, counts)))
        });
        let mut matching = match matching.transpose() {
            Ok(matching) => matching,
            Err(refused) => {
                out.refuse_sheet(name, refused);
                None
            }
        };
        for sheet in invoices {
            self.rows(sheet, out, &mut |out, row| self.invoice(sheet, row, matching.as_mut(), out));
        }
        if let Some((sheet, matching)) = &mut matching {
            self.left_over(sheet, matching, out);
        }
    }

    fn invoice(&self, sheet: &Sheet, row: &Row, matching: Option<&mut (&Sheet, Matching<'_, '_>)>, out: &mut Out<'_, '_>) {
        let Some((lines_sheet, matching)) = matching else {
            return out.hand_row(sheet, row.number, record::document(sheet, row, Goods::default(), self.book.epoch));
        };
        match matching.lines_of(sheet, row) {
            Lines::Found(rows) => {
                let mut goods = Goods::of(lines_sheet, &rows, self.book.epoch);
                for (number, refused) in std::mem::take(&mut goods.refused) {
                    out.hand_row(lines_sheet, number, Err(refused));
                }
                out.hand_row(sheet, row.number, record::document(sheet, row, goods, self.book.epoch));
            }
            Lines::Lost(refused) => out.hand_row(sheet, row.number, Err(refused)),
        }
    }

    fn left_over(&self, sheet: &Sheet, matching: &mut Matching<'_, '_>, out: &mut Out<'_, '_>) {
        while out.flow.is_continue() {
            let rows = match matching.left_over() {
                Ok(Some(rows)) => rows,
                Ok(None) => return,
                Err(refused) => return out.refuse_sheet(&sheet.name, refused),
            };
            let Some(first) = rows.first() else { continue };
            if matching.is_divided(first) {
                out.hand_row(sheet, first.number, Err(Refused::LinesDivided));
                continue;
            }
            let mut goods = Goods::of(sheet, &rows, self.book.epoch);
            let refused = std::mem::take(&mut goods.refused);
            // The sums of the lines that are left would be short, and nothing would tell.
            let invoice = match refused.len() {
                0 => record::document(sheet, first, goods, self.book.epoch),
                lines => Err(Refused::LinesUnread { lines }),
            };
            for (number, refused) in refused {
                out.hand_row(sheet, number, Err(refused));
            }
            out.hand_row(sheet, first.number, invoice);
        }
    }
}

/// The sheets that can be read; the others are refused.
fn readable<'s>(sheets: Vec<&'s Sheet>, out: &mut Out<'_, '_>) -> Vec<&'s Sheet> {
    let mut readable = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        match sheet.unreadable() {
            Some(refused) => out.refuse_sheet(&sheet.name, refused),
            None => readable.push(sheet),
        }
    }
    readable
}

/// The sheets that hold the lines of all invoices.
fn is_summary(name: &str) -> bool {
    ["信息汇总表", "货物清单"].iter().any(|known| name.trim().starts_with(known))
}
