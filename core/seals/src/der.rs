//! Reads distinguished encoding (X.690, DER) value by value, over borrowed bytes: nothing is copied, nothing recurses.

/// Why bytes are not the DER that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DerFault {
    /// A value goes on behind the end.
    #[error("cut short")]
    Truncated,
    /// A length without a number: BER, which is legal elsewhere.
    #[error("a length of BER, not DER")]
    Indefinite,
    /// A length in more bytes than it needs, or beyond 4 GiB.
    #[error("a length that is not DER")]
    Length,
    /// Another type than expected, or nothing.
    #[error("another type than expected")]
    Type,
    /// Bytes behind the last value.
    #[error("bytes behind the end")]
    Trailing,
    /// A value out of its range.
    #[error("a value out of range")]
    Value,
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BITS: u8 = 0x03;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Explicit context tag `[number]`.
pub(crate) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// One value: its tag, what is in it, and all its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    pub tag: u8,
    pub body: &'a [u8],
    pub whole: &'a [u8],
}

impl<'a> Value<'a> {
    /// The only value in `bytes`.
    pub fn only(bytes: &'a [u8]) -> Result<Self, DerFault> {
        let mut reader = Reader::new(bytes);
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }

    /// As [`Value::only`], of this type.
    pub fn only_of(tag: u8, bytes: &'a [u8]) -> Result<Self, DerFault> {
        let value = Self::only(bytes)?;
        if value.tag == tag { Ok(value) } else { Err(DerFault::Type) }
    }

    /// What is in a constructed value.
    pub fn parts(self) -> Reader<'a> {
        Reader::new(self.body)
    }

    /// BIT STRING of whole bytes.
    pub fn bits(self) -> Result<&'a [u8], DerFault> {
        match (self.tag, self.body) {
            (BITS, [0, bytes @ ..]) => Ok(bytes),
            (BITS, _) => Err(DerFault::Value),
            _ => Err(DerFault::Type),
        }
    }

    /// INTEGER from 0 to 2^31 - 1.
    pub fn small(self) -> Result<u32, DerFault> {
        let bytes = self.unsigned()?;
        if bytes.len() > 4 {
            return Err(DerFault::Value);
        }
        Ok(bytes.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte)))
    }

    /// INTEGER that is not negative, without the leading zero; empty for 0.
    pub fn unsigned(self) -> Result<&'a [u8], DerFault> {
        match (self.tag, self.body) {
            (INTEGER, [0, second, ..]) if *second < 0x80 => Err(DerFault::Value),
            (INTEGER, [0, rest @ ..]) => Ok(rest),
            (INTEGER, [first, ..]) if *first < 0x80 => Ok(self.body),
            (INTEGER, _) => Err(DerFault::Value),
            _ => Err(DerFault::Type),
        }
    }

    /// BOOLEAN; any byte but 0 is true, as BER has it and real certificates too.
    pub fn truth(self) -> Result<bool, DerFault> {
        match (self.tag, self.body) {
            (BOOLEAN, [byte]) => Ok(*byte != 0),
            _ => Err(DerFault::Type),
        }
    }
}

/// Values side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next value.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next value.
    pub fn value(&mut self) -> Result<Value<'a>, DerFault> {
        let (tag, first) = match self.rest {
            [] => return Err(DerFault::Type),
            [tag, ..] if tag & 0x1F == 0x1F => return Err(DerFault::Type),
            [_] => return Err(DerFault::Truncated),
            [tag, first, ..] => (*tag, *first),
        };
        let (header, length) = self.length(first)?;
        let end = header.checked_add(length).ok_or(DerFault::Truncated)?;
        let (whole, rest) = self.rest.split_at_checked(end).ok_or(DerFault::Truncated)?;
        self.rest = rest;
        Ok(Value { tag, body: whole.get(header..).unwrap_or_default(), whole })
    }

    /// Bytes of the header and of the body.
    fn length(&self, first: u8) -> Result<(usize, usize), DerFault> {
        if first < 0x80 {
            return Ok((2, usize::from(first)));
        }
        let count = usize::from(first & 0x7F);
        match count {
            0 => return Err(DerFault::Indefinite),
            1..=4 => {}
            _ => return Err(DerFault::Length),
        }
        let bytes = self.rest.get(2..2 + count).ok_or(DerFault::Truncated)?;
        let length = bytes.iter().fold(0_u64, |length, byte| (length << 8) | u64::from(*byte));
        let shortest = length >= 0x80 && bytes.first().is_some_and(|byte| *byte != 0);
        if !shortest {
            return Err(DerFault::Length);
        }
        Ok((2 + count, usize::try_from(length).map_err(|_| DerFault::Length)?))
    }

    /// The next value, which must be of this type.
    pub fn of(&mut self, tag: u8) -> Result<Value<'a>, DerFault> {
        let mut ahead = *self;
        let value = ahead.value()?;
        if value.tag != tag {
            return Err(DerFault::Type);
        }
        *self = ahead;
        Ok(value)
    }

    /// The next value when it is of this type.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, DerFault> {
        if self.peek() == Some(tag) { self.value().map(Some) } else { Ok(None) }
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), DerFault> {
        if self.is_empty() { Ok(()) } else { Err(DerFault::Trailing) }
    }
}

/// A SEQUENCE around encoded parts: for values that are signed together but do not stand together.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = Vec::with_capacity(length + 10);
    out.push(SEQUENCE);
    if length < 0x80 {
        out.push(digits.first().copied().unwrap_or_default());
    } else {
        // At most eight bytes of length, so the cast keeps the count.
        out.push(0x80 | digits.len() as u8);
        out.extend(digits);
    }
    out.extend(parts.iter().copied().flatten());
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn values_are_read_one_by_one() {
        let bytes = [0x30, 0x06, 0x02, 0x01, 0x04, 0x04, 0x01, 0xFF];
        let mut parts = Value::only_of(SEQUENCE, &bytes).unwrap().parts();
        assert_eq!(parts.of(INTEGER).unwrap().small(), Ok(4));
        assert_eq!(parts.of(SET), Err(DerFault::Type));
        assert_eq!(parts.of(OCTETS).unwrap().body, [0xFF]);
        assert_eq!((parts.end(), parts.value()), (Ok(()), Err(DerFault::Type)));
    }

    #[test]
    fn what_is_not_der_is_refused() {
        for (bytes, fault) in [
            (&[0x04][..], DerFault::Truncated),
            (&[0x04, 0x02, 0x00], DerFault::Truncated),
            (&[0x04, 0x82, 0x01], DerFault::Truncated),
            (&[0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], DerFault::Truncated),
            (&[0x30, 0x80, 0x00, 0x00], DerFault::Indefinite),
            (&[0x04, 0x81, 0x01, 0x00], DerFault::Length),
            (&[0x04, 0x82, 0x00, 0x81], DerFault::Length),
            (&[0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00], DerFault::Length),
            (&[0x1F, 0x81, 0x01, 0x00], DerFault::Type),
            (&[0x04, 0x00, 0x00], DerFault::Trailing),
            (&[], DerFault::Type),
        ] {
            assert_eq!(Value::only(bytes), Err(fault), "{bytes:02x?}");
        }
    }

    #[test]
    fn numbers_are_positive_and_short() {
        let number = |bytes: &[u8]| Value::only(bytes).unwrap().small();
        assert_eq!(number(&[2, 1, 0]), Ok(0));
        assert_eq!(number(&[2, 2, 0, 0x80]), Ok(128));
        assert_eq!(number(&[2, 4, 0x7F, 0xFF, 0xFF, 0xFF]), Ok(0x7FFF_FFFF));
        for wrong in [&[2, 1, 0x80][..], &[2, 2, 0, 1], &[2, 0], &[2, 5, 1, 0, 0, 0, 0]] {
            assert_eq!(number(wrong), Err(DerFault::Value), "{wrong:02x?}");
        }
        assert_eq!(Value::only(&[3, 2, 1, 0]).unwrap().bits(), Err(DerFault::Value));
    }

    #[test]
    fn a_sequence_is_put_together() {
        assert_eq!(sequence(&[&[5, 0], &[5, 0]]), [0x30, 4, 5, 0, 5, 0]);
        assert_eq!(sequence(&[]), [0x30, 0]);
        let long = sequence(&[&[7; 300]]);
        assert_eq!(Value::only(&long).unwrap().body, [7; 300]);
    }
}
