//! One filter for the ledger, the export and the command line.

use serde::{Deserialize, Serialize};

use crate::invoice::{Invoice, Party};
use crate::kind::Kind;
use crate::period::{DateRange, Month};
use crate::rate::Rate;
use crate::status::{Deduction, Direction, Status};
use crate::tax_number::TaxNumber;
use crate::usage::Used;

/// Goods lines of an invoice whose names a search looks at.
pub const SEARCHED_LINES: usize = 100;

/// Which invoices of the ledger are meant. An empty list or none means: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Company whose ledger it is; of invoices without a direction, a company that is a party to them.
    pub company: Option<TaxNumber>,
    /// 开票日期.
    pub dates: Option<DateRange>,
    /// 发票票种.
    pub kinds: Vec<Kind>,
    /// 开具 or 取得.
    pub direction: Option<Direction>,
    /// 发票状态.
    pub statuses: Vec<Status>,
    /// 抵扣状态.
    pub deductions: Vec<Deduction>,
    /// 已报销, or not. The ledger's own knowledge: [`InvoiceFilter::matches`] sees an invoice alone and passes it over.
    pub claimed: Option<bool>,
    /// Words that must all occur in number, names, tax numbers, remark, goods or amount; separated by spaces.
    pub text: String,
    /// What a figure of the statistics narrows it down to.
    pub behind: Behind,
}

/// What stands behind a figure of the statistics (统计), beyond what a user chooses. The default is: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// 作废 does not count.
    pub without_void: bool,
    /// 开具, 取得, or none: the direction is not known. An empty list means all three.
    pub sides: Vec<Option<Direction>>,
    /// True: red invoices (红字) alone; false: blue ones alone.
    pub red: Option<bool>,
    /// At least one share of the invoice is taxed at one of these; empty means any. See [`Invoice::shares`].
    pub rates: Vec<Rate>,
    /// 往来单位.
    pub counterparties: Option<Counterparties>,
    /// Used in one of these ways in this tax period. See [`Invoice::used_in`].
    pub used: Option<(Month, Vec<Used>)>,
    /// In this list of the bureau (开具发票, 取得发票), which for what the buyer issued is not its side: see [`Invoice::list_of`].
    pub list: Option<Direction>,
}

/// A party of the other side. A tax number is one party whatever its name is spelt like; where there is none, each name is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Counterparty {
    /// 纳税人识别号.
    TaxNumber(TaxNumber),
    /// 名称 of a party without a number, such as a natural person.
    Name(String),
}

impl Counterparty {
    /// Of a name and a number.
    #[must_use]
    pub fn new(name: &str, tax_no: &TaxNumber) -> Self {
        if tax_no.is_empty() { Self::Name(name.trim().to_owned()) } else { Self::TaxNumber(tax_no.clone()) }
    }

    /// Of a party of an invoice.
    #[must_use]
    pub fn of(party: &Party) -> Self {
        Self::new(&party.name, &party.tax_no)
    }
}

/// Which parties of the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counterparties {
    /// These.
    Among(Vec<Counterparty>),
    /// All others (其他).
    Except(Vec<Counterparty>),
}

impl Counterparties {
    /// True when the party is meant.
    #[must_use]
    pub fn means(&self, party: &Counterparty) -> bool {
        match self {
            Self::Among(list) => list.contains(party),
            Self::Except(list) => !list.contains(party),
        }
    }
}

impl Behind {
    /// True when the invoice is meant, as this company sees it.
    fn matches(&self, invoice: &Invoice, company: Option<&TaxNumber>) -> bool {
        let side = invoice.side_of(company);
        let party = if side == Some(Direction::Issued) { &invoice.buyer } else { &invoice.seller };
        let used = |period: Month| invoice.deduction_of(company).and_then(|_| invoice.used_in(period));
        !(self.without_void && invoice.status == Status::Void)
            && (self.sides.is_empty() || self.sides.contains(&side))
            && self.red.is_none_or(|red| red != invoice.is_blue())
            && self.list.is_none_or(|list| invoice.list_of(company) == Some(list))
            && (self.rates.is_empty() || invoice.shares().iter().any(|share| self.rates.contains(&share.rate)))
            && self.counterparties.as_ref().is_none_or(|parties| parties.means(&Counterparty::of(party)))
            && self.used.as_ref().is_none_or(|(period, ways)| used(*period).is_some_and(|way| ways.contains(&way)))
    }
}

impl InvoiceFilter {
    /// True when the invoice is meant.
    #[must_use]
    pub fn matches(&self, invoice: &Invoice) -> bool {
        let company = self.company.as_ref();
        self.company.as_ref().is_none_or(|company| invoice.concerns(company))
            && self.dates.is_none_or(|dates| dates.contains(invoice.issued_on()))
            && (self.kinds.is_empty() || self.kinds.contains(&invoice.kind))
            && self.direction.is_none_or(|direction| invoice.side_of(company) == Some(direction))
            && (self.statuses.is_empty() || self.statuses.contains(&invoice.status))
            && (self.deductions.is_empty() || invoice.deduction_of(company).is_some_and(|d| self.deductions.contains(&d)))
            && self.text_matches(invoice)
            && self.behind.matches(invoice, company)
    }

    fn text_matches(&self, invoice: &Invoice) -> bool {
        let text = self.text.to_lowercase();
        text.split_whitespace().all(|word| {
            let has = |field: &str| field.to_lowercase().contains(word);
            has(&invoice.key.to_string())
                || invoice.paper_key.as_ref().is_some_and(|paper| has(&paper.to_string()))
                || has(&invoice.seller.name)
                || has(&invoice.buyer.name)
                || has(invoice.seller.tax_no.as_str())
                || has(invoice.buyer.tax_no.as_str())
                || has(&invoice.remark)
                || invoice.lines.iter().take(SEARCHED_LINES).any(|line| has(&line.name))
                || has(&invoice.gross.to_string())
                || has(&invoice.net.to_string())
        })
    }
}
