//! What a passphrase is, and how good it is.

use icu_normalizer::ComposingNormalizer;
use zeroize::Zeroizing;

/// Least number of characters.
pub const SHORTEST: usize = 8;

/// Passphrases that everybody tries first; one a line, small letters.
const COMMON: &str = include_str!("common.txt");

/// Why a passphrase is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer than eight characters.
    TooShort,
    /// Among the first that everybody tries.
    Common,
    /// One character, or a short piece, over and over; a row of the keyboard; a date.
    Pattern,
}

/// How good a passphrase is that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Enough against a finder with a few PCs for a few days.
    Fair,
    /// Enough.
    Good,
    /// More than enough.
    Strong,
}

/// What goes into Argon2id: NFC, so that the same characters from another input method open the vault too.
pub(crate) fn normalized(passphrase: &str) -> Zeroizing<String> {
    Zeroizing::new(ComposingNormalizer::new_nfc().normalize(passphrase).into_owned())
}

/// Judges a passphrase.
///
/// # Errors
/// Why it is not taken.
pub fn check(passphrase: &str) -> Result<Strength, Weakness> {
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(passphrase.chars().collect());
    if characters.len() < SHORTEST {
        return Err(Weakness::TooShort);
    }
    let small = Zeroizing::new(passphrase.to_lowercase());
    // "password123!" is "password" to whoever tries it.
    let bare = small.trim_matches(|character: char| character.is_ascii_digit() || character.is_ascii_punctuation());
    if COMMON.lines().any(|common| common == small.as_str() || (bare.len() >= 4 && common == bare)) {
        return Err(Weakness::Common);
    }
    if repeats(&characters) || is_row(&small) || is_date(&small) {
        return Err(Weakness::Pattern);
    }
    Ok(match bits(&characters) {
        0..45 => Strength::Fair,
        45..65 => Strength::Good,
        _ => Strength::Strong,
    })
}

/// A piece of at most four characters, again and again.
fn repeats(characters: &[char]) -> bool {
    (1..=4).any(|length| characters.iter().zip(characters.iter().skip(length)).all(|(one, next)| one == next))
}

/// Each character follows the one before it: up, down, or along the keyboard.
fn is_row(small: &str) -> bool {
    const ROWS: [&str; 8] = [
        "01234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
        "1q2w3e4r5t6y7u8i9o0p",
        "qazwsxedcrfvtgbyhnujm",
    ];
    let backwards: Zeroizing<String> = Zeroizing::new(small.chars().rev().collect());
    ROWS.iter().any(|row| row.contains(small) || row.contains(backwards.as_str()))
}

/// 19900101, 1990-01-01 and the like.
fn is_date(small: &str) -> bool {
    let digits: Zeroizing<String> = Zeroizing::new(small.chars().filter(char::is_ascii_digit).collect());
    let only = small.chars().all(|character| character.is_ascii_digit() || "-./年月日".contains(character));
    only && digits.len() == 8 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// A rough count: the kinds of characters there are, and how many of them differ.
fn bits(characters: &[char]) -> u32 {
    let has = |kind: fn(&char) -> bool, worth: u32| if characters.iter().any(kind) { worth } else { 0 };
    let kinds = has(char::is_ascii_digit, 10)
        + has(char::is_ascii_lowercase, 26)
        + has(char::is_ascii_uppercase, 26)
        + has(char::is_ascii_punctuation, 32)
        + has(|character| !character.is_ascii(), 2000);
    let mut different: Vec<char> = characters.to_vec();
    different.sort_unstable();
    different.dedup();
    let each = kinds.max(2).ilog2();
    let length = u32::try_from(different.len().max(characters.len() / 2)).unwrap_or(u32::MAX);
    different.fill('\0');
    each.saturating_mul(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let cases = [
            ("1234567", Weakness::TooShort),
            ("票匣口令", Weakness::TooShort),
            ("password", Weakness::Common),
            ("Password123!", Weakness::Common),
            ("woaini1314", Weakness::Common),
            ("aaaaaaaaaa", Weakness::Pattern),
            ("abcabcabcabc", Weakness::Pattern),
            ("qwertyuiop", Weakness::Pattern),
            ("1q2w3e4r5t6y", Weakness::Pattern),
            ("87654321", Weakness::Pattern),
            ("19900101", Weakness::Pattern),
            ("1990年01月01日", Weakness::Pattern),
        ];
        for (passphrase, weakness) in cases {
            let found = check(passphrase);
            assert!(found == Err(weakness) || (weakness == Weakness::Pattern && found == Err(Weakness::Common)), "{passphrase}: {found:?}");
        }
    }

    #[test]
    fn longer_and_more_mixed_is_stronger() {
        assert_eq!(check("xk3fnwpz"), Ok(Strength::Fair));
        assert_eq!(check("kuaiji-2026-Q4"), Ok(Strength::Strong));
        assert_eq!(check("春江潮水连海平海"), Ok(Strength::Strong));
        assert!(check("correct horse battery staple").is_ok_and(|strength| strength >= Strength::Good));
    }

    #[test]
    fn one_text_in_two_writings_is_one_passphrase() {
        assert_eq!(*normalized("e\u{301}te 口令"), *normalized("éte 口令"));
        assert_ne!(*normalized("Ete"), *normalized("ete"));
    }
}
