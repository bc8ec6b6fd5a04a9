//! Tax rates (税率) of goods lines, and how an invoice divides by them.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::invoice::{Invoice, InvoiceLine};
use crate::money::Money;

/// What a share of an invoice is taxed at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rate {
    /// A rate in hundredths of a percent: 13% is 1300.
    Percent(u32),
    /// 免税.
    Exempt,
    /// 不征税.
    NotTaxed,
    /// Printed otherwise, verbatim: `***`, `出口零税率`.
    Other(String),
    /// A line that states none.
    Unstated,
    /// 无明细: the invoice has no lines.
    NoLines,
    /// What the lines leave over of the invoice's own sums (明细与合计的差额).
    Remainder,
}

impl Rate {
    /// From what a line prints: `13%`, `0.13`, `13` are one rate.
    #[must_use]
    pub fn of_line(line: &InvoiceLine) -> Self {
        let text = line.rate.trim();
        match text {
            "" => return Self::Unstated,
            "免税" => return Self::Exempt,
            "不征税" => return Self::NotTaxed,
            _ => {}
        }
        let number = text.trim_end_matches(['%', '％']).trim_end();
        // No rate reaches 100 %: what is not a fraction already counts percents.
        let percents = number.parse::<Decimal>().ok().filter(|rate| !rate.is_sign_negative()).and_then(|rate| {
            let fraction = number.len() == text.len() && rate < Decimal::ONE;
            let hundredths = rate.checked_mul(if fraction { Decimal::from(10_000) } else { Decimal::ONE_HUNDRED })?;
            hundredths.is_integer().then(|| hundredths.to_u32()).flatten()
        });
        percents.map_or_else(|| Self::Other(text.to_owned()), Self::Percent)
    }

    /// Where it stands in a table: percents from the highest down, then words, then what no line tells.
    #[must_use]
    pub fn place(&self) -> (u8, u32, &str) {
        match self {
            Self::Percent(hundredths) => (0, u32::MAX - hundredths, ""),
            Self::Exempt => (1, 0, ""),
            Self::NotTaxed => (2, 0, ""),
            Self::Other(text) => (3, 0, text),
            Self::Unstated => (4, 0, ""),
            Self::NoLines => (5, 0, ""),
            Self::Remainder => (6, 0, ""),
        }
    }

    /// Stable word for the command line and JSON: `13%`, `免税`, as printed; `unstated`, `noLines`, `remainder`.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Percent(hundredths) => format!("{}%", Decimal::new(i64::from(*hundredths), 2).normalize()),
            Self::Exempt => "免税".to_owned(),
            Self::NotTaxed => "不征税".to_owned(),
            Self::Other(text) => text.clone(),
            Self::Unstated => "unstated".to_owned(),
            Self::NoLines => "noLines".to_owned(),
            Self::Remainder => "remainder".to_owned(),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}

/// The part of an invoice that is taxed at one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// 税率.
    pub rate: Rate,
    /// 金额.
    pub net: Money,
    /// 税额.
    pub tax: Money,
    /// 价税合计.
    pub gross: Money,
}

impl Share {
    fn new(rate: Rate, net: Money, tax: Money, gross: Money) -> Self {
        Self { rate, net, tax, gross }
    }
}

impl Invoice {
    /// How it divides by rate, each rate once; together the shares are exactly its own sums. Without lines all of it is
    /// [`Rate::NoLines`]; where the lines do not add up to it, the difference is [`Rate::Remainder`].
    #[must_use]
    pub fn shares(&self) -> Vec<Share> {
        if self.lines.is_empty() {
            return vec![Share::new(Rate::NoLines, self.net, self.tax, self.gross)];
        }
        let mut shares: Vec<Share> = Vec::with_capacity(1);
        let mut left = (self.net, self.tax, self.gross);
        for line in &self.lines {
            let (rate, gross) = (Rate::of_line(line), line.net + line.tax);
            left = (left.0 - line.net, left.1 - line.tax, left.2 - gross);
            match shares.iter_mut().find(|share| share.rate == rate) {
                Some(share) => {
                    share.net += line.net;
                    share.tax += line.tax;
                    share.gross += gross;
                }
                None => shares.push(Share::new(rate, line.net, line.tax, gross)),
            }
        }
        if left != (Money::ZERO, Money::ZERO, Money::ZERO) {
            shares.push(Share::new(Rate::Remainder, left.0, left.1, left.2));
        }
        shares
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::{InvoiceKey, Kind, Party, Status};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn line(rate: &str, net: i64, tax: i64) -> InvoiceLine {
        InvoiceLine { rate: rate.to_owned(), net: Money::from_fen(net), tax: Money::from_fen(tax), ..InvoiceLine::default() }
    }

    fn invoice(lines: Vec<InvoiceLine>, net: i64, tax: i64) -> Invoice {
        let (net, tax) = (Money::from_fen(net), Money::from_fen(tax));
        Invoice {
            key: InvoiceKey::Digital("26312000000123456789".to_owned()),
            paper_key: None,
            kind: Kind::from_code("81"),
            direction: None,
            both_sides: false,
            self_billed: false,
            issued_at: date(2026, 10, 8).at(0, 0, 0, 0),
            seller: Party::default(),
            buyer: Party::default(),
            net,
            tax,
            gross: net + tax,
            status: Status::Normal,
            deduction: None,
            usage: None,
            red_of: None,
            risk: String::new(),
            source: String::new(),
            drawer: String::new(),
            remark: String::new(),
            check_code: String::new(),
            lines,
        }
    }

    #[test]
    fn one_rate_has_many_spellings() {
        for text in ["13%", "0.13", "13", "13.00%", " 13% ", "13％", "0.130"] {
            assert_eq!(Rate::of_line(&line(text, 0, 0)), Rate::Percent(1_300), "{text}");
        }
        for (text, word) in [("1.5%", "1.5%"), ("0", "0%"), ("1", "1%"), ("免税", "免税"), ("***", "***"), ("-3%", "-3%"), ("", "unstated")]
        {
            assert_eq!(Rate::of_line(&line(text, 0, 0)).word(), word, "{text}");
        }
        let huge = "9".repeat(40);
        assert_eq!(Rate::of_line(&line(&huge, 0, 0)), Rate::Other(huge));
    }

    #[test]
    fn a_discount_stays_at_the_rate_of_its_goods() {
        let shares = invoice(vec![line("13%", 1_000, 130), line("0.13", -100, -13), line("6%", 500, 30)], 1_400, 147).shares();
        let found: Vec<(String, i64, i64)> = shares.iter().map(|share| (share.rate.word(), share.net.fen(), share.gross.fen())).collect();
        assert_eq!(found, [("13%".to_owned(), 900, 1_017), ("6%".to_owned(), 500, 530)]);
    }

    #[test]
    fn what_the_lines_leave_over_is_told() {
        let shares = invoice(vec![line("13%", 1_000, 130)], 1_001, 130).shares();
        assert_eq!(shares.last().map(|share| (share.rate.clone(), share.net.fen(), share.gross.fen())), Some((Rate::Remainder, 1, 1)));
        let bare = invoice(Vec::new(), 7, 1).shares();
        assert_eq!(bare.first().map(|share| (share.rate.clone(), share.gross.fen())), Some((Rate::NoLines, 8)));
    }

    proptest! {
        #[test]
        fn shares_are_exactly_the_invoice(
            lines in prop::collection::vec(("(13%|6%|0.06|免税|\\*\\*\\*|)", -9_999_i64..9_999, -999_i64..999), 0..9),
            net in -99_999_i64..99_999,
            tax in -9_999_i64..9_999,
        ) {
            let lines = lines.into_iter().map(|(rate, net, tax)| line(&rate, net, tax)).collect();
            let invoice = invoice(lines, net, tax);
            let shares = invoice.shares();
            prop_assert_eq!(shares.iter().map(|share| share.net).sum::<Money>(), invoice.net);
            prop_assert_eq!(shares.iter().map(|share| share.tax).sum::<Money>(), invoice.tax);
            prop_assert_eq!(shares.iter().map(|share| share.gross).sum::<Money>(), invoice.gross);
            let mut rates: Vec<&Rate> = shares.iter().map(|share| &share.rate).collect();
            rates.sort();
            rates.dedup();
            prop_assert_eq!(rates.len(), shares.len());
        }
    }
}
