//! Tax numbers (纳税人识别号) and the unified social credit code (统一社会信用代码, GB 32100-2015).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::region::Region;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// A taxpayer's number: 18 characters since 2015; 15, 17 or 20 on older documents.
///
/// Upper-case letters and digits. A number read from a document is kept even when its check digit is wrong; see
/// [`TaxNumber::fault`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, example = "91310115MA1K35JX4G"))]
pub struct TaxNumber(String);

/// What is wrong with a tax number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxNumberFault {
    /// Neither 15, 17, 18 nor 20 characters.
    #[error("a tax number has 15, 17, 18 or 20 characters, this one has {0}")]
    Length(usize),
    /// A character that is no digit and no capital letter.
    #[error("a tax number holds digits and capital letters, not {0:?}")]
    Character(char),
    /// The check digit of an 18-character code does not fit (GB 32100-2015, annex A).
    #[error("the check digit does not fit: a digit is mistyped")]
    CheckDigit,
}

impl TaxNumber {
    /// Reads what a person typed: spaces dropped, full-width and small letters normalised, length and check digit required.
    ///
    /// # Errors
    /// The [`TaxNumberFault`].
    pub fn typed(text: &str) -> Result<Self, TaxNumberFault> {
        let seen: String = text.chars().filter(|letter| !crate::typed::is_invisible(*letter)).collect();
        let number = Self::from_document(&seen);
        number.fault().map_or(Ok(number), Err)
    }

    /// Keeps what a document states, normalised but unchecked.
    #[must_use]
    pub fn from_document(text: &str) -> Self {
        Self(text.chars().filter(|c| !c.is_whitespace()).map(half_width).collect::<String>().to_ascii_uppercase())
    }

    /// The 18-character code with these 17 leading characters: its check digit is computed. None when a character is
    /// not of the code's alphabet.
    #[must_use]
    pub fn with_check_digit(first17: &str) -> Option<Self> {
        let check = check_digit(first17.as_bytes())?;
        Some(Self(format!("{first17}{}", char::from(check))))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for a natural person without a number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with it, if anything: a warning on a document, an error on typed input.
    #[must_use]
    pub fn fault(&self) -> Option<TaxNumberFault> {
        if let Some(other) = self.0.chars().find(|c| !c.is_ascii_digit() && !c.is_ascii_uppercase()) {
            return Some(TaxNumberFault::Character(other));
        }
        match self.0.len() {
            18 if self.is_resident_id() => None,
            18 => {
                let (first, last) = self.0.as_bytes().split_at(17);
                (check_digit(first) != last.first().copied()).then_some(TaxNumberFault::CheckDigit)
            }
            15 | 17 | 20 => None,
            length => Some(TaxNumberFault::Length(length)),
        }
    }

    /// The region that the number was given in; companies that moved keep their old digits.
    #[must_use]
    pub fn region(&self) -> Option<&'static Region> {
        let division = if self.0.len() == 18 && !self.is_resident_id() { self.0.get(2..8) } else { self.0.get(..6) };
        Region::from_division(division?)
    }

    /// 18 digits (the last may be X) with a valid birth date and check digit: a person's number (GB 11643).
    fn is_resident_id(&self) -> bool {
        const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let digits: Vec<u32> = self.0.chars().take(17).filter_map(|c| c.to_digit(10)).collect();
        if self.0.len() != 18 || digits.len() != 17 {
            return false;
        }
        let born = (self.0.get(6..10), self.0.get(10..12), self.0.get(12..14));
        let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) =
            (born.0.map(str::parse::<i16>), born.1.map(str::parse::<i8>), born.2.map(str::parse::<i8>))
        else {
            return false;
        };
        let sum: u32 = digits.iter().zip(ID_WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        let check = "10X98765432".chars().nth((sum % 11) as usize);
        (1900..2100).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok() && self.0.chars().last() == check
    }
}

fn check_digit(first17: &[u8]) -> Option<u8> {
    if first17.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in first17.iter().zip(WEIGHTS) {
        let value = ALPHABET.iter().position(|known| known == character)?;
        sum += u32::try_from(value).ok()? * weight;
    }
    ALPHABET.get(((31 - sum % 31) % 31) as usize).copied()
}

/// Full-width ASCII (as Chinese input methods type it) to half width.
#[must_use]
pub fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

impl fmt::Display for TaxNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn real_codes_pass() {
        for code in ["91110108339805094M", "91350100M000100Y43", "911101085658269920", "9144030071526726XG"] {
            let number = TaxNumber::from_document(code);
            let made = TaxNumber::with_check_digit(code.get(..17).unwrap()).unwrap();
            // The list may hold a printed mistake; what we make ourselves must always pass.
            assert_eq!(made.fault(), None);
            assert_eq!(number == made, number.fault().is_none(), "{code}");
        }
        assert_eq!(TaxNumber::typed("91110108339805094M").unwrap().region().unwrap().name, "北京");
    }

    #[test]
    fn typed_input_is_normalised_and_checked() {
        assert_eq!(TaxNumber::typed(" ９１１１０１０８３３９８０５０９４ｍ").unwrap().as_str(), "91110108339805094M");
        assert_eq!(TaxNumber::typed("9111 0108 3398\u{200b} 0509 4m\r\n").unwrap().as_str(), "91110108339805094M");
        assert_eq!(TaxNumber::typed("91110108339805095M"), Err(TaxNumberFault::CheckDigit));
        assert_eq!(TaxNumber::typed("911"), Err(TaxNumberFault::Length(3)));
        assert_eq!(TaxNumber::typed("9111010833980509票"), Err(TaxNumberFault::Character('票')));
    }

    #[test]
    fn a_wrong_digit_on_a_document_is_kept() {
        let number = TaxNumber::from_document("91500102563638729E");
        assert_eq!(number.fault(), Some(TaxNumberFault::CheckDigit));
        assert_eq!(number.as_str(), "91500102563638729E");
    }

    #[test]
    fn a_person_has_a_resident_id() {
        let number = TaxNumber::typed("11010519491231002X").unwrap();
        assert_eq!(number.region().unwrap().name, "北京");
    }
}
