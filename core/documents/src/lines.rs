//! Goods lines, each made as soon as its texts are together.

use std::borrow::Cow;

use piaoxia_domain::{InvoiceLine, Money};
use rust_decimal::Decimal;

use crate::document::Warning;
use crate::field::Field;
use crate::limits::{FIELD_BYTES, LINES};
use crate::refused::{Refused, shortened};
use crate::values;

/// The lines so far.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// In document order.
    pub all: Vec<InvoiceLine>,
    /// Sum of 税额 before rounding: documents carry up to six decimals a line.
    pub exact_tax: Decimal,
    /// What was left out.
    pub warnings: Vec<Warning>,
}

/// What a document says of a goods line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineSlot {
    Name,
    Spec,
    Unit,
    Quantity,
    Price,
    Net,
    Rate,
    Tax,
    Gross,
    ClassCode,
}

impl LineSlot {
    /// How many there are.
    const COUNT: usize = Self::ClassCode as usize + 1;

    /// The field that the text belongs to.
    pub(crate) fn field(self) -> Field {
        match self {
            Self::Name => Field::LineName,
            Self::Spec => Field::LineSpec,
            Self::Unit => Field::LineUnit,
            Self::Quantity => Field::LineQuantity,
            Self::Price => Field::LinePrice,
            Self::Net => Field::LineNet,
            Self::Rate => Field::LineRate,
            Self::Tax => Field::LineTax,
            Self::Gross => Field::LineGross,
            Self::ClassCode => Field::LineClassCode,
        }
    }
}

/// The texts of one goods line; none where the document is silent or says nothing but white space.
#[derive(Debug, Default)]
pub(crate) struct LineTexts<'a>([Option<Cow<'a, str>>; LineSlot::COUNT]);

impl<'a> LineTexts<'a> {
    /// Keeps the text, trimmed, unless the slot has one.
    ///
    /// # Errors
    /// [`Refused::TextTooLong`].
    pub(crate) fn set(&mut self, slot: LineSlot, text: impl Into<Cow<'a, str>>) -> Result<(), Refused> {
        let text = trimmed(text.into(), slot.field())?;
        if let Some(kept @ None) = self.0.get_mut(slot as usize) {
            *kept = text;
        }
        Ok(())
    }

    /// The text in a slot.
    pub(crate) fn get(&self, slot: LineSlot) -> Option<&str> {
        self.0.get(slot as usize)?.as_deref()
    }

    /// Nothing is said of the line.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

/// Without the white space around it; none when nothing is left.
///
/// # Errors
/// [`Refused::TextTooLong`].
pub(crate) fn trimmed(text: Cow<'_, str>, field: Field) -> Result<Option<Cow<'_, str>>, Refused> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    if text.len() > FIELD_BYTES {
        return Err(Refused::TextTooLong { field, limit: FIELD_BYTES });
    }
    Ok(if text.is_empty() { None } else { Some(text) })
}

impl Lines {
    /// Adds the line with these texts; one without any is passed over.
    ///
    /// # Errors
    /// [`Refused::BadValue`] for amounts that are no amounts; [`Refused::TooManyLines`].
    pub(crate) fn add(&mut self, texts: &LineTexts<'_>) -> Result<(), Refused> {
        if texts.is_empty() {
            return Ok(());
        }
        if self.all.len() == LINES {
            return Err(Refused::TooManyLines { limit: LINES });
        }
        let number = u32::try_from(self.all.len() + 1).unwrap_or(u32::MAX);
        let text = |slot| texts.get(slot);
        let owned = |slot| text(slot).unwrap_or_default().to_owned();
        let amount = |slot| amount(slot, text(slot), number);
        let gross = amount(LineSlot::Gross)?;
        let (net, tax) = (amount(LineSlot::Net)?, amount(LineSlot::Tax)?);
        let left = |part: Option<Decimal>| gross.zip(part).and_then(|(gross, part)| gross.checked_sub(part));
        // 免税 and 不征税 lines may leave the tax out, and either part follows from the other two.
        let (net, tax) = (net.or_else(|| left(tax.or(Some(Decimal::ZERO)))), tax.or_else(|| left(net)));
        self.exact_tax = self.exact_tax.saturating_add(tax.unwrap_or_default());
        let quantity = self.number(LineSlot::Quantity, text(LineSlot::Quantity), number);
        let price = self.number(LineSlot::Price, text(LineSlot::Price), number);
        self.all.push(InvoiceLine {
            name: owned(LineSlot::Name),
            spec: owned(LineSlot::Spec),
            unit: owned(LineSlot::Unit),
            quantity,
            price,
            net: money(LineSlot::Net, net, number)?,
            rate: text(LineSlot::Rate).map(values::rate).unwrap_or_default(),
            tax: money(LineSlot::Tax, tax, number)?,
            class_code: owned(LineSlot::ClassCode),
        });
        Ok(())
    }

    /// Number of lines and their sums, `n / 金额 / 税额`: what two places that print lines are compared by.
    pub(crate) fn summary(&self) -> String {
        let net: Money = self.all.iter().map(|line| line.net).sum();
        let tax: Money = self.all.iter().map(|line| line.tax).sum();
        format!("{} / {net} / {tax}", self.all.len())
    }

    /// 数量 or 单价: no sum hangs on them, so a text that is no number is left out with a warning.
    fn number(&mut self, slot: LineSlot, text: Option<&str>, line: u32) -> Option<Decimal> {
        let text = text?;
        let number = values::decimal(text);
        if number.is_none() {
            self.warnings.push(Warning::LineValue { line, field: slot.field(), value: shortened(text) });
        }
        number.flatten()
    }
}

fn amount(slot: LineSlot, text: Option<&str>, line: u32) -> Result<Option<Decimal>, Refused> {
    let Some(text) = text else { return Ok(None) };
    values::decimal(text).ok_or_else(|| Refused::bad_line_value(slot.field(), line, text))
}

fn money(slot: LineSlot, amount: Option<Decimal>, line: u32) -> Result<Money, Refused> {
    let amount = amount.unwrap_or_default();
    Money::from_decimal(amount).map_err(|_| Refused::bad_line_value(slot.field(), line, &amount.to_string()))
}
