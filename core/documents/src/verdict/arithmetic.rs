//! Sums and products. The tolerances are those of the bureau's forms.

use std::str::FromStr;

use piaoxia_domain::{Invoice, Money};
use rust_decimal::Decimal;

use super::{Finding, LineFault, LinePart, Outcome, Reason};
use crate::document::{Document, Source};
use crate::field::Field;

/// Tolerance of sums and of 数量 × 单价.
const SUM: Money = Money::from_fen(1);
/// Tolerance of 税额 on one line.
const LINE_TAX: Money = Money::from_fen(6);
/// Tolerance of all lines' differences of 税额 together.
const ALL_TAX: Money = Money::from_fen(127);

/// 差额征税: the tax is on 金额 less a deduction that only the remark states.
const MARGIN_SCHEME: &str = "差额征税";

pub(super) fn totals(document: &Document) -> Finding {
    let Invoice { net, tax, gross, .. } = document.invoice;
    let computed = |field| document.sources.get(&field) == Some(&Source::Computed);
    if [Field::Net, Field::Tax, Field::Gross].into_iter().any(computed) {
        return (Outcome::NotChecked, Reason::TotalsComputed);
    }
    if (net + tax - gross).abs() <= SUM {
        (Outcome::Pass, Reason::TotalsFit { net, tax, gross })
    } else {
        (Outcome::Fail, Reason::TotalsDiffer { net, tax, gross })
    }
}

pub(super) fn line_sums(document: &Document) -> Finding {
    let invoice = &document.invoice;
    if invoice.lines.is_empty() {
        return (Outcome::NotChecked, Reason::NoLines);
    }
    let lines_net: Money = invoice.lines.iter().map(|line| line.net).sum();
    let rounded: Money = invoice.lines.iter().map(|line| line.tax).sum();
    // The bureau rounds the sum, not the lines: with six decimals a line the two drift apart.
    let exact = Money::from_decimal(document.evidence.line_tax).unwrap_or(rounded);
    let near = |sum: Money, total: Money| (sum - total).abs() <= SUM;
    let lines_tax = if near(rounded, invoice.tax) { rounded } else { exact };
    if near(lines_net, invoice.net) && near(lines_tax, invoice.tax) {
        (Outcome::Pass, Reason::LineSumsFit { lines: count(invoice) })
    } else {
        (Outcome::Fail, Reason::LineSumsDiffer { lines_net, lines_tax, net: invoice.net, tax: invoice.tax })
    }
}

pub(super) fn lines(invoice: &Invoice) -> Finding {
    if invoice.lines.is_empty() {
        return (Outcome::NotChecked, Reason::NoLines);
    }
    let taxed = !invoice.remark.contains(MARGIN_SCHEME);
    let (mut checked, mut faults, mut first) = (0_u32, 0_u32, None);
    // Rounding to 分 errs to both sides; what drifts to one side is not rounding.
    let mut drift = Money::ZERO;
    for (line, number) in invoice.lines.iter().zip(1_u32..) {
        let net = product(line.quantity, line.price);
        let tax = if taxed { product(Some(line.net.to_decimal()), fraction(&line.rate)) } else { Product::None };
        if net == Product::None && tax == Product::None {
            continue;
        }
        checked = checked.saturating_add(1);
        if let Product::Is(expected) = tax {
            drift += expected - line.tax;
        }
        for (product, part, stated, tolerance) in [(net, LinePart::Net, line.net, SUM), (tax, LinePart::Tax, line.tax, LINE_TAX)] {
            if let Some(expected) = product.misses(stated, tolerance) {
                faults = faults.saturating_add(1);
                first = first.or(Some(LineFault { line: number, part, expected, stated }));
            }
        }
    }
    match first {
        Some(first) => (Outcome::Fail, Reason::LinesDiffer { first, faults }),
        None if checked == 0 => (Outcome::NotChecked, Reason::LinesNotComputable),
        None if drift.abs() > ALL_TAX => (Outcome::Fail, Reason::LineTaxDrift { drift }),
        None => (Outcome::Pass, Reason::LinesFit { checked, lines: count(invoice) }),
    }
}

/// A product of two numbers of a line.
#[derive(Clone, Copy, PartialEq)]
enum Product {
    /// A factor is not there.
    None,
    /// Beyond any amount.
    Beyond,
    /// The amount.
    Is(Money),
}

impl Product {
    /// Some with the amount when it is not `stated`.
    fn misses(self, stated: Money, tolerance: Money) -> Option<Option<Money>> {
        match self {
            Self::None => None,
            Self::Beyond => Some(None),
            Self::Is(expected) => ((expected - stated).abs() > tolerance).then_some(Some(expected)),
        }
    }
}

fn product(left: Option<Decimal>, right: Option<Decimal>) -> Product {
    let (Some(left), Some(right)) = (left, right) else { return Product::None };
    // Documents write 0 and 0 where a line has neither 数量 nor 单价, as on discounts.
    if left.is_zero() && right.is_zero() {
        return Product::None;
    }
    left.checked_mul(right).and_then(|product| Money::from_decimal(product).ok()).map_or(Product::Beyond, Product::Is)
}

/// `13%` as 0.13; none for words.
fn fraction(rate: &str) -> Option<Decimal> {
    Decimal::from_str(rate.strip_suffix('%')?).ok()?.checked_div(Decimal::ONE_HUNDRED)
}

fn count(invoice: &Invoice) -> u32 {
    invoice.lines.len().try_into().unwrap_or(u32::MAX)
}
