//! SM3 (GB/T 32905), and choices that follow from it.

use sm3::{Digest, Sm3};

/// SM3 of several parts, one after the other.
pub(super) fn sm3(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = Sm3::new();
    for part in parts {
        state.update(part);
    }
    state.finalize().into()
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An endless row of choices that follow from a text: what a document needs and the ledger does not hold is drawn from
/// the invoice's number, so that it is the same in every file of that invoice.
pub(super) struct Draw {
    state: [u8; 32],
    used: usize,
}

impl Draw {
    /// Choices for this purpose and this text.
    pub(super) fn new(purpose: &str, text: &str) -> Self {
        Self { state: sm3(&[purpose.as_bytes(), b"/", text.as_bytes()]), used: 0 }
    }

    /// The next number below `limit`, which is at least 1.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let high = self.byte();
        let low = self.byte();
        usize::from(u16::from_be_bytes([high, low])) % limit.max(1)
    }

    /// One of the choices; the type's default when there is none.
    pub(super) fn one_of<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        choices.get(self.below(choices.len())).copied().unwrap_or_default()
    }

    /// That many digits.
    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b"0123456789"[..].get(self.below(10)).copied().unwrap_or(b'0'))).collect()
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.state.len() {
            self.state = sm3(&[&self.state]);
            self.used = 0;
        }
        let byte = self.state.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sm3_of_the_standard() {
        // GB/T 32905-2016, annex A.1.
        assert_eq!(hex(&sm3(&[b"a", b"bc"])), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    #[test]
    fn choices_repeat_and_spread() {
        let first: Vec<usize> = {
            let mut draw = Draw::new("a", "b");
            (0..100).map(|_| draw.below(10)).collect()
        };
        let mut again = Draw::new("a", "b");
        assert!(first.iter().all(|value| *value == again.below(10)));
        let seen: std::collections::BTreeSet<_> = first.into_iter().collect();
        assert_eq!(seen.len(), 10);
        assert_eq!(Draw::new("a", "b").one_of::<u8>(&[]), 0);
    }
}
