//! From numbers to the invoice that the bureau shows.

use jiff::civil::{Date, Time};
use piaoxia_domain::invoice::Party;
use piaoxia_domain::{Direction, Invoice, InvoiceLine, Money};
use rust_decimal::Decimal;

use super::calendar::date_of;
use super::kinds::Number;
use super::lines::Line;
use super::numbers::Slot;
use super::parties::person_name;
use super::record::{Record, Risk};
use super::remarks::remark;
use super::{Generator, day_from};
use crate::dice::Dice;
use crate::register::Company;

impl Generator {
    /// The invoice at a position, as it is on the morning of `today`.
    pub(crate) fn invoice(&self, record: &Record<'_>, today: Date) -> Invoice {
        let mut dice = Dice::new(self.seed, &[0x7E47, record.lane.number, record.index]);
        let rule = &record.basis.entry.rule;
        let (key, paper_key) = record.keys(self);
        let (seller, buyer) = self.parties_of(record);
        let totals = record.totals();
        Invoice {
            key,
            paper_key,
            kind: record.kind().clone(),
            direction: Some(record.direction),
            both_sides: false,
            self_billed: false,
            issued_at: date_of(record.day).to_datetime(time_of(&self.slot(record.lane, record.day, record.index))),
            seller,
            buyer,
            net: totals.net,
            tax: totals.tax,
            gross: totals.gross,
            status: record.status(day_from(today)),
            deduction: record.deduction(self, today),
            usage: None,
            red_of: record.cancels.map(|blue| record.keys_at(self, blue.day, blue.index).0),
            risk: risk_text(record.risk(self)).to_owned(),
            source: source(rule.number).to_owned(),
            drawer: person_name(&mut dice),
            remark: remark(record, self, &mut dice),
            check_code: if rule.check_code { dice.digits(20) } else { String::new() },
            lines: record.basis.content.lines.iter().map(invoice_line).collect(),
        }
    }

    fn parties_of(&self, record: &Record<'_>) -> (Party, Party) {
        let own = self.companies.get(usize::from(record.lane.company.0));
        let own = own.map_or_else(Party::default, Company::party);
        let partner = record.basis.partner.party();
        let (mut seller, mut buyer) = match record.lane.direction {
            Direction::Issued if !record.basis.self_billed => (own, partner),
            Direction::Issued | Direction::Received => (partner, own),
        };
        // A 数电 invoice prints names and numbers alone; the older forms have addresses and bank accounts.
        if matches!(record.basis.entry.rule.number, Number::Digital(_) | Number::Customs) {
            for party in [&mut seller, &mut buyer] {
                (party.contact, party.bank) = (String::new(), String::new());
            }
        }
        (seller, buyer)
    }
}

/// Between 08:30 and 18:10, later for later positions.
fn time_of(slot: &Slot) -> Time {
    const OPENS: u64 = 8 * 3600 + 30 * 60;
    const OPEN_FOR: u64 = 9 * 3600 + 40 * 60;
    let count = slot.day_count.max(1);
    let second = OPENS + slot.in_day * OPEN_FOR / count + slot.spice % (OPEN_FOR / count).max(1);
    let part = |value: u64| i8::try_from(value).unwrap_or(0);
    Time::constant(part(second / 3600), part(second / 60 % 60), part(second % 60), 0)
}

fn risk_text(risk: Risk) -> &'static str {
    match risk {
        Risk::Normal => "正常",
        Risk::Abnormal => "异常凭证",
        Risk::Doubtful => "疑点发票",
    }
}

fn source(number: Number) -> &'static str {
    match number {
        Number::Digital(_) | Number::Both(_) => "电子发票服务平台",
        Number::Legacy(_) => "增值税发票管理系统",
        Number::Customs => "海关",
    }
}

fn invoice_line(line: &Line) -> InvoiceLine {
    InvoiceLine {
        name: format!("*{}*{}", line.item.class, line.item.name),
        spec: line.spec.clone().into_owned(),
        unit: if line.quantity.is_some() { line.item.unit.to_owned() } else { String::new() },
        quantity: line.quantity.map(|thousandths| Decimal::new(thousandths, 3).normalize()),
        price: line.price.map(|millionths| Decimal::new(millionths, 6).normalize()),
        net: Money::from_fen(line.net),
        rate: line.rate.text(),
        tax: Money::from_fen(line.tax),
        class_code: line.item.class_code.to_owned(),
    }
}
