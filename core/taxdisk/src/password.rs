//! Certificate passwords (证书口令).

use zeroize::Zeroizing;

/// A password. It has no `Debug` and no `Display`, and is overwritten when it is dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// As it was typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Its bytes, when it has `least` to `most` characters of visible ASCII: no disk has others, and each one sent costs a try.
    pub(crate) fn fitting(&self, least: u8, most: u8) -> Option<&[u8]> {
        let bytes = self.0.as_bytes();
        let fits = (usize::from(least)..=usize::from(most)).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        fits.then_some(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_disk_can_have_is_sent() {
        let fits = |text: &str| Password::new(text.to_owned()).fitting(6, 16).is_some();
        assert!(fits("88888888") && fits("aB3!xy") && fits("1234567890123456"));
        assert!(!fits("12345") && !fits("12345678901234567") && !fits("") && !fits("１２３４５６") && !fits("123 456"));
    }
}
