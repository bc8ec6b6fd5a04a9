//! From bytes to objects: the lexical rules of a PDF (ISO 32000-1, 7.2 and 7.3), bounded in depth and number.

use super::object::{Dict, Object};
use crate::limits::{PDF_DEPTH, PDF_NODES, PDF_STRING_BYTES};

/// Reads objects and operators from bytes, one after the other.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    /// Where the next byte lies.
    pub at: usize,
    /// Values that may still be read.
    nodes: usize,
    /// Bytes that strings and names may still take.
    room: usize,
}

/// What stands next in a content stream or a CMap.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    /// A value.
    Value(Object),
    /// A bare word: an operator.
    Word(Vec<u8>),
}

impl<'a> Parser<'a> {
    /// At the first byte.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self::at(bytes, 0)
    }

    /// At a place within the bytes; beyond their end there is nothing to read.
    pub(super) fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, nodes: PDF_NODES, room: PDF_STRING_BYTES }
    }

    /// What reading has cost so far, in values; long strings cost as much as the values that would fill their place.
    pub(super) fn cost(&self) -> usize {
        PDF_NODES - self.nodes + (PDF_STRING_BYTES - self.room) / 32
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Skips a word if it stands here.
    pub(super) fn accept(&mut self, word: &[u8]) -> bool {
        let here = self.rest().starts_with(word);
        if here {
            self.at += word.len();
        }
        here
    }

    /// Skips white space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => {
                    let line = self.rest().iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                    self.at = line.map_or(self.bytes.len(), |length| self.at + length);
                }
                _ if is_space(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    /// An unsigned whole number of at most ten digits.
    pub(super) fn integer(&mut self) -> Option<u64> {
        self.skip_space();
        let digits = self.rest().iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
        let text = self.rest().get(..digits).filter(|text| !text.is_empty() && text.len() <= 10)?;
        self.at += digits;
        std::str::from_utf8(text).ok()?.parse().ok()
    }

    /// The next value or operator; none at the end. A value that is broken or too deep is [`Object::Null`].
    pub(super) fn token(&mut self) -> Option<Token> {
        self.skip_space();
        let byte = self.peek()?;
        if starts_value(byte) {
            let start = self.at;
            (self.nodes, self.room) = (PDF_NODES, PDF_STRING_BYTES);
            let value = self.value(0).unwrap_or_default();
            self.at = self.at.max(start + 1);
            return Some(Token::Value(value));
        }
        let length = self.rest().iter().take_while(|byte| is_regular(**byte)).count();
        let word = self.rest().get(..length.max(1)).unwrap_or_default();
        self.at += word.len();
        Some(match word {
            b"true" => Token::Value(Object::Bool(true)),
            b"false" => Token::Value(Object::Bool(false)),
            b"null" => Token::Value(Object::Null),
            _ => Token::Word(word.to_vec()),
        })
    }

    /// The value that stands next, references included; none where nothing of that kind stands there.
    pub(super) fn object(&mut self) -> Option<Object> {
        self.value_or_ref(0)
    }

    fn value_or_ref(&mut self, depth: usize) -> Option<Object> {
        self.skip_space();
        let start = self.at;
        if self.peek()?.is_ascii_digit() {
            if let Some(reference) = self.reference() {
                self.nodes = self.nodes.checked_sub(1)?;
                return Some(reference);
            }
            self.at = start;
        }
        self.value(depth)
    }

    /// `N G R`.
    fn reference(&mut self) -> Option<Object> {
        let number = self.integer()?;
        self.peek().filter(|byte| is_space(*byte))?;
        self.integer()?;
        self.skip_space();
        let ends = self.rest().get(1).is_none_or(|byte| !is_regular(*byte));
        if !(self.peek() == Some(b'R') && ends) {
            return None;
        }
        self.at += 1;
        Some(u32::try_from(number).map_or(Object::Null, Object::Ref))
    }

    fn value(&mut self, depth: usize) -> Option<Object> {
        self.nodes = self.nodes.checked_sub(1)?;
        if depth > PDF_DEPTH {
            // Nothing behind such a nest can be told apart any more.
            self.at = self.bytes.len();
            return None;
        }
        match self.peek()? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal().map(Object::Text),
            b'<' if self.rest().starts_with(b"<<") => self.dict(depth).map(Object::Dict),
            b'<' => self.hexadecimal().map(Object::Text),
            b'[' => self.array(depth),
            b'+' | b'-' | b'.' | b'0'..=b'9' => Some(self.number()),
            _ if self.accept(b"true") => Some(Object::Bool(true)),
            _ if self.accept(b"false") => Some(Object::Bool(false)),
            _ if self.accept(b"null") => Some(Object::Null),
            _ => None,
        }
    }

    fn array(&mut self, depth: usize) -> Option<Object> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.accept(b"]") {
                return Some(Object::Array(items));
            }
            items.push(self.value_or_ref(depth + 1)?);
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Dict> {
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.skip_space();
            if self.accept(b">>") {
                return Some(Dict(entries));
            }
            let key = self.name()?;
            entries.push((key, self.value_or_ref(depth + 1)?));
        }
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        if !self.accept(b"/") {
            return None;
        }
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_regular(*byte)) {
            self.at += 1;
            let escaped = (byte == b'#').then(|| self.rest().get(..2)).flatten().and_then(hex_pair);
            if escaped.is_some() {
                self.at += 2;
            }
            name.push(escaped.unwrap_or(byte));
            self.room = self.room.checked_sub(1)?;
        }
        Some(name)
    }

    fn number(&mut self) -> Object {
        let length = self.rest().iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9')).count();
        let text = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        // Some writers put the sign twice.
        let text = text.strip_prefix(b"-").filter(|rest| rest.starts_with(b"-")).unwrap_or(text);
        let number = std::str::from_utf8(text).ok().filter(|text| text.len() <= 40).and_then(|text| text.parse().ok());
        number.map_or(Object::Null, Object::Number)
    }

    /// `(...)` with balanced brackets and escapes; ends at the end of the bytes where it is not closed.
    fn literal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 1_usize);
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' if open == 1 => break,
                b')' => open -= 1,
                b'\\' => {
                    text.extend(self.escape());
                    continue;
                }
                b'\r' => {
                    self.accept(b"\n");
                    text.push(b'\n');
                    continue;
                }
                _ => {}
            }
            text.push(byte);
            self.room = self.room.checked_sub(1)?;
        }
        Some(text)
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                self.accept(b"\n");
                None
            }
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    self.at += 1;
                    value = value * 8 + u32::from(digit - b'0');
                }
                // High-order overflow is ignored (7.3.4.2).
                Some((value & 0xFF) as u8)
            }
            other => Some(other),
        }
    }

    fn hexadecimal(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let end = self.rest().iter().position(|byte| *byte == b'>').unwrap_or(self.rest().len());
        self.room = self.room.checked_sub(end)?;
        let digits: Vec<u8> = self.rest().get(..end).unwrap_or_default().iter().copied().filter(u8::is_ascii_hexdigit).collect();
        self.at += end + 1;
        // An odd last digit stands for itself and a 0 (7.3.4.3).
        let byte = |pair: &[u8]| hex_pair(&[pair.first().copied()?, pair.get(1).copied().unwrap_or(b'0')]);
        Some(digits.chunks(2).filter_map(byte).collect())
    }

    /// Skips what an inline image (8.9.7) holds, behind its `ID`.
    pub(super) fn skip_inline_image(&mut self) {
        let end = self
            .rest()
            .windows(4)
            .position(|window| matches!(window, [before, b'E', b'I', after] if is_space(*before) && is_space(*after)));
        self.at = end.map_or(self.bytes.len(), |end| self.at + end + 3);
    }
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(pair).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

/// White space of a PDF (7.2.2, table 1).
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn starts_value(byte: u8) -> bool {
    matches!(byte, b'/' | b'(' | b'<' | b'[' | b'+' | b'-' | b'.' | b'0'..=b'9')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn object(text: &str) -> Option<Object> {
        Parser::new(text.as_bytes()).object()
    }

    #[test]
    fn values_are_read() {
        for (text, value) in [
            ("12", Object::Number(12.0)),
            ("-.5 ", Object::Number(-0.5)),
            ("--7", Object::Number(-7.0)),
            ("12 0 R", Object::Ref(12)),
            ("true", Object::Bool(true)),
            ("% a comment\n/A#42c", Object::Name(b"ABc".to_vec())),
            (
                r"(a\(b\)(c)\101\n\
d)",
                Object::Text(b"a(b)(c)A\nd".to_vec()),
            ),
            ("<48 656>", Object::Text(b"He`".to_vec())),
            ("[1 2 0 R/X]", Object::Array(vec![Object::Number(1.0), Object::Ref(2), Object::Name(b"X".to_vec())])),
            ("<</A<</B null>>>>", Object::Dict(Dict(vec![(b"A".to_vec(), Object::Dict(Dict(vec![(b"B".to_vec(), Object::Null)])))]))),
        ] {
            assert_eq!(object(text), Some(value), "{text}");
        }
        for text in ["", "]", "[1 2", "<</A 1", "<<1 2>>", "endobj"] {
            assert_eq!(object(text), None, "{text}");
        }
    }

    #[test]
    fn nests_and_numbers_of_values_are_bounded() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(object(&nest(PDF_DEPTH)).is_some());
        assert_eq!(object(&nest(PDF_DEPTH + 2)), None);
        assert_eq!(object(&nest(1_000_000)), None);
        assert_eq!(object(&"<</A".repeat(1_000_000)), None);
        assert_eq!(object(&format!("[{}]", "0 ".repeat(PDF_NODES))), None);
        assert_eq!(object(&format!("[{}]", "1 0 R ".repeat(PDF_NODES))), None);
        assert_eq!(object(&format!("({})", "0".repeat(PDF_STRING_BYTES + 1))), None);
    }

    #[test]
    fn words_are_told_from_values() {
        let mut parser = Parser::new(b"BT /F1 9 Tf[(a)-5]TJ T* (b)' false}");
        let words: Vec<Token> = std::iter::from_fn(|| parser.token()).collect();
        let word = |text: &[u8]| Token::Word(text.to_vec());
        assert_eq!(words.len(), 11);
        assert_eq!((words.first(), words.get(3), words.get(5)), (Some(&word(b"BT")), Some(&word(b"Tf")), Some(&word(b"TJ"))));
        assert_eq!((words.get(6), words.get(8)), (Some(&word(b"T*")), Some(&word(b"'"))));
        assert_eq!(words.last(), Some(&word(b"}")));
    }
}
