//! What was done with an invoice's input tax (用途确认): more than its deduction state alone.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::invoice::Invoice;
use crate::money::Money;
use crate::period::Month;
use crate::status::{Deduction, Status};

/// What the bureau's deduction files (抵扣勾选, 统计清单, 不抵扣勾选, 退税用途) state of an invoice beside its
/// [`crate::Deduction`]. Whatever a file does not state is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Usage {
    /// 有效抵扣税额: the part of 税额 that may be deducted, yuan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub effective_tax: Option<Money>,
    /// 用途; none while it is not ticked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// 税款所属期.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Month>,
    /// 勾选时间, Asia/Shanghai.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub ticked_at: Option<DateTime>,
    /// 不抵扣原因 as the source words it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl Usage {
    /// What this statement leaves open is filled from an earlier one.
    #[must_use]
    pub fn or(self, earlier: &Self) -> Self {
        Self {
            effective_tax: self.effective_tax.or(earlier.effective_tax),
            purpose: self.purpose.or_else(|| earlier.purpose.clone()),
            period: self.period.or(earlier.period),
            ticked_at: self.ticked_at.or(earlier.ticked_at),
            reason: if self.reason.is_empty() { earlier.reason.clone() } else { self.reason },
        }
    }

    /// What is left of it when the tick was taken back (撤销勾选): only the effective tax is a property of the invoice.
    #[must_use]
    pub fn unticked(self) -> Self {
        Self { effective_tax: self.effective_tax, ..Self::default() }
    }

    /// The month whose tax return it goes into: 税款所属期, else the month of 勾选时间.
    #[must_use]
    pub fn month(&self) -> Option<Month> {
        self.period.or_else(|| self.ticked_at.map(|at| Month::of(at.date())))
    }
}

/// 用途 of a ticked invoice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Purpose {
    /// 抵扣.
    Deduct,
    /// 退税.
    Refund,
    /// 代办退税.
    AgentRefund,
    /// 不抵扣.
    NotDeduct,
    /// Any other text, verbatim.
    #[serde(untagged)]
    Other(String),
}

impl Purpose {
    /// From the text of an export; none when it is blank.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text.trim() {
            "" | "--" => return None,
            "抵扣" | "抵扣税款" | "用于抵扣" => Self::Deduct,
            "退税" | "出口退税" | "用于退税" => Self::Refund,
            "代办退税" | "用于代办退税" => Self::AgentRefund,
            "不抵扣" | "用于不抵扣" => Self::NotDeduct,
            other => Self::Other(other.to_owned()),
        })
    }

    /// Stable word for the command line and JSON.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Deduct => "deduct",
            Self::Refund => "refund",
            Self::AgentRefund => "agentRefund",
            Self::NotDeduct => "notDeduct",
            Self::Other(text) => text,
        }
    }
}

/// What became of an invoice's input tax in a tax period (税款所属期).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Used {
    /// 抵扣.
    Deduct,
    /// 不抵扣.
    NotDeduct,
    /// 退税, also 代办退税.
    Refund,
    /// Ticked for a use of another name.
    Other,
    /// Ticked, and nothing tells in which period: neither 税款所属期 nor 勾选时间.
    Undated,
    /// 未勾选, and issued by the end of the period.
    Open,
}

impl Used {
    /// Stable word for JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deduct => "deduct",
            Self::NotDeduct => "notDeduct",
            Self::Refund => "refund",
            Self::Other => "other",
            Self::Undated => "undated",
            Self::Open => "open",
        }
    }

    /// Of an invoice in this state that was issued on this day, whose use is of `month` and for `purpose`. None when it belongs
    /// to another period, and when it can no longer be ticked.
    #[must_use]
    pub fn of(
        state: (Deduction, &Status),
        issued_on: Date,
        month: Option<Month>,
        purpose: Option<&Purpose>,
        period: Month,
    ) -> Option<Self> {
        let by_then = issued_on <= period.last();
        match (state.0, month) {
            (Deduction::Open, _) if state.1.is_cancelled() => None,
            (Deduction::Open, _) => by_then.then_some(Self::Open),
            (_, None) => by_then.then_some(Self::Undated),
            (_, Some(month)) if month != period => None,
            (_, Some(_)) => Some(match purpose {
                Some(Purpose::Deduct) | None => Self::Deduct,
                Some(Purpose::NotDeduct) => Self::NotDeduct,
                Some(Purpose::Refund | Purpose::AgentRefund) => Self::Refund,
                Some(Purpose::Other(_)) => Self::Other,
            }),
        }
    }
}

impl Invoice {
    /// What became of its input tax in the period; none where it cannot be deducted, or belongs to another one.
    #[must_use]
    pub fn used_in(&self, period: Month) -> Option<Used> {
        let usage = self.usage.as_ref();
        let (month, purpose) = (usage.and_then(Usage::month), usage.and_then(|usage| usage.purpose.as_ref()));
        Used::of((self.deduction?, &self.status), self.issued_on(), month, purpose, period)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn an_unknown_purpose_is_kept() {
        let odd = Purpose::from_text("待定").unwrap();
        assert_eq!(serde_json::from_str::<Purpose>(&serde_json::to_string(&odd).unwrap()).unwrap(), odd);
        assert_eq!(serde_json::to_string(&Purpose::NotDeduct).unwrap(), "\"notDeduct\"");
        assert_eq!(Purpose::from_text("--"), None);
    }

    #[test]
    fn a_later_statement_leaves_what_it_does_not_say() {
        let earlier = Usage { effective_tax: Some(Money::from_fen(600)), period: "202610".parse().ok(), ..Usage::default() };
        let later = Usage { purpose: Some(Purpose::Deduct), ..Usage::default() };
        let both = later.or(&earlier);
        assert_eq!((both.effective_tax, both.period), (earlier.effective_tax, earlier.period));
        assert_eq!(both.month().unwrap().to_string(), "2026-10");
        assert_eq!(both.unticked(), Usage { effective_tax: Some(Money::from_fen(600)), ..Usage::default() });
    }
}
