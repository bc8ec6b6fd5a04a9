//! The fields of an invoice, each weighed by what it is.

use std::borrow::Cow;

use jiff::civil::DateTime;
use piaoxia_domain::key::kind_of_legacy_code;
use piaoxia_domain::{InvoiceKey, Kind, Money, Party, TaxNumber};

use super::weighing::{Read, Weighing};
use crate::document::{Source, Warning};
use crate::field::Field;
use crate::file_name;
use crate::refused::Refused;
use crate::values;
use crate::xml::FISCAL_RECEIPT;

/// Fields of one side of the deal.
pub(super) struct Side {
    name: Field,
    tax_no: Field,
    contact: Field,
    bank: Field,
}

impl Side {
    /// 销售方.
    pub(super) const SELLER: Self =
        Self { name: Field::SellerName, tax_no: Field::SellerTaxNo, contact: Field::SellerContact, bank: Field::SellerBank };
    /// 购买方.
    pub(super) const BUYER: Self =
        Self { name: Field::BuyerName, tax_no: Field::BuyerTaxNo, contact: Field::BuyerContact, bank: Field::BuyerBank };
}

impl<'s> Weighing<'s, '_> {
    /// The natural key, and 发票代码 and 发票号码 beside a 20-digit number: those of a 数电纸质 invoice.
    pub(super) fn keys(&mut self) -> Result<(InvoiceKey, Option<InvoiceKey>), Refused> {
        let number = self.number(Field::Number)?.ok_or(Refused::MissingField { field: Field::Number })?;
        let code = self.number(Field::Code)?;
        let beside = self.number(Field::PaperNumber)?;
        let (number, code, beside) = (number.as_ref(), code.as_deref(), beside.as_deref());
        let alone = is_digital(number) || code.is_none();
        let key = if alone { InvoiceKey::new(Some(number), None, None) } else { InvoiceKey::new(None, code, Some(number)) };
        let key = key.map_err(|wrong| Refused::bad_value(Field::Number, &wrong.0))?;
        let paper_key = code.zip(beside).and_then(|(code, number)| InvoiceKey::new(None, Some(code), Some(number)).ok());
        let paper_key = paper_key.filter(|paper| matches!(paper, InvoiceKey::Legacy { .. }) && *paper != key);
        if key.code().is_none() && paper_key.is_none() {
            self.sources.remove(&Field::Code);
        }
        Ok((key, paper_key))
    }

    fn number(&mut self, field: Field) -> Result<Option<Cow<'s, str>>, Refused> {
        let read = |text| match values::identifier(text) {
            dashes if dashes.starts_with('-') => Read::Blank,
            number => Read::Value(number),
        };
        self.weigh(field, read, PartialEq::eq)
    }

    /// 开票日期; places that print no time of day agree with those that do.
    pub(super) fn issued_at(&mut self) -> Result<DateTime, Refused> {
        let same_day = |first: &DateTime, other: &DateTime| first.date() == other.date();
        let issued_at = self.weigh(Field::IssuedOn, |text| values::issued_at(text).into(), same_day)?;
        issued_at.ok_or(Refused::MissingField { field: Field::IssuedOn })
    }

    /// Two of the three totals are needed; the third follows.
    pub(super) fn totals(&mut self) -> Result<(Money, Money, Money), Refused> {
        let net = self.total(Field::Net)?;
        let tax = self.total(Field::Tax)?;
        let gross = self.total(Field::Gross)?;
        match (net, tax, gross) {
            (Some(net), Some(tax), Some(gross)) => Ok((net, tax, gross)),
            (Some(net), Some(tax), None) => Ok((net, tax, self.computed(Field::Gross, net + tax))),
            (Some(net), None, Some(gross)) => Ok((net, self.computed(Field::Tax, gross - net), gross)),
            (None, Some(tax), Some(gross)) => Ok((self.computed(Field::Net, gross - tax), tax, gross)),
            (None, None, Some(gross)) if self.is_railway() => {
                let tax = railway_tax(gross);
                Ok((self.computed(Field::Net, gross - tax), self.computed(Field::Tax, tax), gross))
            }
            (_, _, None) => Err(Refused::MissingField { field: Field::Gross }),
            (None, _, Some(_)) => Err(Refused::MissingField { field: Field::Net }),
        }
    }

    fn is_railway(&self) -> bool {
        self.statements.iter().any(|statement| statement.get(Field::Kind) == Some("51"))
    }

    fn total(&mut self, field: Field) -> Result<Option<Money>, Refused> {
        let read = |text| match values::decimal(text) {
            Some(Some(amount)) => Money::from_decimal(amount).ok().into(),
            Some(None) => Read::Blank,
            None => Read::Unreadable,
        };
        self.weigh(field, read, PartialEq::eq)
    }

    fn computed(&mut self, field: Field, money: Money) -> Money {
        self.sources.insert(field, Source::Computed);
        self.warnings.push(Warning::Computed { field });
        money
    }

    /// What the statements say, what a legacy 发票代码 tells, then the file's name; an empty code where all are silent.
    pub(super) fn kind(&mut self, file_name: &str, key: &InvoiceKey) -> Result<Kind, Refused> {
        let read = |text| kind_of_text(text).map_or(Read::Blank, Read::Value);
        if let Some(kind) = self.weigh(Field::Kind, read, PartialEq::eq)? {
            return Ok(kind);
        }
        if let Some(kind) = key.code().and_then(kind_of_legacy_code) {
            let source = self.sources.get(&Field::Code).copied().unwrap_or(Source::Computed);
            self.sources.insert(Field::Kind, source);
            return Ok(kind);
        }
        if let Some(kind) = file_name::kind(file_name) {
            self.sources.insert(Field::Kind, Source::FileName);
            self.warnings.push(Warning::KindFromFileName);
            return Ok(kind);
        }
        let label = self.statements.iter().find_map(|statement| statement.get(Field::Kind)).unwrap_or_default();
        self.warnings.push(Warning::KindUnknown { label: label.to_owned() });
        Ok(Kind::from_code(""))
    }

    pub(super) fn party(&mut self, side: &Side) -> Result<Party, Refused> {
        let name = self.text(side.name)?;
        if name.is_empty() {
            self.warnings.push(Warning::Absent { field: side.name });
        }
        // A natural person has no number: its absence is nothing to warn of.
        let tax_no = self.weigh(side.tax_no, |text| Read::Value(TaxNumber::from_document(text)), PartialEq::eq)?;
        Ok(Party { name, tax_no: tax_no.unwrap_or_default(), contact: self.text(side.contact)?, bank: self.text(side.bank)? })
    }

    /// The blue invoice that a red one cancels: stated, or named in the remark.
    pub(super) fn red_of(&mut self, remark: &str) -> Result<Option<InvoiceKey>, Refused> {
        let stated = self.weigh(Field::RedOf, |text| text.parse().map_or(Read::Blank, Read::Value), PartialEq::eq)?;
        Ok(stated.or_else(|| values::red_of(remark)))
    }

    /// Which statement gives the goods lines. They are compared by their number and sums: names and texts of lines are broken
    /// and shortened wherever they are printed.
    pub(super) fn lines(&mut self) -> Option<usize> {
        let stated = |statement: &super::Statement<'_>| (statement.source, statement.lines.summary());
        let mut all = self.statements.iter().enumerate().filter(|(_, statement)| !statement.lines.all.is_empty());
        let (index, first) = all.next().map(|(index, statement)| (index, stated(statement)))?;
        let others: Vec<_> = all.map(|(_, statement)| stated(statement)).collect();
        let others: Vec<_> = others.iter().map(|(source, text)| (*source, text.as_str(), *text == first.1)).collect();
        self.sources.insert(Field::Lines, first.0);
        self.compare(Field::Lines, (first.0, &first.1), &others);
        Some(index)
    }

    /// The number against the file's name and the year.
    pub(super) fn check_number(&mut self, file_name: &str, key: &InvoiceKey, issued_at: DateTime) {
        // Of a legacy invoice the bureau writes code and number in one, twenty digits together.
        let named = |in_name: &&str| in_name.strip_prefix(key.code().unwrap_or_default()) == Some(key.number());
        if let Some(in_name) = file_name::number(file_name).filter(|in_name| !named(in_name)) {
            self.warnings.push(Warning::FileNameNumber { in_name: in_name.to_owned() });
        }
        let InvoiceKey::Digital(number) = key else { return };
        let digits = number.get(..2).unwrap_or_default();
        if digits.parse() != Ok(issued_at.year() % 100) {
            self.warnings.push(Warning::NumberYear { digits: digits.to_owned(), issued_on: issued_at.date() });
        }
    }

    /// The mark of red or blue against the sign of 价税合计.
    pub(super) fn check_red_mark(&mut self, gross: Money) {
        let Some(red) = self.statements.iter().find_map(|statement| statement.red) else { return };
        if gross != Money::ZERO && red != gross.is_negative() {
            self.warnings.push(Warning::RedLabel { red, gross });
        }
    }
}

/// The tax in a railway fare, which a printed ticket does not state: fare ÷ 1.09 × 9 % (财政部 税务总局 海关总署公告2019年第39号,
/// article 6).
fn railway_tax(fare: Money) -> Money {
    let (fen, half) = (fare.fen().saturating_mul(9), if fare.is_negative() { -54 } else { 54 });
    Money::from_fen(fen.saturating_add(half) / 109)
}

fn is_digital(number: &str) -> bool {
    number.len() == 20 && number.bytes().all(|b| b.is_ascii_digit())
}

/// A kind by its code or by any of its names.
fn kind_of_text(text: &str) -> Option<Kind> {
    let kind = Kind::from_code(text);
    if kind.info().is_some() || text == FISCAL_RECEIPT { Some(kind) } else { Kind::from_name(text) }
}
