//! What identifies an invoice: its 20-digit number, or 发票代码 + 发票号码.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::kind::Kind;

/// The natural key of an invoice.
///
/// Written as the bare 20-digit number, or as `code-number`. A 数电纸质 invoice has both; its key is the 20-digit number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvoiceKey {
    /// 数电发票号码: 20 digits (国家税务总局公告2024年第11号, article 4).
    Digital(String),
    /// 发票代码 (10 or 12 digits) and 发票号码 (8 digits).
    Legacy {
        /// 发票代码.
        code: String,
        /// 发票号码.
        number: String,
    },
    /// 海关缴款书号码 and other numbers of no known shape, kept verbatim.
    Other(String),
}

/// A text that is no invoice key: empty, too long, or with characters no number holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an invoice number: {0:?}")]
pub struct KeyError(pub String);

impl InvoiceKey {
    /// From the columns of an export or the fields of a document: the 20-digit number wins, then code + number.
    ///
    /// # Errors
    /// [`KeyError`] when none of the three is there.
    pub fn new(digital: Option<&str>, code: Option<&str>, number: Option<&str>) -> Result<Self, KeyError> {
        let present = |text: Option<&str>| text.map(str::trim).filter(|t| !t.is_empty() && *t != "--").map(str::to_owned);
        match (present(digital), present(code), present(number)) {
            (Some(digital), _, _) => Self::from_str(&digital),
            (None, Some(code), Some(number)) => Self::from_str(&format!("{code}-{number}")),
            (None, None, Some(number)) => Self::from_str(&number),
            (None, code, None) => Err(KeyError(code.unwrap_or_default())),
        }
    }

    /// The number to show: 20 digits, or the eight of a legacy invoice.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Self::Digital(number) | Self::Other(number) | Self::Legacy { number, .. } => number,
        }
    }

    /// 发票代码 of a legacy invoice.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Legacy { code, .. } => Some(code),
            Self::Digital(_) | Self::Other(_) => None,
        }
    }
}

// In the contract a key is one string.
#[cfg(feature = "schema")]
impl utoipa::PartialSchema for InvoiceKey {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for InvoiceKey {}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl FromStr for InvoiceKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let wrong = || KeyError(text.chars().take(40).collect());
        if text.is_empty() || text.len() > 40 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(wrong());
        }
        if text.len() == 20 && all_digits(text) {
            return Ok(Self::Digital(text.to_owned()));
        }
        match text.split_once('-') {
            Some((code, number)) if matches!(code.len(), 10 | 12) && number.len() == 8 && all_digits(code) && all_digits(number) => {
                Ok(Self::Legacy { code: code.to_owned(), number: number.to_owned() })
            }
            _ => Ok(Self::Other(text.to_owned())),
        }
    }
}

impl fmt::Display for InvoiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digital(number) | Self::Other(number) => f.write_str(number),
            Self::Legacy { code, number } => write!(f, "{code}-{number}"),
        }
    }
}

impl Serialize for InvoiceKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InvoiceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The kind that a legacy 发票代码 stands for; none when the code is of no known shape.
///
/// 12 digits starting with 0: digits 11-12 tell; 12 digits otherwise: digit 8 is 2 on 机动车; 10 digits: digit 8.
#[must_use]
pub fn kind_of_legacy_code(code: &str) -> Option<Kind> {
    const OLD_ELECTRONIC: [&str; 4] = ["144031539110", "131001570151", "133011501118", "111001571071"];
    if !all_digits(code) {
        return None;
    }
    if OLD_ELECTRONIC.contains(&code) {
        return Some(Kind::from_code("10"));
    }
    let kind = match (code.len(), code.get(7..8)?, code.get(10..12)) {
        (12, _, Some("04" | "05")) if code.starts_with('0') => "04",
        (12, _, Some("06" | "07")) if code.starts_with('0') => "11",
        (12, _, Some("11")) if code.starts_with('0') => "10",
        (12, _, Some("12")) if code.starts_with('0') => "14",
        (12, _, Some("13")) if code.starts_with('0') => "08",
        (12, _, Some("17")) if code.starts_with('0') => "15",
        (12, "2", _) if !code.starts_with('0') => "03",
        (10, "1" | "5", _) => "01",
        (10, "6" | "3", _) => "04",
        (10, "7" | "2", _) => "02",
        _ => return None,
    };
    Some(Kind::from_code(kind))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn keys_are_told_apart() {
        let digital: InvoiceKey = "26312000000000000001".parse().unwrap();
        assert!(matches!(digital, InvoiceKey::Digital(_)));
        let legacy = InvoiceKey::new(Some("--"), Some("050001700111"), Some("12235358")).unwrap();
        assert_eq!(legacy.to_string(), "050001700111-12235358");
        assert_eq!((legacy.code(), legacy.number()), (Some("050001700111"), "12235358"));
        let paper = InvoiceKey::new(Some("26312000000000000001"), Some("050001700111"), Some("12235358")).unwrap();
        assert_eq!(paper, digital);
        assert!(InvoiceKey::new(None, Some("050001700111"), None).is_err());
        assert!("../../x".parse::<InvoiceKey>().is_err());
    }

    #[test]
    fn a_legacy_code_tells_its_kind() {
        for (code, kind) in
            [("050001700111", "10"), ("3100194130", "01"), ("144031539110", "10"), ("011002000112", "14"), ("131001920513", "03")]
        {
            assert_eq!(kind_of_legacy_code(code).unwrap().code(), kind, "{code}");
        }
        assert_eq!(kind_of_legacy_code("131001900513"), None);
        assert_eq!(kind_of_legacy_code("12"), None);
    }
}
