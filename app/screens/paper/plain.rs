//! 税控 invoices: code and number, check code, and parties with addresses and banks; also whatever has no form of its own.

use egui::{Rect, pos2};
use piaoxia_domain::{Invoice, Party};

use super::canvas::{Canvas, Writing};
use super::goods::{EDGES, lines, table_height, totals};
use crate::text::Paper as Words;

const HEAD: f32 = 30.0;
const TABLE: f32 = 54.0;
const PARTY: f32 = 24.0;

pub(super) fn height(invoice: &Invoice) -> f32 {
    TABLE + table_height(&invoice.lines) + 14.0 + PARTY + 17.0
}

pub(super) fn draw(canvas: &Canvas<'_>, words: &Words, invoice: &Invoice) {
    head(canvas, words, invoice);
    let width = EDGES.1 - EDGES.0;
    let bottom = TABLE + table_height(&invoice.lines);
    party(canvas, words, (&words.taxed_buyer, &invoice.buyer), HEAD, 205.5);
    canvas.across(EDGES.0, TABLE, width);
    lines(canvas, words, (&words.taxed_name, &words.taxed_rate), &invoice.lines, TABLE);
    totals(canvas, words, invoice, bottom);
    let top = bottom + 14.0;
    canvas.across(EDGES.0, top, width);
    party(canvas, words, (&words.taxed_seller, &invoice.seller), top, 112.0);
    canvas.down(112.0, top, PARTY);
    canvas.down(118.2, top, PARTY);
    canvas.upright(&words.remark, 115.1, top, top + PARTY);
    canvas.write_box(&invoice.remark, Rect::from_min_max(pos2(120.0, top + 1.5), pos2(204.0, top + PARTY - 1.0)));
    canvas.frame(Rect::from_min_max(pos2(EDGES.0, HEAD), pos2(EDGES.1, top + PARTY)));
    canvas.pair(Writing::label(&words.drawer), Writing::value(&invoice.drawer, 60.0), (19.5, 13.0), top + PARTY + 6.0);
}

fn head(canvas: &Canvas<'_>, words: &Words, invoice: &Invoice) {
    let day = super::day(words, invoice.issued_on());
    let rows = [
        (&words.code, invoice.key.code().unwrap_or_default()),
        (&words.number, invoice.key.number()),
        (&words.issued_on, &day),
        (&words.check_code, &invoice.check_code),
    ];
    let mut y = 6.5;
    for (label, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        canvas.pair(Writing::label(label), Writing::value(value, 35.0), (154.0, 16.5), y);
        y += 5.6;
    }
}

fn party(canvas: &Canvas<'_>, words: &Words, (title, party): (&str, &Party), top: f32, right: f32) {
    canvas.upright(title, 7.6, top, top + PARTY);
    canvas.down(10.7, top, PARTY);
    let rows = [
        (&words.name, party.name.as_str(), 12.0),
        (&words.tax_no_short, party.tax_no.as_str(), 25.0),
        (&words.contact, &party.contact, 19.0),
        (&words.bank, &party.bank, 25.0),
    ];
    for (place, (label, value, indent)) in rows.into_iter().enumerate() {
        let y = top + 4.0 + 5.4 * place as f32;
        canvas.pair(Writing::label(label), Writing::whole(value, right - 14.5 - indent), (12.5, indent), y);
    }
}
