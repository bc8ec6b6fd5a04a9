//! What a naming pattern can name of an invoice.

use crate::invoice::{Invoice, Party};
use crate::status::Direction;

/// What a pattern can name of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// 开票日期, `2026-10-08`.
    Date,
    /// 开票月份, `2026-10`.
    Month,
    /// 开票年份.
    Year,
    /// 发票票种, short.
    Kind,
    /// 发票号码: 20 digits, or eight of a legacy invoice.
    Number,
    /// 发票代码.
    Code,
    /// 销售方名称.
    Seller,
    /// 购买方名称.
    Buyer,
    /// 对方名称.
    Counterparty,
    /// 开具 or 取得.
    Direction,
    /// 金额.
    Net,
    /// 税额.
    Tax,
    /// 价税合计.
    Gross,
    /// 发票状态.
    Status,
    /// 本企业名称.
    Company,
}

impl Field {
    /// All, in the order in which the window offers them.
    pub const ALL: [Self; 15] = [
        Self::Date,
        Self::Month,
        Self::Year,
        Self::Kind,
        Self::Number,
        Self::Code,
        Self::Counterparty,
        Self::Seller,
        Self::Buyer,
        Self::Direction,
        Self::Net,
        Self::Tax,
        Self::Gross,
        Self::Status,
        Self::Company,
    ];

    /// The word between the braces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Month => "month",
            Self::Year => "year",
            Self::Kind => "kind",
            Self::Number => "number",
            Self::Code => "code",
            Self::Seller => "seller",
            Self::Buyer => "buyer",
            Self::Counterparty => "counterparty",
            Self::Direction => "direction",
            Self::Net => "net",
            Self::Tax => "tax",
            Self::Gross => "gross",
            Self::Status => "status",
            Self::Company => "company",
        }
    }

    /// The same in Chinese; both are read.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Date => "开票日期",
            Self::Month => "开票月份",
            Self::Year => "开票年份",
            Self::Kind => "票种",
            Self::Number => "发票号码",
            Self::Code => "发票代码",
            Self::Seller => "销售方",
            Self::Buyer => "购买方",
            Self::Counterparty => "对方",
            Self::Direction => "方向",
            Self::Net => "金额",
            Self::Tax => "税额",
            Self::Gross => "价税合计",
            Self::Status => "状态",
            Self::Company => "本企业",
        }
    }

    /// The field that is called so in either language.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word || field.chinese() == word)
    }

    /// Empty where the invoice does not say.
    pub(super) fn of(self, invoice: &Invoice) -> String {
        let name = |party: &Party| if party.name.is_empty() { party.tax_no.to_string() } else { party.name.clone() };
        let day = |format: &str| invoice.issued_on().strftime(format).to_string();
        match self {
            Self::Date => day("%Y-%m-%d"),
            Self::Month => day("%Y-%m"),
            Self::Year => day("%Y"),
            Self::Kind => invoice.kind.short().to_owned(),
            Self::Number => invoice.key.number().to_owned(),
            Self::Code => invoice.key.code().or_else(|| invoice.paper_key.as_ref()?.code()).unwrap_or_default().to_owned(),
            Self::Seller => name(&invoice.seller),
            Self::Buyer => name(&invoice.buyer),
            Self::Counterparty => name(invoice.counterparty()),
            Self::Direction => match invoice.direction {
                Some(Direction::Issued) => "开具".to_owned(),
                Some(Direction::Received) => "取得".to_owned(),
                None => String::new(),
            },
            Self::Net => invoice.net.to_string(),
            Self::Tax => invoice.tax.to_string(),
            Self::Gross => invoice.gross.to_string(),
            Self::Status => invoice.status.text().to_owned(),
            Self::Company => match invoice.direction {
                Some(Direction::Issued) => name(&invoice.seller),
                Some(Direction::Received) => name(&invoice.buyer),
                None => String::new(),
            },
        }
    }
}
