//! Rows of 信息汇总表 and 货物清单 as goods lines.

use std::borrow::Cow;

use piaoxia_domain::Money;
use rust_decimal::Decimal;

use super::book::Sheet;
use super::heading::Column as C;
use super::rows::Row;
use super::values::{Epoch, digits, is_moment, moment, plain};
use crate::document::Warning;
use crate::field::Field;
use crate::lines::{LineSlot, LineTexts, Lines};
use crate::refused::{Refused, shortened};
use crate::statement::Statement;
use crate::values;

/// What a seller prints instead of lines when they are on a list of their own.
const SEE_LIST: &str = "详见销货清单";
/// 差额征税 is remarked with the amount that the tax is not on.
const MARGIN: &str = "差额征税";
/// 征收率 and 税率 that are in use, in thousandths.
const RATES: [i64; 8] = [5, 10, 15, 30, 50, 60, 90, 130];

/// The lines of an invoice, and the rows of it that could not be read.
#[derive(Default)]
pub(super) struct Goods {
    pub lines: Lines,
    /// Row numbers, and why.
    pub refused: Vec<(u32, Refused)>,
}

impl Goods {
    /// From the rows of one invoice.
    pub(super) fn of(sheet: &Sheet, rows: &[Row], epoch: Epoch) -> Self {
        let mut goods = Self::default();
        let named = |row: &Row| text(sheet, row, C::LineName).unwrap_or_default().into_owned();
        let listed = rows.iter().any(|row| !named(row).contains(SEE_LIST));
        for row in rows {
            // The line that stands for a list would count everything twice beside it.
            if listed && named(row).contains(SEE_LIST) {
                continue;
            }
            let added = texts(sheet, row, epoch).and_then(|texts| goods.lines.add(&texts));
            if let Err(refused) = added {
                goods.refused.push((row.number, refused));
            } else {
                goods.derive_rate(&text(sheet, row, C::Remark).unwrap_or_default());
                goods.tell_rounded(sheet, row);
            }
        }
        goods
    }

    /// Sums for an invoice that only its lines tell of.
    ///
    /// # Errors
    /// None in practice: sums are short.
    pub(super) fn state_sums(&self, statement: &mut Statement<'_>) -> Result<(), Refused> {
        if self.lines.all.is_empty() {
            return Ok(());
        }
        let net: Money = self.lines.all.iter().map(|line| line.net).sum();
        let tax: Money = self.lines.all.iter().map(|line| line.tax).sum();
        for (field, sum) in [(Field::Net, net), (Field::Tax, tax), (Field::Gross, net + tax)] {
            statement.state(field, sum.to_string())?;
        }
        Ok(())
    }

    /// 税收分类编码 of the line just added was left out when it lost its end in a number cell: no sum hangs on it.
    fn tell_rounded(&mut self, sheet: &Sheet, row: &Row) {
        if let Some(cell) = sheet.columns.cell(row, C::ClassCode).filter(|cell| digits(cell).is_none()) {
            let (line, field) = (self.last(), Field::LineClassCode);
            self.lines.warnings.push(Warning::NumberRounded { line, field, value: shortened(&cell.text) });
        }
    }

    /// Number of the line just added, from 1.
    fn last(&self) -> u32 {
        u32::try_from(self.lines.all.len()).unwrap_or(u32::MAX)
    }

    /// `***` on the line just added: the rate that its tax comes to on what is left of 金额.
    fn derive_rate(&mut self, remark: &str) {
        let number = self.last();
        let Some(line) = self.lines.all.last_mut().filter(|line| line.rate == "***") else { return };
        let Some(rate) = margin(remark).and_then(|margin| rate(line.net, line.tax, margin)) else { return };
        line.rate = rate.clone();
        self.lines.warnings.push(Warning::RateDerived { line: number, rate });
    }
}

/// `差额征税：2.00。`
fn margin(remark: &str) -> Option<Money> {
    let (_, rest) = remark.split_once(MARGIN)?;
    let rest = rest.trim_start_matches(['：', ':', ' ']);
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))).unwrap_or(rest.len());
    rest.get(..end)?.trim_end_matches(['.', ',']).parse().ok()
}

/// The one rate in use that gives this tax to the 分.
fn rate(net: Money, tax: Money, margin: Money) -> Option<String> {
    let taxed = (net - margin).to_decimal();
    let fits = |thousandths: &&i64| {
        let product = taxed.checked_mul(Decimal::new(**thousandths, 3)).and_then(|product| Money::from_decimal(product).ok());
        product.is_some_and(|product| (product - tax).abs() <= Money::from_fen(1))
    };
    let mut found = RATES.iter().filter(fits);
    let rate = found.next()?;
    // Small amounts fit several rates: then none is known.
    found.next().is_none().then(|| values::rate(&Decimal::new(*rate, 3).to_string()))
}

fn texts<'r>(sheet: &Sheet, row: &'r Row, epoch: Epoch) -> Result<LineTexts<'r>, Refused> {
    const PLAIN: [(C, LineSlot); 5] = [
        (C::LineName, LineSlot::Name),
        (C::Net, LineSlot::Net),
        (C::Rate, LineSlot::Rate),
        (C::Tax, LineSlot::Tax),
        (C::Gross, LineSlot::Gross),
    ];
    let mut texts = LineTexts::default();
    for (column, slot) in PLAIN {
        if let Some(text) = text(sheet, row, column) {
            texts.set(slot, text)?;
        }
    }
    if let Some(code) = sheet.columns.cell(row, C::ClassCode).and_then(digits) {
        texts.set(LineSlot::ClassCode, code)?;
    }
    if is_toll(sheet, row) {
        return toll(texts, sheet, row, epoch);
    }
    for (column, slot) in
        [(C::Spec, LineSlot::Spec), (C::Unit, LineSlot::Unit), (C::Quantity, LineSlot::Quantity), (C::Price, LineSlot::Price)]
    {
        if let Some(text) = text(sheet, row, column) {
            texts.set(slot, text)?;
        }
    }
    Ok(texts)
}

fn is_toll(sheet: &Sheet, row: &Row) -> bool {
    [C::Business, C::Kind, C::LineName].into_iter().any(|column| text(sheet, row, column).is_some_and(|text| text.contains("通行费")))
        || sheet.columns.has(C::Plate)
}

/// A 通行费 row has 车牌号, 类型, 通行日期起 and 通行日期止 in the places of 规格型号, 单位, 数量 and 单价, or in columns of their own.
/// The plate and the days become 规格型号, the vehicle 单位.
fn toll<'r>(mut texts: LineTexts<'r>, sheet: &Sheet, row: &'r Row, epoch: Epoch) -> Result<LineTexts<'r>, Refused> {
    let cell = |own, shared| sheet.columns.cell(row, own).or_else(|| sheet.columns.cell(row, shared));
    let mut parts: Vec<String> = cell(C::Plate, C::Spec).map(|cell| plain(cell).into_owned()).into_iter().collect();
    for (own, shared, slot) in [(C::PassedFrom, C::Quantity, LineSlot::Quantity), (C::PassedTo, C::Price, LineSlot::Price)] {
        match cell(own, shared) {
            Some(day) if is_moment(day, epoch) => parts.push(day_of(&moment(day, epoch)).to_owned()),
            Some(other) => texts.set(slot, plain(other))?,
            None => {}
        }
    }
    texts.set(LineSlot::Spec, parts.join(" "))?;
    if let Some(vehicle) = cell(C::Vehicle, C::Unit) {
        texts.set(LineSlot::Unit, plain(vehicle))?;
    }
    Ok(texts)
}

/// Without a time of day that says nothing.
fn day_of(moment: &str) -> &str {
    moment.strip_suffix(" 00:00:00").unwrap_or(moment)
}

fn text<'r>(sheet: &Sheet, row: &'r Row, column: C) -> Option<Cow<'r, str>> {
    sheet.columns.cell(row, column).map(plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_rate_of_a_margin_scheme_is_derived() {
        let money = |text: &str| text.parse::<Money>().unwrap();
        assert_eq!(margin("差额征税：2.00。其他"), Some(money("2.00")));
        assert_eq!(margin("备注 差额征税:1,000.50"), Some(money("1000.50")));
        assert_eq!(margin("差额征税"), None);
        assert_eq!(rate(money("198.04"), money("1.96"), money("2.00")).as_deref(), Some("1%"));
        assert_eq!(rate(money("100.00"), money("7.77"), Money::ZERO), None);
        assert_eq!(rate(money("1.00"), money("0.01"), Money::ZERO), None);
    }
}
