//! Lines of goods and services: quantities, prices, discounts and the tax on them. Whole 分 all the way.

use std::borrow::Cow;

use super::catalog::{self, Item, Rate, Trade, rounded_div};
use super::kinds::Subject;
use crate::dice::Dice;
use crate::register::Taxpayer;

/// One line, in numbers.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) item: &'static Item,
    pub(crate) spec: Cow<'static, str>,
    /// 数量 in thousandths.
    pub(crate) quantity: Option<i64>,
    /// 单价 in millionths of a yuan.
    pub(crate) price: Option<i64>,
    /// 金额 in 分.
    pub(crate) net: i64,
    pub(crate) rate: Rate,
    /// 税额 in 分.
    pub(crate) tax: i64,
}

/// Lines of one invoice, and what is taken off before tax in 差额征税, in 分.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) lines: Vec<Line>,
    pub(crate) margin: Option<i64>,
}

/// Who sells, as far as lines depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seller {
    pub(crate) trade: Trade,
    pub(crate) taxpayer: Taxpayer,
}

/// What an invoice of this subject says.
pub(crate) fn content(dice: &mut Dice, subject: Subject, seller: Seller) -> Content {
    match subject {
        Subject::Special | Subject::Plain => goods(dice, subject, seller),
        Subject::Car => single(dice, &catalog::CAR),
        Subject::UsedCar => single(dice, &catalog::USED_CAR),
        Subject::Import => single(dice, &catalog::IMPORTED),
        Subject::Rail => inclusive_lines(dice, &[(&catalog::RAIL_TICKET, 50)]),
        Subject::Air => {
            let mut content = inclusive_lines(dice, &[(&catalog::AIR_FARE, 1_000), (&catalog::AIR_FUEL, 1_000)]);
            content.lines.extend(single(dice, &catalog::AIR_FUND).lines);
            content
        }
        Subject::Toll => toll(dice),
    }
}

fn goods(dice: &mut Dice, subject: Subject, seller: Seller) -> Content {
    let small_rate = if subject == Subject::Special && dice.chance(400) { 3 } else { 1 };
    let first = choose(dice, subject, seller);
    if let Rate::Margin(percent) = first.rate {
        return margin(dice, first, percent);
    }
    let count = match dice.below(1000) {
        0..=599 => 1,
        600..=899 => dice.between(2, 4),
        900..=994 => dice.between(5, 12),
        _ => dice.between(20, 60),
    };
    let mut lines = Vec::with_capacity(2);
    let mut item = first;
    for _ in 0..count {
        let rate = match (item.rate, seller.taxpayer) {
            (Rate::Percent(_), Taxpayer::Small) => Rate::Percent(small_rate),
            (rate, _) => rate,
        };
        lines.push(sold(dice, item, rate));
        if dice.chance(40) {
            lines.extend(lines.last().and_then(|line| discount(line, dice.between(1, 20))));
        }
        item = choose(dice, subject, seller);
        if matches!(item.rate, Rate::Margin(_)) {
            break;
        }
    }
    Content { lines, margin: None }
}

/// An item of the seller; a 专票 has only what is taxed by percent or on the margin.
fn choose(dice: &mut Dice, subject: Subject, seller: Seller) -> &'static Item {
    let items = seller.trade.items();
    let taxed = |item: &&Item| matches!(item.rate, Rate::Percent(_) | Rate::Margin(_));
    let place = dice.below(items.len() as u64) as usize;
    let from_there = || items.iter().cycle().skip(place).take(items.len());
    let found = if subject == Subject::Plain { from_there().next() } else { from_there().find(taxed) };
    found.unwrap_or(&catalog::IMPORTED)
}

/// A line of a chance quantity at a chance price.
fn sold(dice: &mut Dice, item: &'static Item, rate: Rate) -> Line {
    let whole = dice.skewed(1, item.most);
    let quantity = if item.is_measured() { whole * 1000 + dice.between(0, 99) * 10 } else { whole * 1000 };
    let fen = i128::from(dice.skewed(item.price.0, item.price.1));
    // One price in four was agreed with its tax in it, and has six decimals without it.
    let price = match rate {
        Rate::Percent(percent) if dice.chance(250) => rounded_div(fen * 1_000_000, 100 + i128::from(percent)),
        _ => i64::try_from(fen * 10_000).unwrap_or(i64::MAX),
    };
    let net = net_of(quantity, price).max(1);
    Line { item, spec: Cow::Borrowed(item.spec), quantity: Some(quantity), price: Some(price), net, rate, tax: rate.tax_of(net) }
}

/// 数量 × 单价, in 分.
pub(crate) fn net_of(quantity: i64, price: i64) -> i64 {
    rounded_div(i128::from(quantity) * i128::from(price), 10_000_000)
}

/// 折扣行: a negative line behind the one it belongs to, without quantity and price. None when it would be nothing.
fn discount(line: &Line, percent: i64) -> Option<Line> {
    let net = -rounded_div(i128::from(line.net) * i128::from(percent), 100);
    (net != 0).then(|| Line { quantity: None, price: None, spec: Cow::Borrowed(""), net, tax: line.rate.tax_of(net), ..line.clone() })
}

fn single(dice: &mut Dice, item: &'static Item) -> Content {
    Content { lines: vec![sold(dice, item, item.rate)], margin: None }
}

/// Lines at prices that hold their tax and are multiples of `step` 分, as fares are.
fn inclusive_lines(dice: &mut Dice, items: &[(&'static Item, i64)]) -> Content {
    let mut line = |(item, step): &(&'static Item, i64)| {
        let fare = dice.skewed(item.price.0 / step, item.price.1 / step).max(1) * step;
        inclusive(item, fare, *step)
    };
    Content { lines: items.iter().map(&mut line).collect(), margin: None }
}

/// One line whose net and tax add up to `gross`, or to the next higher multiple of `step` that net and tax can add up to.
fn inclusive(item: &'static Item, gross: i64, step: i64) -> Line {
    let Rate::Percent(percent) = item.rate else {
        return Line { item, spec: Cow::Borrowed(item.spec), quantity: None, price: None, net: gross, rate: item.rate, tax: 0 };
    };
    let split = |gross: i64| {
        let net = rounded_div(i128::from(gross) * 100, 100 + i128::from(percent));
        (net, item.rate.tax_of(net), gross)
    };
    // Two roundings leave a few amounts that no net amount reaches; one of the next hundred fits.
    let fitting = (0..100).map(|more| split(gross + more * step)).find(|(net, tax, gross)| net + tax == *gross);
    let (net, tax, _) = fitting.unwrap_or_else(|| split(gross));
    Line { item, spec: Cow::Borrowed(item.spec), quantity: Some(1000), price: Some(net * 10_000), net, rate: item.rate, tax }
}

/// 通行费: the plate stands in 规格型号, as in the bureau's export. Some roads levy no tax.
fn toll(dice: &mut Dice) -> Content {
    const PROVINCES: [&str; 8] = ["沪", "苏", "浙", "粤", "皖", "鲁", "京", "川"];
    let item = if dice.chance(250) { &catalog::TOLL_UNTAXED } else { &catalog::TOLL };
    let mut line = inclusive(item, dice.skewed(item.price.0, item.price.1), 1);
    let plate = format!("{}{}{}", dice.pick(&PROVINCES), dice.pick(&['A', 'B', 'C', 'E']), dice.digits(5));
    line.spec = Cow::Owned(plate);
    (line.quantity, line.price) = (None, None);
    Content { lines: vec![line], margin: None }
}

/// 差额征税: tax on what is left of the price after wages that were only passed on. 金额 is the price less the tax.
fn margin(dice: &mut Dice, item: &'static Item, percent: u8) -> Content {
    let price = dice.skewed(item.price.0, item.price.1) * dice.skewed(1, item.most);
    let passed_on = price / 100 * dice.between(70, 95);
    let tax = rounded_div(i128::from(price - passed_on) * i128::from(percent), 100 + i128::from(percent));
    let net = price - tax;
    let line = Line {
        item,
        spec: Cow::Borrowed(item.spec),
        quantity: Some(1000),
        price: Some(net * 10_000),
        net,
        rate: Rate::Margin(percent),
        tax,
    };
    Content { lines: vec![line], margin: Some(passed_on) }
}

impl Content {
    /// 金额 and 税额, in 分.
    pub(crate) fn sums(&self) -> (i64, i64) {
        self.lines.iter().fold((0, 0), |(net, tax), line| (net + line.net, tax + line.tax))
    }

    /// The content of a red invoice that cancels this one whole: every amount and quantity negative.
    pub(crate) fn reversed(mut self) -> Self {
        for line in &mut self.lines {
            line.quantity = line.quantity.map(i64::wrapping_neg);
            (line.net, line.tax) = (-line.net, -line.tax);
        }
        self.margin = self.margin.map(i64::wrapping_neg);
        self
    }

    /// The content of a red invoice over an allowance (销售折让) of so many percent of the first line; none where that is not done.
    pub(crate) fn allowance(&self, percent: i64) -> Option<Self> {
        let first = self.lines.first()?;
        let Rate::Percent(_) = first.rate else { return None };
        discount(first, percent).map(|line| Self { lines: vec![line], margin: None })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    const SUBJECTS: [Subject; 8] =
        [Subject::Special, Subject::Plain, Subject::Car, Subject::UsedCar, Subject::Toll, Subject::Rail, Subject::Air, Subject::Import];

    fn check(content: &Content) {
        for line in &content.lines {
            if let (Some(quantity), Some(price)) = (line.quantity, line.price) {
                assert!(net_of(quantity, price).abs_diff(line.net) <= 1, "{line:?}");
            }
            match (line.rate, content.margin) {
                (Rate::Margin(percent), Some(margin)) => {
                    let expected = rounded_div(i128::from(line.net - margin) * i128::from(percent), 100);
                    assert!(expected.abs_diff(line.tax) <= 1, "{line:?}");
                }
                (Rate::Margin(_), None) => panic!("no margin: {line:?}"),
                (rate, _) => assert_eq!(line.tax, rate.tax_of(line.net), "{line:?}"),
            }
        }
        assert!(!content.lines.is_empty());
    }

    proptest! {
        #[test]
        fn every_line_holds_its_tax(seed: u64, subject in prop::sample::select(&SUBJECTS[..]), small: bool, trade in 0usize..12) {
            let trades = [Trade::Food, Trade::Labour, Trade::Software, Trade::Consulting, Trade::Construction, Trade::Electronics];
            let taxpayer = if small { Taxpayer::Small } else { Taxpayer::General };
            let seller = Seller { trade: *trades.get(trade % 6).unwrap(), taxpayer };
            let content = content(&mut Dice::new(seed, &[]), subject, seller);
            check(&content);
            let (net, tax) = content.sums();
            prop_assert!(net > 0 && tax >= 0);
            if let Some(part) = content.allowance(30) {
                check(&part);
                let (part_net, part_tax) = part.sums();
                prop_assert!(part_net < 0 && part_tax <= 0);
            }
            let reversed = content.reversed();
            check(&reversed);
            prop_assert_eq!(reversed.sums(), (-net, -tax));
        }

        #[test]
        fn fares_are_multiples(gross in 1i64..3000) {
            let line = inclusive(&catalog::RAIL_TICKET, gross * 50, 50);
            prop_assert_eq!((line.net + line.tax) % 50, 0);
        }
    }
}
