//! 入账数据 as a table (CSV): a row an entry (分录).
//!
//! Columns by their headings, in any order: 发票号码, 凭证号, 入账日期, 摘要, 借贷, 总账科目, 金额; and where they are wanted 发票代码,
//! 会计期间, 明细科目, 已入账, 已付款, 合同编号, 银行回单编号. UTF-8, with or without a byte order mark, or GB18030, as Excel saves it in China.

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;
use piaoxia_domain::{InvoiceKey, Money, Month};

use super::{Posting, PostingEntry, Side, Voucher};

/// What was booked for one invoice, or the first row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedInvoice {
    /// The invoice.
    pub key: InvoiceKey,
    /// What was booked.
    pub posting: Result<Posting, RowFault>,
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// From 1, the headings being the first.
    pub row: u64,
    /// What is wrong with it.
    pub what: CellFault,
}

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellFault {
    /// Nothing is written in it.
    Blank {
        /// Its heading.
        column: &'static str,
    },
    /// It cannot be what it says.
    Value {
        /// Its heading.
        column: &'static str,
        /// What it says, shortened.
        value: String,
    },
    /// The rows of one voucher, or of one invoice, say different things.
    Differs {
        /// Heading.
        column: &'static str,
    },
}

/// Why nothing of a table can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// Neither UTF-8 nor GB18030, or quotes that do not end.
    #[error("the table is no CSV")]
    Unreadable,
    /// A column is not there.
    #[error("the column {0} is missing")]
    Column(&'static str),
    /// A row names no invoice: it belongs to none.
    #[error("row {} names no invoice", .0.row)]
    Row(RowFault),
}

const NUMBER: &str = "发票号码";
const CODE: &str = "发票代码";
const VOUCHER: &str = "凭证号";
const DATE: &str = "入账日期";
const PERIOD: &str = "会计期间";
const SUMMARY: &str = "摘要";
const SIDE: &str = "借贷";
const SUBJECT: &str = "总账科目";
const SUB_SUBJECT: &str = "明细科目";
const AMOUNT: &str = "金额";
const BOOKED: &str = "已入账";
const PAID: &str = "已付款";
const CONTRACT: &str = "合同编号";
const BANK_RECEIPT: &str = "银行回单编号";
const NEEDED: [&str; 7] = [NUMBER, VOUCHER, DATE, SUMMARY, SIDE, SUBJECT, AMOUNT];
/// Characters of a wrong value that are repeated to the user.
const SHOWN: usize = 40;

/// Reads a table; invoices in the order of their first rows. A wrong row refuses its invoice and no other.
///
/// # Errors
/// [`TableFault`].
pub fn read_postings(bytes: &[u8]) -> Result<Vec<PostedInvoice>, TableFault> {
    let text = decoded(bytes)?;
    let mut reader = ReaderBuilder::new().flexible(true).has_headers(true).from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|_| TableFault::Unreadable)?;
    let mut places: HashMap<String, usize> = HashMap::new();
    for (place, heading) in headings.iter().enumerate() {
        places.entry(heading.trim().to_owned()).or_insert(place);
    }
    if let Some(missing) = NEEDED.into_iter().find(|column| !places.contains_key(*column)) {
        return Err(TableFault::Column(missing));
    }
    let mut invoices: Vec<PostedInvoice> = Vec::new();
    let mut known: HashMap<InvoiceKey, usize> = HashMap::new();
    for (record, row) in reader.records().zip(2_u64..) {
        let record = record.map_err(|_| TableFault::Unreadable)?;
        let row = Row { record: &record, places: &places, number: row };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let key = row.key().map_err(|what| TableFault::Row(row.fault(what)))?;
        let place = *known.entry(key.clone()).or_insert_with(|| {
            invoices.push(PostedInvoice { key, posting: Ok(Posting { booked: true, ..Posting::default() }) });
            invoices.len() - 1
        });
        if let Some(invoice) = invoices.get_mut(place)
            && let Ok(posting) = &mut invoice.posting
            && let Err(what) = row.add(posting)
        {
            invoice.posting = Err(row.fault(what));
        }
    }
    Ok(invoices)
}

fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, TableFault> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or(TableFault::Unreadable),
    }
}

struct Row<'r> {
    record: &'r StringRecord,
    places: &'r HashMap<String, usize>,
    number: u64,
}

impl<'r> Row<'r> {
    fn fault(&self, what: CellFault) -> RowFault {
        RowFault { row: self.number, what }
    }

    /// Blank where the column is not there.
    fn text(&self, column: &str) -> &'r str {
        self.places.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default().trim()
    }

    fn needed(&self, column: &'static str) -> Result<&'r str, CellFault> {
        Some(self.text(column)).filter(|text| !text.is_empty()).ok_or(CellFault::Blank { column })
    }

    fn value<T>(&self, column: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, CellFault> {
        let text = self.needed(column)?;
        read(text).ok_or_else(|| CellFault::Value { column, value: text.chars().take(SHOWN).collect() })
    }

    fn optional<T>(&self, column: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, CellFault> {
        if self.text(column).is_empty() { Ok(None) } else { self.value(column, read).map(Some) }
    }

    fn key(&self) -> Result<InvoiceKey, CellFault> {
        let code = Some(self.text(CODE)).filter(|code| !code.is_empty());
        // Excel is kept from rounding a long number by a quote before it.
        self.value(NUMBER, |number| InvoiceKey::new(None, code, Some(number.trim_start_matches('\''))).ok())
    }

    /// What an invoice has one of: any of its rows may say it.
    fn once(&self, column: &'static str, kept: &mut String) -> Result<(), CellFault> {
        match self.text(column).trim_start_matches('\'') {
            "" => {}
            text if kept.is_empty() => text.clone_into(kept),
            text if text == kept => {}
            _ => return Err(CellFault::Differs { column }),
        }
        Ok(())
    }

    fn add(&self, posting: &mut Posting) -> Result<(), CellFault> {
        let number = self.needed(VOUCHER)?;
        let date = self.value(DATE, day)?;
        let period = self.optional(PERIOD, |text| Month::from_str(text).ok())?.unwrap_or(Month::of(date));
        let summary = self.needed(SUMMARY)?;
        let entry = PostingEntry {
            side: self.value(SIDE, side)?,
            subject: self.needed(SUBJECT)?.to_owned(),
            sub_subject: self.text(SUB_SUBJECT).to_owned(),
            amount: self.value(AMOUNT, |text| Money::from_str(text).ok().filter(|amount| *amount != Money::ZERO))?,
        };
        if let Some(booked) = self.optional(BOOKED, truth)? {
            posting.booked = booked;
        }
        if let Some(paid) = self.optional(PAID, truth)? {
            posting.paid = Some(paid);
        }
        self.once(CONTRACT, &mut posting.contract)?;
        self.once(BANK_RECEIPT, &mut posting.bank_receipt)?;
        match posting.vouchers.iter_mut().find(|voucher| voucher.number == number) {
            Some(voucher) if voucher.date != date => return Err(CellFault::Differs { column: DATE }),
            Some(voucher) if voucher.period != period => return Err(CellFault::Differs { column: PERIOD }),
            Some(voucher) => voucher.entries.push(entry),
            None => {
                let (number, summary) = (number.to_owned(), summary.to_owned());
                posting.vouchers.push(Voucher { number, date, period, summary, entries: vec![entry] });
            }
        }
        Ok(())
    }
}

/// `2026-10-08`, `2026/10/8` or `20261008`.
fn day(text: &str) -> Option<Date> {
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i16>().ok()).flatten();
    let (year, month, day) = match text.split(['-', '/']).collect::<Vec<_>>().as_slice() {
        [year, month, day] => (number(year)?, number(month)?, number(day)?),
        [whole] if whole.len() == 8 => (number(whole.get(..4)?)?, number(whole.get(4..6)?)?, number(whole.get(6..)?)?),
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn side(text: &str) -> Option<Side> {
    match text {
        "借" | "借方" => Some(Side::Debit),
        "贷" | "贷方" => Some(Side::Credit),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "是" | "已" | "true" | "1" => Some(true),
        "否" | "未" | "false" | "0" => Some(false),
        _ => None,
    }
}
