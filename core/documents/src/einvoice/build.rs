//! From collected texts to a statement.

use std::borrow::Cow;

use piaoxia_domain::Kind;

use super::EInvoice;
use super::collect::Collector;
use super::grammar::Slot;
use crate::document::{Numbers, Source, Warning};
use crate::field::Field;
use crate::refused::Refused;
use crate::statement::Statement;

/// What the texts say, or why they say nothing.
pub(super) fn einvoice(mut collected: Collector<'_>) -> Result<EInvoice<'_>, Refused> {
    collected.settle();
    recognised(&collected)?;
    let numbers = numbers(&collected);
    let signed = collected.signed;
    Ok(EInvoice { statement: statement(&mut collected)?, numbers, signed })
}

/// An XML without a number is no invoice, unless its root says so. A list of invoices in a flat dialect is none either: its
/// first number with everybody's sums would be a lie.
fn recognised(collected: &Collector<'_>) -> Result<(), Refused> {
    let stated = [Slot::SupervisionNumber, Slot::HeaderNumber, Slot::LegacyNumber].into_iter().any(|slot| collected.get(slot).is_some());
    if collected.standard || (stated && !collected.repeated.contains(&Field::Number)) { Ok(()) } else { Err(Refused::NotRecognised) }
}

/// What the XML says. The bureau's part is authoritative for the number, the head stands in, and flat dialects have 发票代码 and
/// 发票号码.
fn statement<'a>(collected: &mut Collector<'a>) -> Result<Statement<'a>, Refused> {
    let mut statement = Statement::new(Source::Xml);
    statement.red = match collected.get(Slot::RedCode) {
        Some("N") => Some(true),
        Some("Y") => Some(false),
        _ => None,
    };
    if let Some(kind) = kind(collected) {
        statement.state(Field::Kind, kind)?;
    }
    let digital = collected.take(Slot::SupervisionNumber).or(collected.take(Slot::HeaderNumber));
    let beside = if digital.is_some() { Field::PaperNumber } else { Field::Number };
    if let Some(digital) = digital {
        statement.state(Field::Number, digital)?;
    }
    if let Some(number) = collected.take(Slot::LegacyNumber) {
        statement.state(beside, number)?;
    }
    match (collected.take(Slot::RequestTime), collected.take(Slot::IssueTime)) {
        (Some(text), _) => statement.state(Field::IssuedOn, text)?,
        (None, Some(text)) => {
            statement.warnings.push(Warning::IssueTimeUsed);
            statement.state(Field::IssuedOn, text)?;
        }
        (None, None) => {}
    }
    for slot in SINGLE {
        if let Some(text) = collected.take(slot) {
            statement.state(slot.field(), text)?;
        }
    }
    for (first, second) in JOINED {
        let (first, second, field) = (collected.take(first), collected.take(second), first.field());
        statement.state_joined(field, first, second)?;
    }
    for field in &collected.repeated {
        statement.warn_repeated(*field);
    }
    statement.lines = std::mem::take(&mut collected.lines);
    Ok(statement)
}

/// Texts that are a field each.
const SINGLE: [Slot; 12] = [
    Slot::LegacyCode,
    Slot::SellerTaxNo,
    Slot::SellerName,
    Slot::BuyerTaxNo,
    Slot::BuyerName,
    Slot::Net,
    Slot::Tax,
    Slot::Gross,
    Slot::Drawer,
    Slot::Remark,
    Slot::CheckCode,
    Slot::RedOf,
];

/// Texts of which two are a field.
const JOINED: [(Slot, Slot); 4] = [
    (Slot::SellerAddress, Slot::SellerPhone),
    (Slot::SellerBank, Slot::SellerBankAccount),
    (Slot::BuyerAddress, Slot::BuyerPhone),
    (Slot::BuyerBank, Slot::BuyerBankAccount),
];

/// The kind's code where the labels tell it, else what they say.
fn kind(collected: &Collector<'_>) -> Option<Cow<'static, str>> {
    let code = collected.get(Slot::KindCode);
    let name = collected.get(Slot::KindName);
    if !collected.standard {
        return name.map(|name| Cow::Owned(name.to_owned()));
    }
    let stated = || Some(Cow::Owned(format!("{} {}", code.unwrap_or_default(), name.unwrap_or_default())));
    let whole = name.or(collected.get(Slot::MediumName)).filter(|_| code.is_none()).and_then(Kind::from_name);
    if let Some(whole) = whole {
        return Some(Cow::Owned(whole.code().to_owned()));
    }
    // 01 is electronic; of the other medium only the name is known.
    let medium = (collected.get(Slot::MediumCode).unwrap_or("01"), collected.get(Slot::MediumName).unwrap_or_default());
    let paper = match medium {
        (_, name) if name.contains('纸') => true,
        ("01", _) => false,
        _ => return stated(),
    };
    let prefix = if paper { "数电纸质发票" } else { "数电票" };
    let named = name.and_then(|name| Kind::from_name(&format!("{prefix}（{name}）")));
    // Two codes are known, and files of other kinds carry them too: there the name says which.
    let (special, ordinary) = if paper { ("85", "86") } else { ("81", "82") };
    match (code, named) {
        (_, Some(kind)) if kind.code() != special && kind.code() != ordinary => Some(Cow::Owned(kind.code().to_owned())),
        (Some("01"), _) => Some(Cow::Borrowed(special)),
        (Some("02"), _) => Some(Cow::Borrowed(ordinary)),
        (_, Some(kind)) => Some(Cow::Owned(kind.code().to_owned())),
        (_, None) => stated(),
    }
}

fn numbers(collected: &Collector<'_>) -> Numbers {
    match (collected.get(Slot::HeaderNumber), collected.get(Slot::SupervisionNumber)) {
        (Some(header), Some(supervision)) if header == supervision => Numbers::Agree,
        (Some(header), Some(supervision)) => Numbers::Differ { header: header.to_owned(), supervision: supervision.to_owned() },
        _ => Numbers::Single,
    }
}
