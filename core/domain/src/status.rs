//! States of an invoice and sides of a deal.

use serde::{Deserialize, Serialize};

/// Invoice status (发票状态).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Status {
    /// 正常.
    Normal,
    /// 已作废.
    Void,
    /// 已红冲-全额: a red invoice cancels it whole.
    RedFull,
    /// 已红冲-部分.
    RedPart,
    /// Any other code or text, verbatim.
    #[serde(untagged)]
    Other(String),
}

impl Status {
    /// The four that the bureau names.
    pub const KNOWN: [Self; 4] = [Self::Normal, Self::Void, Self::RedFull, Self::RedPart];

    /// From the bureau's code `FpztDm`: 01 正常, 02 已作废, 03 已红冲-全额, 04 已红冲-部分.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "01" => Self::Normal,
            "02" => Self::Void,
            "03" => Self::RedFull,
            "04" => Self::RedPart,
            other => Self::Other(other.to_owned()),
        }
    }

    /// From the text of an export.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text.trim() {
            "正常" => Self::Normal,
            "作废" | "已作废" => Self::Void,
            "已红冲-全额" | "已红冲" | "全额红冲" => Self::RedFull,
            "已红冲-部分" | "部分红冲" => Self::RedPart,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The bureau's text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Normal => "正常",
            Self::Void => "已作废",
            Self::RedFull => "已红冲-全额",
            Self::RedPart => "已红冲-部分",
            Self::Other(text) => text,
        }
    }

    /// True when nothing of the invoice is left: 已作废, 已红冲-全额. Such an invoice cannot be ticked any more.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Void | Self::RedFull)
    }

    /// Stable word for the command line and JSON.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Normal => "normal",
            Self::Void => "void",
            Self::RedFull => "redFull",
            Self::RedPart => "redPart",
            Self::Other(text) => text,
        }
    }
}

/// Deduction state (抵扣状态 / 勾选状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Deduction {
    /// 未勾选.
    Open,
    /// 已勾选未确认.
    Ticked,
    /// 已勾选已确认 (已抵扣).
    Confirmed,
}

impl Deduction {
    /// All, in the order of the filter.
    pub const ALL: [Self; 3] = [Self::Open, Self::Ticked, Self::Confirmed];

    /// Stable word for the command line and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ticked => "ticked",
            Self::Confirmed => "confirmed",
        }
    }
}

/// Which side of the deal the company is on (归集标签).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Direction {
    /// 开具发票 (销项).
    Issued,
    /// 取得发票 (进项).
    Received,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Issued, Self::Received];

    /// Stable word for the command line and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Received => "received",
        }
    }
}

/// What a download asks the bureau for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Scope {
    /// 发票勾选确认: received invoices that can be deducted.
    Deductible,
    /// 发票查询统计, 开具发票.
    Issued,
    /// 发票查询统计, 取得发票.
    Received,
}

impl Scope {
    /// The side of the deal that the scope shows.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::Issued => Direction::Issued,
            Self::Deductible | Self::Received => Direction::Received,
        }
    }

    /// Stable word for the command line and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deductible => "deductible",
            Self::Issued => "issued",
            Self::Received => "received",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn unknown_states_are_kept() {
        let odd = Status::from_text("异常");
        assert_eq!(odd.text(), "异常");
        let json = serde_json::to_string(&odd).unwrap();
        assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), odd);
        for status in Status::KNOWN {
            assert_eq!(Status::from_text(status.text()), status);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("\"{}\"", status.word()));
            assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), status);
        }
    }
}
