//! Activation codes (激活码): 80 random bits in Crockford's base 32, with two check characters.

use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BODY: usize = 16;
/// Groups in which a mail prints a code.
const GROUPS: usize = 5;

/// A well-formed activation code: 16 characters and 2 check characters, shown as `XXXX-XXXX-XXXX-XXXX-XX`.
///
/// The alphabet has no I, L, O, U: what looks alike is read as its digit. `Debug` hides the code: it is a secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ActivationCode(String);

/// Why a typed text is no activation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Nothing typed.
    #[error("no code was typed")]
    Empty,
    /// Not 18 characters.
    #[error("a code has 18 characters, this one has {0}")]
    Length(usize),
    /// A character that no code holds.
    #[error("a code does not hold {0:?}")]
    Character(char),
    /// The check characters do not fit: something is mistyped.
    #[error("the check characters do not fit")]
    Check,
}

impl ActivationCode {
    /// A code from 10 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 10]) -> Self {
        let mut bits = bytes.iter().fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
        let mut body = vec![0_u8; BODY];
        for slot in body.iter_mut().rev() {
            *slot = symbol((bits & 31) as u32);
            bits >>= 5;
        }
        let body = String::from_utf8(body).unwrap_or_default();
        let check = check_characters(&body);
        Self(body + &check)
    }

    /// Reads what was typed or pasted: spaces, hyphens and case do not matter, full width is taken, I and L are 1, O is 0.
    /// Of a whole sentence or mail its only code is taken.
    ///
    /// # Errors
    /// The [`CodeFault`].
    pub fn parse(text: &str) -> Result<Self, CodeFault> {
        Self::alone(text).or_else(|fault| Self::within(text).ok_or(fault))
    }

    /// The only code among other words.
    fn within(text: &str) -> Option<Self> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || is_hyphen(c) || crate::typed::is_invisible(c);
        let half: String = text.chars().map(crate::tax_number::half_width).collect();
        let words: Vec<&str> = half.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect();
        // A mail may part the groups by blanks.
        let groups = (0..words.len()).flat_map(|first| (1..=GROUPS).filter_map(move |count| Some((first, first.checked_add(count)?))));
        let mut found = groups.filter_map(|(first, end)| Self::alone(&words.get(first..end)?.concat()).ok());
        let code = found.next()?;
        found.all(|other| other == code).then_some(code)
    }

    /// Reads a text that is nothing but a code.
    fn alone(text: &str) -> Result<Self, CodeFault> {
        let mut code = String::new();
        for c in text.chars().map(crate::tax_number::half_width) {
            match c.to_ascii_uppercase() {
                c if c.is_whitespace() || is_hyphen(c) || crate::typed::is_invisible(c) => {}
                'I' | 'L' => code.push('1'),
                'O' => code.push('0'),
                c if c.is_ascii() && ALPHABET.contains(&(c as u8)) => code.push(c),
                c => return Err(CodeFault::Character(c)),
            }
        }
        let fits = |code: &str| code.get(..BODY).is_some_and(|body| code.get(BODY..) == Some(&check_characters(body)));
        match code.len() {
            0 => Err(CodeFault::Empty),
            18 if fits(&code) => Ok(Self(code)),
            18 => Err(CodeFault::Check),
            length => Err(CodeFault::Length(length)),
        }
    }

    /// The bare 18 characters, for hashing and sending.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// In groups, as a mail prints it.
    #[must_use]
    pub fn grouped(&self) -> String {
        let mut out = String::new();
        for (position, c) in self.0.chars().enumerate() {
            if position > 0 && position % 4 == 0 {
                out.push('-');
            }
            out.push(c);
        }
        out
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode(hidden)")
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '−' | '—' | '–' | '_')
}

fn symbol(value: u32) -> u8 {
    ALPHABET.get(value as usize & 31).copied().unwrap_or(b'0')
}

/// Two characters over the 16: every single wrong character and every swap of neighbours changes them (weights are
/// distinct and odd modulo 1021, a prime below 32 x 32).
fn check_characters(body: &str) -> String {
    let sum = body.bytes().zip(1_u32..).fold(0_u32, |sum, (c, place)| {
        let value = ALPHABET.iter().position(|known| *known == c).unwrap_or_default();
        (sum + u32::try_from(value).unwrap_or_default() * (place * 37 + 5)) % 1021
    });
    [symbol(sum / 32), symbol(sum % 32)].iter().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typing_habits_are_forgiven() {
        let code = ActivationCode::from_random([7, 1, 99, 250, 3, 14, 15, 92, 65, 35]);
        let sloppy = format!(" {} ", code.grouped().to_lowercase().replace('0', "o").replace('1', "l"));
        assert_eq!(ActivationCode::parse(&sloppy).unwrap(), code);
        let pasted = format!("\u{feff}{}\u{200b}\r\n", code.grouped().replace('-', "－"));
        assert_eq!(ActivationCode::parse(&pasted).unwrap(), code);
        assert_eq!(ActivationCode::parse("  "), Err(CodeFault::Empty));
        assert_eq!(ActivationCode::parse("ABC"), Err(CodeFault::Length(3)));
        assert_eq!(ActivationCode::parse("激活码"), Err(CodeFault::Character('激')));
        assert!(!format!("{code:?}").contains(code.expose()));
    }

    #[test]
    fn the_code_of_a_mail_is_found() {
        let code = ActivationCode::from_random([7, 1, 99, 250, 3, 14, 15, 92, 65, 35]);
        let other = ActivationCode::from_random([1; 10]);
        let mail =
            |code: &str| format!("您好，您购买的年度服务已开通，激活码：{code}，2027-12-31 前有效。Piaoxia service desk 400-820-1234");
        for printed in [code.grouped(), code.grouped().replace('-', " "), code.expose().to_lowercase()] {
            assert_eq!(ActivationCode::parse(&mail(&printed)).unwrap(), code, "{printed}");
        }
        assert_eq!(ActivationCode::parse(&format!("{} {}", code.grouped(), code.grouped())).unwrap(), code);
        let two = format!("{} 和 {}", code.grouped(), other.grouped());
        assert_eq!(ActivationCode::parse(&two), Err(CodeFault::Character('和')));
        assert_eq!(ActivationCode::parse(&mail("见附件")), Err(CodeFault::Character('您')));
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_found(bytes in any::<[u8; 10]>(), place in 0usize..16, step in 1usize..32) {
            let code = ActivationCode::from_random(bytes);
            prop_assert_eq!(ActivationCode::parse(code.expose()).unwrap(), code.clone());
            let mut typed = code.expose().as_bytes().to_vec();
            let old = ALPHABET.iter().position(|c| *c == typed[place]).unwrap();
            typed[place] = ALPHABET[(old + step) % 32];
            prop_assert_eq!(ActivationCode::parse(std::str::from_utf8(&typed).unwrap()), Err(CodeFault::Check));
        }

        #[test]
        fn swapped_neighbours_are_found(bytes in any::<[u8; 10]>(), place in 0usize..15) {
            let code = ActivationCode::from_random(bytes);
            let mut typed = code.expose().as_bytes().to_vec();
            typed.swap(place, place + 1);
            let text = std::str::from_utf8(&typed).unwrap();
            prop_assume!(text != code.expose());
            prop_assert_eq!(ActivationCode::parse(text), Err(CodeFault::Check));
        }
    }
}
