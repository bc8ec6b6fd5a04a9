//! Numbers of companies and persons that nobody has, with check digits that hold.

use piaoxia_domain::TaxNumber;

use crate::dice::Dice;

/// A unified social credit code (统一社会信用代码, GB 32100-2015): `kind` is its first two characters (91 企业, 11 机关),
/// `division` the six digits of its 行政区划.
pub(crate) fn credit_code(kind: &str, division: &str, place: u64) -> TaxNumber {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut dice = Dice::new(0x0115_CC0D, &[place]);
    let mut body = String::from("MA");
    body.extend((0..6).map(|_| char::from(*dice.pick(ALPHABET))));
    let first17 = format!("{kind}{division}{body}{}", organisation_check(&body));
    TaxNumber::with_check_digit(&first17).unwrap_or_default()
}

/// Check character of an organisation code (组织机构代码, GB 11714-1997): weights 3, 7, 9, 10, 5, 8, 4, 2, modulo 11.
pub(crate) fn organisation_check(body: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// A resident's number (居民身份证号码, GB 11643-1999) of somebody born on 1900-01-01: well formed, and nobody's.
pub(crate) fn resident_id(division: &str, serial: u16) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let first17 = format!("{division}19000101{serial:03}");
    let sum: u32 = first17.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(10).unwrap_or(0) * weight).sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap_or('0');
    format!("{first17}{check}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn codes_hold_both_checks_and_the_region() {
        for place in 0..300 {
            let code = credit_code("91", "440305", place);
            assert_eq!(TaxNumber::typed(code.as_str()), Ok(code.clone()));
            assert_eq!(code.region().unwrap().name, "深圳");
            let (body, check) = (code.as_str().get(8..16).unwrap(), code.as_str().chars().nth(16).unwrap());
            assert_eq!(organisation_check(body), check);
        }
    }

    #[test]
    fn the_published_organisation_code_holds() {
        // The example of GB 11714-1997: D2143569-X.
        assert_eq!(organisation_check("D2143569"), 'X');
    }

    #[test]
    fn residents_hold_their_check() {
        assert_eq!(TaxNumber::typed(&resident_id("310115", 17)).unwrap().fault(), None);
    }
}
