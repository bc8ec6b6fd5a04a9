//! From collected texts to a document.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use piaoxia_domain::key::kind_of_legacy_code;
use piaoxia_domain::{Invoice, InvoiceKey, Kind, Money, Party, Status, TaxNumber};
use rust_decimal::Decimal;

use super::collect::Collector;
use super::grammar::Slot;
use super::values;
use crate::document::{Document, Evidence, Numbers, Source, Warning};
use crate::field::Field;
use crate::file_name;
use crate::format::FileFormat;
use crate::refused::Refused;

/// The document that the texts make, or why they make none.
pub(super) fn document(name: &str, collected: Collector<'_>) -> Result<Document, Refused> {
    let mut build = Build { collected, sources: BTreeMap::new(), warnings: Vec::new() };
    let key = build.key()?;
    let paper_key = build.paper_key(&key);
    let issued_at = build.issued_at()?;
    let (net, tax, gross) = build.totals()?;
    let kind = build.kind(name);
    let seller = build.party(&SELLER);
    let buyer = build.party(&BUYER);
    build.check_number(name, &key, issued_at);
    build.check_red_label(gross);
    let numbers = build.numbers();
    let remark = build.text(Slot::Remark, Field::Remark);
    let drawer = build.text(Slot::Drawer, Field::Drawer);
    let Build { collected, mut sources, mut warnings } = build;
    if !collected.lines.all.is_empty() {
        sources.insert(Field::Lines, Source::Xml);
    }
    warnings.extend(collected.repeated.iter().map(|field| Warning::Repeated { field: *field }));
    warnings.extend(collected.lines.warnings);
    let invoice = Invoice {
        paper_key,
        kind,
        direction: None,
        issued_at,
        seller,
        buyer,
        net,
        tax,
        gross,
        status: Status::Normal,
        deduction: None,
        usage: None,
        red_of: red_of(&remark),
        risk: String::new(),
        source: String::new(),
        drawer,
        remark,
        check_code: String::new(),
        lines: collected.lines.all,
        key,
    };
    let evidence = Evidence { numbers, line_tax: collected.lines.exact_tax, signed: collected.signed };
    Ok(Document { format: FileFormat::Xml, invoice, sources, warnings, evidence })
}

struct Build<'a> {
    collected: Collector<'a>,
    sources: BTreeMap<Field, Source>,
    warnings: Vec<Warning>,
}

/// Slots and fields of one side of the deal.
struct Side {
    name: (Slot, Field),
    tax_no: (Slot, Field),
    contact: (Slot, Slot, Field),
    bank: (Slot, Slot, Field),
}

const SELLER: Side = Side {
    name: (Slot::SellerName, Field::SellerName),
    tax_no: (Slot::SellerTaxNo, Field::SellerTaxNo),
    contact: (Slot::SellerAddress, Slot::SellerPhone, Field::SellerContact),
    bank: (Slot::SellerBank, Slot::SellerBankAccount, Field::SellerBank),
};

const BUYER: Side = Side {
    name: (Slot::BuyerName, Field::BuyerName),
    tax_no: (Slot::BuyerTaxNo, Field::BuyerTaxNo),
    contact: (Slot::BuyerAddress, Slot::BuyerPhone, Field::BuyerContact),
    bank: (Slot::BuyerBank, Slot::BuyerBankAccount, Field::BuyerBank),
};

impl Build<'_> {
    /// The bureau's part is authoritative, the head stands in, and flat dialects have 发票代码 and 发票号码.
    fn key(&mut self) -> Result<InvoiceKey, Refused> {
        let collected = &self.collected;
        let digital = collected.get(Slot::SupervisionNumber).or(collected.get(Slot::HeaderNumber));
        let (code, number) = (collected.get(Slot::LegacyCode), collected.get(Slot::LegacyNumber));
        if digital.or(number).is_none() {
            return Err(if collected.standard { Refused::MissingField { field: Field::Number } } else { Refused::NotRecognised });
        }
        // A list of invoices in a flat dialect is no invoice: its first number with everybody's sums would be a lie.
        if !collected.standard && collected.repeated.contains(&Field::Number) {
            return Err(Refused::NotRecognised);
        }
        let key = InvoiceKey::new(digital, code, number).map_err(|wrong| Refused::bad_value(Field::Number, &wrong.0))?;
        self.sources.insert(Field::Number, Source::Xml);
        if key.code().is_some() {
            self.sources.insert(Field::Code, Source::Xml);
        }
        Ok(key)
    }

    /// 发票代码 and 发票号码 beside a 20-digit number: a 数电纸质 invoice.
    fn paper_key(&self, key: &InvoiceKey) -> Option<InvoiceKey> {
        let (code, number) = (self.collected.get(Slot::LegacyCode)?, self.collected.get(Slot::LegacyNumber)?);
        let paper = InvoiceKey::new(None, Some(code), Some(number)).ok()?;
        (matches!(paper, InvoiceKey::Legacy { .. }) && paper != *key).then_some(paper)
    }

    fn issued_at(&mut self) -> Result<DateTime, Refused> {
        let text = match (self.collected.get(Slot::RequestTime), self.collected.get(Slot::IssueTime)) {
            (Some(text), _) => text,
            (None, Some(text)) => {
                self.warnings.push(Warning::IssueTimeUsed);
                text
            }
            (None, None) => return Err(Refused::MissingField { field: Field::IssuedOn }),
        };
        self.sources.insert(Field::IssuedOn, Source::Xml);
        values::issued_at(text).ok_or_else(|| Refused::bad_value(Field::IssuedOn, text))
    }

    /// Two of the three totals are needed; the third follows.
    fn totals(&mut self) -> Result<(Money, Money, Money), Refused> {
        let net = self.total(Slot::Net, Field::Net)?;
        let tax = self.total(Slot::Tax, Field::Tax)?;
        let gross = self.total(Slot::Gross, Field::Gross)?;
        match (net, tax, gross) {
            (Some(net), Some(tax), Some(gross)) => Ok((net, tax, gross)),
            (Some(net), Some(tax), None) => Ok((net, tax, self.computed(Field::Gross, net + tax))),
            (Some(net), None, Some(gross)) => Ok((net, self.computed(Field::Tax, gross - net), gross)),
            (None, Some(tax), Some(gross)) => Ok((self.computed(Field::Net, gross - tax), tax, gross)),
            (_, _, None) => Err(Refused::MissingField { field: Field::Gross }),
            (None, _, Some(_)) => Err(Refused::MissingField { field: Field::Net }),
        }
    }

    fn total(&mut self, slot: Slot, field: Field) -> Result<Option<Money>, Refused> {
        let Some(text) = self.collected.get(slot) else { return Ok(None) };
        let amount: Option<Decimal> = values::decimal(text).ok_or_else(|| Refused::bad_value(field, text))?;
        let Some(amount) = amount else { return Ok(None) };
        let money = Money::from_decimal(amount).map_err(|_| Refused::bad_value(field, text))?;
        self.sources.insert(field, Source::Xml);
        Ok(Some(money))
    }

    fn computed(&mut self, field: Field, money: Money) -> Money {
        self.sources.insert(field, Source::Computed);
        self.warnings.push(Warning::Computed { field });
        money
    }

    /// The label's code, its name, then the file's name; an empty code where all are silent.
    fn kind(&mut self, file_name: &str) -> Kind {
        let known = self.kind_by_label();
        if let Some(kind) = known {
            self.sources.insert(Field::Kind, Source::Xml);
            return kind;
        }
        if let Some(kind) = file_name::kind(file_name) {
            self.sources.insert(Field::Kind, Source::FileName);
            self.warnings.push(Warning::KindFromFileName);
            return kind;
        }
        let label = |slot| self.collected.get(slot).unwrap_or_default();
        let label = format!("{} {}", label(Slot::KindCode), label(Slot::KindName)).trim().to_owned();
        self.warnings.push(Warning::KindUnknown { label });
        Kind::from_code("")
    }

    fn kind_by_label(&self) -> Option<Kind> {
        let code = self.collected.get(Slot::KindCode);
        let name = self.collected.get(Slot::KindName);
        if !self.collected.standard {
            let code = self.collected.get(Slot::LegacyCode);
            return name.and_then(Kind::from_name).or_else(|| kind_of_legacy_code(code?));
        }
        // 01 is electronic; of the other medium only the name is known.
        let medium = (self.collected.get(Slot::MediumCode).unwrap_or("01"), self.collected.get(Slot::MediumName).unwrap_or_default());
        let paper = match medium {
            (_, name) if name.contains('纸') => true,
            ("01", _) => false,
            _ => return None,
        };
        match (code, name, paper) {
            (Some("01"), _, false) => Some(Kind::from_code("81")),
            (Some("02"), _, false) => Some(Kind::from_code("82")),
            (Some("01"), _, true) => Some(Kind::from_code("85")),
            (Some("02"), _, true) => Some(Kind::from_code("86")),
            (_, name, false) => Kind::from_name(&format!("数电票（{}）", name?)),
            (_, name, true) => Kind::from_name(&format!("数电纸质发票（{}）", name?)),
        }
    }

    fn party(&mut self, side: &Side) -> Party {
        let name = self.text(side.name.0, side.name.1);
        if name.is_empty() {
            self.warnings.push(Warning::Absent { field: side.name.1 });
        }
        // A natural person has no number: its absence is nothing to warn of.
        let tax_no = TaxNumber::from_document(&self.text(side.tax_no.0, side.tax_no.1));
        Party { name, tax_no, contact: self.joined(side.contact), bank: self.joined(side.bank) }
    }

    fn text(&mut self, slot: Slot, field: Field) -> String {
        let text = self.collected.get(slot).unwrap_or_default().to_owned();
        if !text.is_empty() {
            self.sources.insert(field, Source::Xml);
        }
        text
    }

    fn joined(&mut self, (first, second, field): (Slot, Slot, Field)) -> String {
        let (first, second) = (self.text(first, field), self.text(second, field));
        if first.is_empty() || second.is_empty() { first + &second } else { format!("{first} {second}") }
    }

    fn check_number(&mut self, file_name: &str, key: &InvoiceKey, issued_at: DateTime) {
        if let Some(in_name) = file_name::number(file_name).filter(|in_name| *in_name != key.number()) {
            self.warnings.push(Warning::FileNameNumber { in_name: in_name.to_owned() });
        }
        let InvoiceKey::Digital(number) = key else { return };
        let digits = number.get(..2).unwrap_or_default();
        if digits.parse() != Ok(issued_at.year() % 100) {
            self.warnings.push(Warning::NumberYear { digits: digits.to_owned(), issued_on: issued_at.date() });
        }
    }

    fn check_red_label(&mut self, gross: Money) {
        let red = match self.collected.get(Slot::RedCode) {
            Some("N") => true,
            Some("Y") => false,
            _ => return,
        };
        if gross != Money::ZERO && red != gross.is_negative() {
            self.warnings.push(Warning::RedLabel { red, gross });
        }
    }

    fn numbers(&self) -> Numbers {
        match (self.collected.get(Slot::HeaderNumber), self.collected.get(Slot::SupervisionNumber)) {
            (Some(header), Some(supervision)) if header == supervision => Numbers::Agree,
            (Some(header), Some(supervision)) => Numbers::Differ { header: header.to_owned(), supervision: supervision.to_owned() },
            _ => Numbers::Single,
        }
    }
}

/// The blue invoice that a red one names in its remark: `被红冲蓝字数电发票号码：<20 digits>`, or code and number of a legacy one.
fn red_of(remark: &str) -> Option<InvoiceKey> {
    let after = |label: &str| {
        let (_, rest) = remark.split_once(label)?;
        let rest = rest.trim_start_matches(['：', ':', ' ']);
        let digits = rest.get(..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))?;
        (!digits.is_empty()).then_some(digits)
    };
    let number = after("被红冲蓝字数电发票号码").or_else(|| after("被红冲蓝字发票号码"))?;
    let key = InvoiceKey::new(None, after("被红冲蓝字发票代码"), Some(number)).ok()?;
    (!matches!(key, InvoiceKey::Other(_))).then_some(key)
}
