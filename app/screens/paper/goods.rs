//! 数电 invoices with goods lines: 专票, 普票, 机动车, 二手车, 通行费.

use egui::{Rect, pos2};
use piaoxia_domain::amount_words::in_words;
use piaoxia_domain::{Invoice, InvoiceLine, Party};

use super::canvas::{Anchor, Canvas, SIZE, Writing};
use crate::text::Paper as Words;

/// Left and right edge of the frame, mm.
pub(super) const EDGES: (f32, f32) = (4.5, 205.5);
/// Height of a row of the table.
const PITCH: f32 = 4.8;
/// Rows that even a short invoice leaves room for.
const ROWS: usize = 5;
/// Most rows that a long name takes.
const NAME_ROWS: f32 = 3.0;
const HEAD: f32 = 30.0;
const TABLE: f32 = 52.0;
/// From the last goods line to the foot of the paper.
const BELOW: f32 = 52.0;

/// Columns: right or left end in mm, width, anchor.
const COLUMNS: [(f32, f32, Anchor); 8] = [
    (6.0, 48.0, Anchor::Left),
    (56.0, 23.0, Anchor::Left),
    (85.5, 11.0, Anchor::Middle),
    (111.0, 19.0, Anchor::Right),
    (135.0, 23.0, Anchor::Right),
    (160.0, 24.0, Anchor::Right),
    (171.5, 18.0, Anchor::Middle),
    (204.0, 23.0, Anchor::Right),
];

pub(super) fn height(invoice: &Invoice) -> f32 {
    TABLE + table_height(&invoice.lines) + BELOW
}

/// Height of the headings and all goods lines.
pub(super) fn table_height(lines: &[InvoiceLine]) -> f32 {
    let rows: f32 = lines.iter().map(name_rows).sum();
    7.0 + rows.max(ROWS as f32) * PITCH
}

/// Rows that the name takes, by the width of its characters.
fn name_rows(line: &InvoiceLine) -> f32 {
    let em: f32 = line.name.chars().map(|character| if character.is_ascii() { 0.58 } else { 1.0 }).sum();
    (em * SIZE / COLUMNS[0].1).ceil().clamp(1.0, NAME_ROWS)
}

pub(super) fn draw(canvas: &Canvas<'_>, words: &Words, invoice: &Invoice) {
    numbers(canvas, words, invoice, 154.0);
    let bottom = TABLE + table_height(&invoice.lines);
    parties(canvas, words, invoice);
    lines(canvas, words, (&words.line_name, &words.rate), &invoice.lines, TABLE);
    totals(canvas, words, invoice, bottom);
    let remark_top = bottom + 14.0;
    let remark_bottom = remark_top + 20.0;
    canvas.frame(Rect::from_min_max(pos2(EDGES.0, HEAD), pos2(EDGES.1, remark_bottom)));
    canvas.across(EDGES.0, remark_top, EDGES.1 - EDGES.0);
    canvas.down(10.7, remark_top, 20.0);
    canvas.upright(&words.remark, 7.6, remark_top, remark_bottom);
    canvas.write_box(&invoice.remark, Rect::from_min_max(pos2(12.5, remark_top + 1.5), pos2(203.5, remark_bottom - 1.0)));
    canvas.pair(Writing::label(&words.drawer), Writing::value(&invoice.drawer, 60.0), (19.5, 13.0), remark_bottom + 6.0);
}

/// 发票号码 and 开票日期, and the paper's code and number of 数电纸质 invoices.
pub(super) fn numbers(canvas: &Canvas<'_>, words: &Words, invoice: &Invoice, x: f32) {
    let day = super::day(words, invoice.issued_on());
    for (label, value, y) in [(&words.number, invoice.key.number(), 12.0), (&words.issued_on, &day, 18.0)] {
        canvas.pair(Writing::label(label), Writing::value(value, 35.0), (x, 16.5), y);
    }
    if let Some(paper) = &invoice.paper_key {
        canvas.pair(Writing::label(&words.paper_number), Writing::value(&paper.to_string(), 35.0), (x, 16.5), 24.0);
    }
}

fn parties(canvas: &Canvas<'_>, words: &Words, invoice: &Invoice) {
    for (title, party, x) in [(&words.buyer, &invoice.buyer, EDGES.0), (&words.seller, &invoice.seller, 105.2)] {
        canvas.upright(title, x + 3.1, HEAD, TABLE);
        canvas.down(x + 6.2, HEAD, TABLE - HEAD);
        party_lines(canvas, words, party, x + 8.0);
    }
    canvas.down(105.2, HEAD, TABLE - HEAD);
    canvas.across(EDGES.0, TABLE, EDGES.1 - EDGES.0);
}

fn party_lines(canvas: &Canvas<'_>, words: &Words, party: &Party, x: f32) {
    canvas.pair(Writing::label(&words.name), Writing::whole(&party.name, 80.0), (x, 10.0), HEAD + 7.0);
    let number = Writing::value(party.tax_no.as_str(), 48.0).size(3.6);
    canvas.pair(Writing::label(&words.tax_no).size(2.8), number, (x, 42.0), HEAD + 16.0);
}

/// Headings and goods lines from `top` on. The forms differ in how they head the goods and the rate.
pub(super) fn lines(canvas: &Canvas<'_>, words: &Words, (name, rate): (&str, &str), lines: &[InvoiceLine], top: f32) {
    let headings = [name, &words.line_spec, &words.line_unit, &words.line_quantity, &words.line_price, &words.net, rate, &words.tax];
    for (heading, (x, width, anchor)) in headings.into_iter().zip(COLUMNS) {
        canvas.write(Writing { fit: width, ..Writing::label(heading) }.anchor(anchor), x, top + 3.8);
    }
    if lines.is_empty() {
        canvas.write(Writing::label(&words.no_lines), 6.0, top + 7.0 + PITCH / 2.0);
    }
    let mut y = top + 7.0;
    for line in lines {
        let next = y + PITCH * name_rows(line);
        if canvas.sees(y, next) {
            let (x, width, _) = COLUMNS[0];
            canvas.write_box(&line.name, Rect::from_min_max(pos2(x, y + 0.3), pos2(x + width, next + 0.3)));
            goods_line(canvas, line, y + PITCH / 2.0);
        }
        y = next;
    }
}

/// All but the name.
fn goods_line(canvas: &Canvas<'_>, line: &InvoiceLine, y: f32) {
    let number = |number: Option<rust_decimal::Decimal>| number.map(|number| number.normalize().to_string()).unwrap_or_default();
    let cells = [
        line.spec.clone(),
        line.unit.clone(),
        number(line.quantity),
        number(line.price),
        line.net.to_string(),
        line.rate.clone(),
        line.tax.to_string(),
    ];
    for (cell, (x, width, anchor)) in cells.iter().zip(COLUMNS.iter().skip(1).copied()) {
        canvas.write(Writing::value(cell, width).anchor(anchor), x, y);
    }
}

/// 合计 and 价税合计, 14 mm from `top` on.
pub(super) fn totals(canvas: &Canvas<'_>, words: &Words, invoice: &Invoice, top: f32) {
    canvas.across(EDGES.0, top + 6.5, EDGES.1 - EDGES.0);
    canvas.write(Writing::label(&words.total).anchor(Anchor::Middle), 29.0, top + 3.0);
    for (amount, x) in [(invoice.net, 160.0), (invoice.tax, 204.0)] {
        canvas.write(Writing::value(&format!("¥{amount}"), 26.0).anchor(Anchor::Right), x, top + 3.0);
    }
    canvas.down(56.5, top + 6.5, 7.5);
    canvas.write(Writing::label(&words.gross_words).anchor(Anchor::Middle), 30.0, top + 10.2);
    canvas.cross(61.0, top + 10.2);
    canvas.write(Writing::value(&in_words(invoice.gross), 76.0), 64.5, top + 10.2);
    let figures = format!("¥{}", invoice.gross);
    canvas.pair(Writing::label(&words.gross_figures), Writing::value(&figures, 47.0).size(3.8), (143.5, 13.0), top + 10.2);
}
