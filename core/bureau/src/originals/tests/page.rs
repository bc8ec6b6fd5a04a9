//! The layout: what is on a page and that it stays inside the frame, in both writers' fonts.

use super::*;
use crate::originals::font::Font;
use crate::originals::layout::{self, Anchor, Face, Item, Sheet, Text, em};

fn sheet(invoice: &Invoice) -> Sheet {
    if invoice.key.code().is_some() { layout::tax_control::sheet(invoice, shanghai()) } else { layout::digital::sheet(invoice) }
}

fn texts(sheet: &Sheet) -> impl Iterator<Item = (&Text, f64)> {
    let pages = sheet.pages.iter().map(|page| (&page.items, sheet.forms[page.form].height));
    let forms = sheet.forms.iter().map(|form| (&form.items, form.height));
    pages.chain(forms).flat_map(|(items, height)| {
        items.iter().filter_map(move |item| if let Item::Text(text) = item { Some((text, height)) } else { None })
    })
}

/// Left and right edge of a text with that advance a character, em.
fn edges(text: &Text, advance: impl Fn(char) -> f64) -> (f64, f64) {
    let wide = text.text.chars().map(&advance).sum::<f64>() + if text.yuan { advance('¥') } else { 0.0 };
    let wide = wide * text.size.min(text.fit / wide);
    match text.anchor {
        Anchor::Left => (text.x, text.x + wide),
        Anchor::Middle => (text.x - wide / 2.0, text.x + wide / 2.0),
        Anchor::Right => (text.x - wide, text.x),
    }
}

#[test]
fn nothing_leaves_the_frame() {
    let font = Font::compiled_in().unwrap();
    for (code, _) in KINDS {
        for invoice in [invoice(code, 1), red(invoice(code, 40)), hostile(code), invoice(code, 0)] {
            let sheet = sheet(&invoice);
            assert!(sheet.pages.iter().all(|page| page.form < sheet.forms.len()));
            assert!(sheet.stamps.iter().all(|stamp| stamp.page < sheet.pages.len()));
            for (text, height) in texts(&sheet).filter(|(text, _)| !text.text.is_empty()) {
                let ofd = edges(text, |c| if text.face == Face::Courier && em(c) < 1.0 { 0.6 } else { em(c) });
                let pdf = edges(text, |c| font.glyph(c).map_or(1.0, |glyph| f64::from(glyph.advance) / 1000.0));
                for (left, right) in [ofd, pdf] {
                    assert!(left >= 4.0 && right <= 206.2, "{code}: {} from {left:.1} to {right:.1}", text.text);
                }
                assert!(text.y > 4.0 && text.y < height, "{code}: {} at {}", text.text, text.y);
            }
        }
    }
}

#[test]
fn rows_end_above_the_totals() {
    for lines in 1..30 {
        for code in ["81", "51", "59", "10", "14"] {
            let sheet = sheet(&invoice(code, lines));
            for page in sheet.pages.iter().filter(|page| sheet.forms[page.form].height < 200.0) {
                let rows = page.items.iter().filter_map(|item| match item {
                    Item::Text(text) => matches!(text.field, Some(layout::Field::Cell(..))).then_some(text.y),
                    _ => None,
                });
                let limit = if sheet.pages.len() > 1 && code != "10" && code != "14" { 87.0 } else { 91.5 };
                assert!(rows.fold(0.0, f64::max) < limit, "{code} {lines}");
            }
        }
    }
}

#[test]
fn every_line_stands_on_one_page_whole() {
    let invoice = invoice("81", 40);
    let sheet = sheet(&invoice);
    assert_eq!(sheet.stamps.len(), sheet.pages.len());
    let mut names = vec![String::new(); 40];
    for page in &sheet.pages {
        for item in &page.items {
            if let Item::Text(Text { text, field: Some(layout::Field::Cell(index, layout::Part::Name)), .. }) = item {
                names[*index] += text;
            }
        }
    }
    assert_eq!(names, invoice.lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>());
}

#[test]
fn pages_sum_up_to_the_whole() {
    let invoice = invoice("82", 23);
    let sheet = sheet(&invoice);
    let sums = |page: &layout::Page| -> Vec<Money> {
        let amounts = page.items.iter().filter_map(|item| match item {
            Item::Text(text) if text.yuan && text.field.is_none() => Some(text.text.parse().unwrap()),
            _ => None,
        });
        amounts.collect()
    };
    let pages: Vec<Vec<Money>> = sheet.pages.iter().map(sums).collect();
    assert!(pages.len() > 2 && pages.iter().all(|page| page.len() == 2));
    assert_eq!(pages.iter().map(|page| page[0]).sum::<Money>(), invoice.net);
    assert_eq!(pages.iter().map(|page| page[1]).sum::<Money>(), invoice.tax);
}

#[test]
fn toll_columns_hold_plate_and_dates() {
    let sheet = sheet(&invoice("59", 1));
    let all: Vec<&str> = texts(&sheet).map(|(text, _)| text.text.as_str()).collect();
    assert!(["车牌号", "通行日期起", "通行日期止"].iter().all(|label| all.contains(label)));
    assert!(!all.contains(&"规格型号"));
}

#[test]
fn a_paper_invoice_shows_both_numbers() {
    let mut paper = invoice("85", 1);
    paper.paper_key = Some("3100261130-10000085".parse().unwrap());
    let sheet = sheet(&paper);
    let all: Vec<&str> = texts(&sheet).map(|(text, _)| text.text.as_str()).collect();
    assert!(["26312000000000000085", "纸质发票代码 3100261130 号码 10000085"].iter().all(|text| all.contains(text)));
}
