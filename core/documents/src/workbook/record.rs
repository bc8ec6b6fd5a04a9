//! A row as an invoice.

use std::borrow::Cow;

use piaoxia_domain::{Deduction, Direction, Invoice, Money, Month, Purpose, Status, Usage};

use super::book::Sheet;
use super::goods::Goods;
use super::heading::{Column as C, Role};
use super::rows::{Cell, Row};
use super::tick;
use super::values::{Epoch, digits, moment, padded, plain};
use crate::document::{Document, Source, Warning};
use crate::field::Field;
use crate::format::FileFormat;
use crate::refused::{Refused, shortened};
use crate::statement::{self, Statement};
use crate::values;

/// Lengths of 发票代码 and 发票号码.
pub(super) const CODE: [usize; 2] = [10, 12];
pub(super) const NUMBER: [usize; 1] = [8];

/// The invoice of a row, with the lines that belong to it.
///
/// # Errors
/// What the row lacks, or what cannot be read.
pub(super) fn document(sheet: &Sheet, row: &Row, goods: Goods, epoch: Epoch) -> Result<Document, Refused> {
    let mut statement = Statement::new(Source::Workbook);
    numbers(&mut statement, sheet, row)?;
    texts(&mut statement, sheet, row)?;
    if let Some(cell) = sheet.columns.cell(row, C::IssuedOn) {
        statement.state(Field::IssuedOn, moment(cell, epoch))?;
    }
    if sheet.role == Role::Lines {
        goods.state_sums(&mut statement)?;
    } else {
        for (column, field) in [(C::Net, Field::Net), (C::Tax, Field::Tax), (C::Gross, Field::Gross)] {
            state(&mut statement, sheet, row, column, field)?;
        }
    }
    statement.red = match text(sheet, row, C::Positive).as_deref() {
        Some("否") => Some(true),
        Some("是") => Some(false),
        _ => None,
    };
    let summed = sheet.role == Role::Lines;
    statement.lines = goods.lines;
    let mut document = statement::document("", FileFormat::Xlsx, vec![statement])?;
    if summed {
        sums_were_computed(&mut document);
    }
    states(&mut document, sheet, row, epoch)?;
    Ok(document)
}

/// 数电发票号码, else 发票号码 with 发票代码; a 数电纸质 invoice has all three. The tax numbers of both sides.
///
/// # Errors
/// [`Refused::NumberRounded`].
fn numbers(statement: &mut Statement<'_>, sheet: &Sheet, row: &Row) -> Result<(), Refused> {
    let cell = |column| sheet.columns.cell(row, column);
    let digital = cell(C::Digital).map(|cell| whole(cell, Field::Number, digits(cell))).transpose()?;
    let beside = if digital.is_some() { Field::PaperNumber } else { Field::Number };
    if let Some(digital) = digital {
        statement.state(Field::Number, digital)?;
    }
    if let Some(number) = cell(C::Number) {
        statement.state(beside, whole(number, beside, padded(number, &NUMBER))?)?;
    }
    if let Some(code) = cell(C::Code) {
        statement.state(Field::Code, whole(code, Field::Code, padded(code, &CODE))?)?;
    }
    for (column, field) in [(C::SellerTaxNo, Field::SellerTaxNo), (C::BuyerTaxNo, Field::BuyerTaxNo)] {
        if let Some(number) = cell(column) {
            statement.state(field, whole(number, field, digits(number))?)?;
        }
    }
    Ok(())
}

/// The digits of a cell, which are gone where it was rounded.
fn whole(cell: &Cell, field: Field, digits: Option<Cow<'_, str>>) -> Result<String, Refused> {
    digits.map(Cow::into_owned).ok_or_else(|| Refused::NumberRounded { field, value: shortened(&cell.text) })
}

fn texts(statement: &mut Statement<'_>, sheet: &Sheet, row: &Row) -> Result<(), Refused> {
    const TEXTS: [(C, Field); 5] = [
        (C::Kind, Field::Kind),
        (C::SellerName, Field::SellerName),
        (C::BuyerName, Field::BuyerName),
        (C::Drawer, Field::Drawer),
        (C::Remark, Field::Remark),
    ];
    for (column, field) in TEXTS {
        state(statement, sheet, row, column, field)?;
    }
    if sheet.role == Role::Deduction {
        // These lists are one company's: it stands above them.
        if statement.get(Field::BuyerTaxNo).is_none() {
            match (&sheet.title.tax_no, &sheet.title.rounded) {
                (Some(number), _) => statement.state(Field::BuyerTaxNo, number.to_string())?,
                (None, Some(value)) => return Err(Refused::NumberRounded { field: Field::BuyerTaxNo, value: value.clone() }),
                (None, None) => {}
            }
        }
        if let Some(name) = &sheet.title.name
            && statement.get(Field::BuyerName).is_none()
        {
            statement.state(Field::BuyerName, name.clone())?;
        }
    }
    Ok(())
}

fn state(statement: &mut Statement<'_>, sheet: &Sheet, row: &Row, column: C, field: Field) -> Result<(), Refused> {
    match text(sheet, row, column) {
        Some(text) => statement.state(field, text.into_owned()),
        None => Ok(()),
    }
}

fn text<'r>(sheet: &Sheet, row: &'r Row, column: C) -> Option<Cow<'r, str>> {
    sheet.columns.cell(row, column).map(plain)
}

/// The sums of lines are no statement of the file: adding them up again proves nothing.
fn sums_were_computed(document: &mut Document) {
    for field in [Field::Net, Field::Tax, Field::Gross] {
        document.sources.insert(field, Source::Computed);
        let warning = Warning::Computed { field };
        if !document.warnings.contains(&warning) {
            document.warnings.push(warning);
        }
    }
}

/// What the bureau says of the invoice's state, and no document does.
fn states(document: &mut Document, sheet: &Sheet, row: &Row, epoch: Epoch) -> Result<(), Refused> {
    let owned = |column| text(sheet, row, column).map(Cow::into_owned);
    let invoice = &mut document.invoice;
    if let Some(status) = owned(C::Status) {
        invoice.status = Status::from_text(&status);
    }
    invoice.risk = owned(C::Risk).unwrap_or_default();
    invoice.source = owned(C::Source).unwrap_or_default();
    match sheet.role {
        Role::Deduction => {
            uses(invoice, sheet, row, epoch)?;
            // No list of this kind has these columns.
            let usual = [Warning::Absent { field: Field::BuyerName }, Warning::Computed { field: Field::Gross }];
            document.warnings.retain(|warning| !usual.contains(warning));
        }
        Role::Invoices => invoice.usage = effective_tax(sheet, row)?.map(effective_alone),
        Role::Lines | Role::Other => {}
    }
    Ok(())
}

/// What was done with the invoice. A row that leaves 勾选 open may be of one that we issued: it says no more than the others.
fn uses(invoice: &mut Invoice, sheet: &Sheet, row: &Row, epoch: Epoch) -> Result<(), Refused> {
    let owned = |column| text(sheet, row, column).map(Cow::into_owned);
    let effective_tax = effective_tax(sheet, row)?;
    let ticked_at = match sheet.columns.cell(row, C::TickedAt) {
        Some(cell) => {
            let text = moment(cell, epoch);
            Some(values::issued_at(&text).ok_or_else(|| Refused::bad_value(Field::TickedAt, &text))?)
        }
        None => None,
    };
    let Some(state) = tick::state(owned(C::Ticked).as_deref(), ticked_at.is_some(), &sheet.title) else {
        invoice.usage = effective_tax.map(effective_alone);
        return Ok(());
    };
    let period = match owned(C::Period) {
        Some(text) => Some(text.parse::<Month>().map_err(|_| Refused::bad_value(Field::TaxPeriod, &text))?),
        None => sheet.title.period,
    };
    let stated = Usage {
        effective_tax,
        purpose: owned(C::Purpose).and_then(|text| Purpose::from_text(&text)).or_else(|| tick::purpose(sheet)),
        period,
        ticked_at,
        reason: owned(C::Reason).unwrap_or_default(),
    };
    invoice.direction = Some(Direction::Received);
    invoice.usage = Some(if state == Deduction::Open { stated.unticked() } else { stated });
    invoice.deduction = Some(state);
    Ok(())
}

/// 有效抵扣税额 is a property of the invoice, whatever is done with it.
fn effective_tax(sheet: &Sheet, row: &Row) -> Result<Option<Money>, Refused> {
    let Some(text) = text(sheet, row, C::EffectiveTax) else { return Ok(None) };
    let bad = || Refused::bad_value(Field::EffectiveTax, &text);
    let tax = values::decimal(&text).ok_or_else(bad)?;
    tax.map(Money::from_decimal).transpose().map_err(|_| bad())
}

fn effective_alone(tax: Money) -> Usage {
    Usage { effective_tax: Some(tax), ..Usage::default() }
}
