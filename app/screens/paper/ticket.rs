//! 铁路电子客票 and 航空运输电子客票行程单. What a ticket says beyond an invoice stands in the remark, as `label：value` pairs;
//! a remark without them is shown as it is.

use egui::{Rect, pos2};
use piaoxia_domain::Invoice;

use super::canvas::{Anchor, Canvas, Writing};
use super::goods::numbers;
use crate::text::Paper as Words;

pub(super) const RAIL_HEIGHT: f32 = 104.0;
pub(super) const AIR_HEIGHT: f32 = 122.0;
const LEFT: f32 = 20.0;
const RIGHT: f32 = 190.0;

pub(super) fn rail(canvas: &Canvas<'_>, words: &Words, invoice: &Invoice) {
    numbers(canvas, words, invoice, 154.0);
    let [from, to, train, date, seat] = ["出发站", "到达站", "车次", "乘车日期", "席别"].map(|label| said(&invoice.remark, label));
    for (station, x) in [(from, 50.0), (to, 160.0)] {
        canvas.write(Writing::value(station.unwrap_or("—"), 60.0).anchor(Anchor::Middle).size(6.4), x, 38.0);
    }
    canvas.write(Writing::value(train.unwrap_or_default(), 30.0).anchor(Anchor::Middle).size(4.4), 105.0, 35.0);
    canvas.across(88.0, 40.0, 34.0);
    for (value, x) in [(date, 50.0), (seat, 160.0)] {
        canvas.write(Writing::value(value.unwrap_or_default(), 60.0).anchor(Anchor::Middle), x, 47.0);
    }
    let loose = [from, to, train, date, seat].iter().all(Option::is_none);
    money_and_parties(canvas, (words, &words.fare), invoice, (54.0, RAIL_HEIGHT - 8.0), loose);
}

/// `gross` says 价税合计: on an air itinerary 票价 is the fare without taxes and fees.
pub(super) fn air(canvas: &Canvas<'_>, words: &Words, gross: &str, invoice: &Invoice) {
    numbers(canvas, words, invoice, 154.0);
    let labels = [&words.ride_from, &words.ride_to, &words.flight, &words.ride_date, &words.ticket_number];
    let values = ["自", "至", "航班号", "乘机日期", "电子客票号码"].map(|label| said(&invoice.remark, label));
    let places = [36.0, 70.0, 104.0, 138.0, 172.0];
    canvas.frame(Rect::from_min_max(pos2(LEFT, 30.0), pos2(RIGHT, 48.0)));
    canvas.across(LEFT, 38.0, RIGHT - LEFT);
    for ((label, value), x) in labels.iter().zip(values).zip(places) {
        canvas.write(Writing::label(label).anchor(Anchor::Middle), x, 34.0);
        canvas.write(Writing::value(value.unwrap_or("—"), 32.0).anchor(Anchor::Middle), x, 43.0);
    }
    money_and_parties(canvas, (words, gross), invoice, (54.0, AIR_HEIGHT - 8.0), values.iter().all(Option::is_none));
}

/// The amount, named by the second of the words, with its parts, both parties, and the lines or the remark below.
fn money_and_parties(canvas: &Canvas<'_>, (words, gross): (&Words, &str), invoice: &Invoice, (top, bottom): (f32, f32), remark: bool) {
    canvas.across(LEFT, top, RIGHT - LEFT);
    let rate = invoice.lines.first().map(|line| line.rate.as_str()).unwrap_or_default();
    let sums = [
        (gross, format!("¥{}", invoice.gross), LEFT),
        (words.net.as_str(), format!("¥{}", invoice.net), 76.0),
        (words.rate.as_str(), rate.to_owned(), 118.0),
        (words.tax.as_str(), format!("¥{}", invoice.tax), 154.0),
    ];
    for (label, value, x) in &sums {
        canvas.write(Writing::label(label), *x, top + 5.5);
        let indent = 4.0 + 1.03 * canvas.width(label);
        canvas.write(Writing::value(value, 34.0).size(3.6), x + indent, top + 5.5);
    }
    let parties = [(&words.buyer_line, &invoice.buyer), (&words.seller_line, &invoice.seller)];
    for (place, (title, party)) in parties.into_iter().enumerate() {
        let y = top + 13.5 + 6.0 * place as f32;
        canvas.write(Writing::label(title), LEFT, y);
        canvas.write(Writing::whole(&party.name, 84.0), LEFT + 21.0, y);
        canvas.write(Writing::value(party.tax_no.as_str(), 48.0), 130.0, y);
    }
    if remark || bottom - top > 50.0 {
        canvas.write(Writing::label(&words.remark_line), LEFT, top + 27.5);
        canvas.write_box(&invoice.remark, Rect::from_min_max(pos2(LEFT + 14.0, top + 25.8), pos2(RIGHT, bottom)));
    }
}

/// The value behind `label：` in a remark of pairs.
fn said<'r>(remark: &'r str, label: &str) -> Option<&'r str> {
    let pair = remark.split_whitespace().find_map(|pair| pair.strip_prefix(label)?.strip_prefix('：'))?;
    (!pair.is_empty()).then_some(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_from_its_remark() {
        let remark = "出发站：上海虹桥站 到达站：杭州东站 车次：G7301 席别：";
        assert_eq!(said(remark, "到达站"), Some("杭州东站"));
        assert_eq!(said(remark, "席别"), None);
        assert_eq!(said("备注：自：北京", "自"), None);
    }
}
