//! Columns of the tables.

use std::borrow::Cow;

use piaoxia_domain::invoice::{Format, Invoice, InvoiceLine};
use piaoxia_domain::{Deduction, Direction, InvoiceKey, Month};

use crate::cell::Cell;
use crate::request::Words;

/// A column of a table with a row an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// 开票日期.
    Date,
    /// 发票票种.
    Kind,
    /// 发票代码.
    Code,
    /// 发票号码: eight digits of a legacy or 数电纸质 invoice, or a number of another shape.
    Number,
    /// 数电发票号码, 20 digits.
    DigitalNumber,
    /// 销售方名称.
    SellerName,
    /// 销售方识别号.
    SellerTaxNo,
    /// 购买方名称.
    BuyerName,
    /// 购买方识别号.
    BuyerTaxNo,
    /// 金额.
    Net,
    /// 税额.
    Tax,
    /// 价税合计.
    Gross,
    /// 发票状态.
    Status,
    /// 是否正数发票.
    Blue,
    /// 开具 or 取得.
    Direction,
    /// 抵扣状态.
    Deduction,
    /// 发票风险等级.
    Risk,
    /// 发票来源.
    Source,
    /// 开票人.
    Drawer,
    /// 备注.
    Remark,
    /// 被红冲蓝字发票.
    RedOf,
    /// Formats of the kept originals (版式文件).
    Originals,
    /// Number of goods lines.
    Lines,
    /// 序号 in the table, from 1.
    Ordinal,
    /// Month of issue, `2026-10` (会计期间 where the invoice is booked in it).
    Month,
    /// What was sold, in one cell: the first goods line, and how many there are.
    Goods,
    /// 是否勾选.
    Ticked,
    /// 有效抵扣税额: as the bureau states it, else the face's tax where the invoice can be deducted, else nothing (0.00).
    EffectiveTax,
}

/// What a cell is made of.
pub(crate) struct Record<'a> {
    pub invoice: &'a Invoice,
    /// Empty unless [`Column::Originals`] is wanted.
    pub formats: &'a [Format],
    pub words: &'a Words,
    /// Counts the invoices of the table, from 1.
    pub ordinal: usize,
}

impl Column {
    /// All, in the order in which the window offers them.
    pub const ALL: [Self; 28] = [
        Self::Date,
        Self::Kind,
        Self::Code,
        Self::Number,
        Self::DigitalNumber,
        Self::SellerName,
        Self::SellerTaxNo,
        Self::BuyerName,
        Self::BuyerTaxNo,
        Self::Net,
        Self::Tax,
        Self::Gross,
        Self::Status,
        Self::Blue,
        Self::Direction,
        Self::Deduction,
        Self::Risk,
        Self::Source,
        Self::Drawer,
        Self::Remark,
        Self::RedOf,
        Self::Originals,
        Self::Lines,
        Self::Ordinal,
        Self::Month,
        Self::Goods,
        Self::Ticked,
        Self::EffectiveTax,
    ];

    /// What is exported until the user chooses: the columns of the bureau's own list (全量发票查询, 发票基础信息) that tell
    /// invoices apart and sum them up.
    pub const DEFAULT: [Self; 16] = [
        Self::Date,
        Self::Kind,
        Self::Code,
        Self::Number,
        Self::DigitalNumber,
        Self::SellerName,
        Self::SellerTaxNo,
        Self::BuyerName,
        Self::BuyerTaxNo,
        Self::Net,
        Self::Tax,
        Self::Gross,
        Self::Status,
        Self::Direction,
        Self::Deduction,
        Self::Remark,
    ];

    /// Stable name, for settings and the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Kind => "kind",
            Self::Code => "code",
            Self::Number => "number",
            Self::DigitalNumber => "digitalNumber",
            Self::SellerName => "sellerName",
            Self::SellerTaxNo => "sellerTaxNo",
            Self::BuyerName => "buyerName",
            Self::BuyerTaxNo => "buyerTaxNo",
            Self::Net => "net",
            Self::Tax => "tax",
            Self::Gross => "gross",
            Self::Status => "status",
            Self::Blue => "blue",
            Self::Direction => "direction",
            Self::Deduction => "deduction",
            Self::Risk => "risk",
            Self::Source => "source",
            Self::Drawer => "drawer",
            Self::Remark => "remark",
            Self::RedOf => "redOf",
            Self::Originals => "originals",
            Self::Lines => "lines",
            Self::Ordinal => "ordinal",
            Self::Month => "month",
            Self::Goods => "goods",
            Self::Ticked => "ticked",
            Self::EffectiveTax => "effectiveTax",
        }
    }

    /// The column of this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.id() == id)
    }

    /// Width in a workbook, in digits.
    pub(crate) fn width(self) -> u32 {
        match self {
            Self::Blue | Self::Direction | Self::Lines | Self::Ordinal | Self::Month | Self::Ticked => 8,
            Self::Date | Self::Number | Self::Risk | Self::Drawer => 11,
            Self::Code | Self::Status | Self::Deduction | Self::Originals => 14,
            Self::Net | Self::Tax | Self::Gross | Self::EffectiveTax => 15,
            Self::Kind | Self::Source | Self::SellerTaxNo | Self::BuyerTaxNo => 21,
            Self::DigitalNumber | Self::RedOf => 23,
            Self::SellerName | Self::BuyerName | Self::Goods => 32,
            Self::Remark => 40,
        }
    }

    /// True where a sum makes sense.
    pub(crate) fn is_summed(self) -> bool {
        matches!(self, Self::Net | Self::Tax | Self::Gross | Self::EffectiveTax)
    }

    pub(crate) fn cell<'a>(self, record: &Record<'a>) -> Cell<'a> {
        let Record { invoice, words, .. } = *record;
        match self {
            Self::Date => Cell::Day(invoice.issued_on()),
            Self::Kind => Cell::text(invoice.kind.name()),
            Self::Code => paper_key(invoice).and_then(InvoiceKey::code).map_or(Cell::Empty, Cell::code),
            Self::Number => paper_key(invoice).map_or(Cell::Empty, |key| Cell::code(key.number())),
            Self::DigitalNumber => match &invoice.key {
                InvoiceKey::Digital(number) => Cell::code(number),
                InvoiceKey::Legacy { .. } | InvoiceKey::Other(_) => Cell::Empty,
            },
            Self::SellerName => Cell::text(&invoice.seller.name),
            Self::SellerTaxNo => Cell::code(invoice.seller.tax_no.as_str()),
            Self::BuyerName => Cell::text(&invoice.buyer.name),
            Self::BuyerTaxNo => Cell::code(invoice.buyer.tax_no.as_str()),
            Self::Net => Cell::Amount(invoice.net),
            Self::Tax => Cell::Amount(invoice.tax),
            Self::Gross => Cell::Amount(invoice.gross),
            Self::Status => Cell::text(invoice.status.text()),
            Self::Blue => Cell::text(if invoice.is_blue() { &words.blue } else { &words.red }),
            Self::Direction => match invoice.direction {
                Some(Direction::Issued) => Cell::text(&words.issued),
                Some(Direction::Received) => Cell::text(&words.received),
                None => Cell::Empty,
            },
            Self::Deduction => match invoice.deduction {
                Some(Deduction::Open) => Cell::text(&words.open),
                Some(Deduction::Ticked) => Cell::text(&words.ticked),
                Some(Deduction::Confirmed) => Cell::text(&words.confirmed),
                None => Cell::Empty,
            },
            Self::Risk => Cell::text(&invoice.risk),
            Self::Source => Cell::text(&invoice.source),
            Self::Drawer => Cell::text(&invoice.drawer),
            Self::Remark => Cell::text(&invoice.remark),
            Self::RedOf => invoice.red_of.as_ref().map_or(Cell::Empty, |key| Cell::Code(Cow::Owned(key.to_string()))),
            Self::Originals => format_names(record.formats),
            Self::Lines => Cell::Count(invoice.lines.len()),
            Self::Ordinal => Cell::Count(record.ordinal),
            Self::Month => Cell::Text(Cow::Owned(Month::of(invoice.issued_on()).to_string())),
            Self::Goods => goods(invoice, words),
            Self::Ticked => match invoice.deduction {
                Some(Deduction::Open) => Cell::text(&words.no),
                Some(Deduction::Ticked | Deduction::Confirmed) => Cell::text(&words.yes),
                None => Cell::Empty,
            },
            Self::EffectiveTax => {
                let face = invoice.deduction.map(|_| invoice.tax);
                let stated = invoice.usage.as_ref().and_then(|usage| usage.effective_tax);
                Cell::Amount(stated.or(face).unwrap_or_default())
            }
        }
    }
}

fn goods<'a>(invoice: &'a Invoice, words: &Words) -> Cell<'a> {
    let Some(first) = invoice.lines.first() else { return Cell::Empty };
    match Cell::text(&first.name) {
        Cell::Text(name) if invoice.lines.len() > 1 => {
            let count = invoice.lines.len().to_string();
            Cell::Text(Cow::Owned(words.goods.replace("{n}", &count).replace("{first}", &name)))
        }
        name => name,
    }
}

/// The key with 发票代码 and 发票号码, of a paper invoice or beside a 20-digit one.
fn paper_key(invoice: &Invoice) -> Option<&InvoiceKey> {
    match &invoice.key {
        InvoiceKey::Digital(_) => invoice.paper_key.as_ref(),
        key => Some(key),
    }
}

fn format_names(formats: &[Format]) -> Cell<'static> {
    let mut names = String::new();
    for format in Format::ALL.into_iter().filter(|format| formats.contains(format)) {
        if !names.is_empty() {
            names.push(' ');
        }
        names.extend(format.extension().chars().map(|c| c.to_ascii_uppercase()));
    }
    Cell::Text(Cow::Owned(names))
}

/// A column of a sheet with a row a goods line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineColumn {
    /// Of the invoice that the line belongs to; its amounts, repeated in every line, are not summed up.
    Invoice(Column),
    /// 行号, from 1 within the invoice.
    LineNumber,
    /// 税收分类编码.
    ClassCode,
    /// 货物或应税劳务名称.
    Name,
    /// 规格型号.
    Spec,
    /// 单位.
    Unit,
    /// 数量.
    Quantity,
    /// 单价.
    Price,
    /// 金额 of the line.
    Net,
    /// 税率.
    Rate,
    /// 税额 of the line.
    Tax,
    /// 价税合计 of the line.
    Gross,
}

impl LineColumn {
    /// All but those of the invoice.
    pub const OF_LINE: [Self; 11] = [
        Self::LineNumber,
        Self::ClassCode,
        Self::Name,
        Self::Spec,
        Self::Unit,
        Self::Quantity,
        Self::Price,
        Self::Net,
        Self::Rate,
        Self::Tax,
        Self::Gross,
    ];

    /// All, in the order in which the window offers them: those of the invoice, then those of the line.
    pub fn all() -> impl Iterator<Item = Self> {
        Column::ALL.into_iter().map(Self::Invoice).chain(Self::OF_LINE)
    }

    /// The columns of the bureau's own list (全量发票查询, 信息汇总表) that have a counterpart.
    pub const DEFAULT: [Self; 19] = [
        Self::Invoice(Column::Code),
        Self::Invoice(Column::Number),
        Self::Invoice(Column::DigitalNumber),
        Self::Invoice(Column::SellerTaxNo),
        Self::Invoice(Column::SellerName),
        Self::Invoice(Column::BuyerTaxNo),
        Self::Invoice(Column::BuyerName),
        Self::Invoice(Column::Date),
        Self::ClassCode,
        Self::Name,
        Self::Spec,
        Self::Unit,
        Self::Quantity,
        Self::Price,
        Self::Net,
        Self::Rate,
        Self::Tax,
        Self::Gross,
        Self::Invoice(Column::Kind),
    ];

    /// Stable name; the columns of the invoice keep theirs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Invoice(column) => column.id(),
            Self::LineNumber => "line.number",
            Self::ClassCode => "line.classCode",
            Self::Name => "line.name",
            Self::Spec => "line.spec",
            Self::Unit => "line.unit",
            Self::Quantity => "line.quantity",
            Self::Price => "line.price",
            Self::Net => "line.net",
            Self::Rate => "line.rate",
            Self::Tax => "line.tax",
            Self::Gross => "line.gross",
        }
    }

    /// The column of this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let of_line = Self::OF_LINE.into_iter().find(|column| column.id() == id);
        of_line.or_else(|| Column::from_id(id).map(Self::Invoice))
    }

    pub(crate) fn width(self) -> u32 {
        match self {
            Self::Invoice(column) => column.width(),
            Self::LineNumber | Self::Unit | Self::Rate => 8,
            Self::Spec | Self::Quantity | Self::Price | Self::Net | Self::Tax | Self::Gross => 15,
            Self::ClassCode => 22,
            Self::Name => 32,
        }
    }

    pub(crate) fn is_summed(self) -> bool {
        matches!(self, Self::Net | Self::Tax | Self::Gross)
    }

    /// `index` counts the lines of the invoice from 0.
    pub(crate) fn cell<'a>(self, record: &Record<'a>, line: &'a InvoiceLine, index: usize) -> Cell<'a> {
        match self {
            Self::Invoice(column) => column.cell(record),
            Self::LineNumber => Cell::Count(index + 1),
            Self::ClassCode => Cell::code(&line.class_code),
            Self::Name => Cell::text(&line.name),
            Self::Spec => Cell::text(&line.spec),
            Self::Unit => Cell::text(&line.unit),
            Self::Quantity => line.quantity.map_or(Cell::Empty, Cell::Number),
            Self::Price => line.price.map_or(Cell::Empty, Cell::Number),
            Self::Net => Cell::Amount(line.net),
            Self::Rate => Cell::text(&line.rate),
            Self::Tax => Cell::Amount(line.tax),
            Self::Gross => Cell::Amount(line.net + line.tax),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_read_back() {
        for column in Column::ALL {
            assert_eq!(Column::from_id(column.id()), Some(column));
        }
        for column in LineColumn::OF_LINE.into_iter().chain(LineColumn::DEFAULT) {
            assert_eq!(LineColumn::from_id(column.id()), Some(column));
        }
        assert_eq!(Column::from_id("line.net"), None);
    }
}
