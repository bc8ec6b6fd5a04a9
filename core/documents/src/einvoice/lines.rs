//! Goods lines, each made as soon as its element ends.

use piaoxia_domain::{InvoiceLine, Money};
use rust_decimal::Decimal;

use super::collect::Texts;
use super::grammar::LineSlot;
use super::values;
use crate::document::Warning;
use crate::limits::LINES;
use crate::refused::{Refused, shortened};

/// The lines so far.
#[derive(Default)]
pub(super) struct Lines {
    /// In document order.
    pub all: Vec<InvoiceLine>,
    /// Sum of 税额 before rounding: documents carry up to six decimals a line.
    pub exact_tax: Decimal,
    /// What was left out.
    pub warnings: Vec<Warning>,
}

type LineTexts<'a> = Texts<'a, { LineSlot::COUNT }>;

impl Lines {
    /// Adds the line with these texts; one without any is passed over.
    ///
    /// # Errors
    /// [`Refused::BadValue`] for amounts that are no amounts; [`Refused::TooManyLines`].
    pub(super) fn add(&mut self, texts: &LineTexts<'_>) -> Result<(), Refused> {
        if texts.iter().all(Option::is_none) {
            return Ok(());
        }
        if self.all.len() == LINES {
            return Err(Refused::TooManyLines { limit: LINES });
        }
        let number = u32::try_from(self.all.len() + 1).unwrap_or(u32::MAX);
        let text = |slot: LineSlot| texts.get(slot as usize).and_then(Option::as_deref);
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
