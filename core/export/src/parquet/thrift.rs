//! The compact protocol of Thrift, as far as the heads and the foot of a Parquet file need it.

use std::collections::BTreeMap;
use std::io::{self, Read};

/// How deep structures lie in each other in any Parquet file; a damaged one must not take the stack.
const DEPTH: u8 = 16;

/// Types on the wire.
pub(super) mod kind {
    pub(in crate::parquet) const TRUE: u8 = 1;
    pub(in crate::parquet) const FALSE: u8 = 2;
    pub(in crate::parquet) const BYTE: u8 = 3;
    pub(in crate::parquet) const I16: u8 = 4;
    pub(in crate::parquet) const I32: u8 = 5;
    pub(in crate::parquet) const I64: u8 = 6;
    pub(in crate::parquet) const BINARY: u8 = 8;
    pub(in crate::parquet) const LIST: u8 = 9;
    pub(in crate::parquet) const STRUCT: u8 = 12;
}

/// Writes one structure; fields come in the order of their ids, at most 15 apart.
#[derive(Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    last: u8,
}

impl Writer {
    /// The structure, finished.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.out.push(0);
        self.out
    }

    pub(super) fn flag(&mut self, id: u8, value: bool) {
        self.head(id, if value { kind::TRUE } else { kind::FALSE });
    }

    pub(super) fn byte(&mut self, id: u8, value: u8) {
        self.head(id, kind::BYTE);
        self.out.push(value);
    }

    pub(super) fn i32(&mut self, id: u8, value: i32) {
        self.head(id, kind::I32);
        zigzag(&mut self.out, value.into());
    }

    pub(super) fn i64(&mut self, id: u8, value: i64) {
        self.head(id, kind::I64);
        zigzag(&mut self.out, value);
    }

    pub(super) fn text(&mut self, id: u8, value: &str) {
        self.head(id, kind::BINARY);
        bytes(&mut self.out, value);
    }

    pub(super) fn structure(&mut self, id: u8, fill: impl FnOnce(&mut Self)) {
        self.head(id, kind::STRUCT);
        let mut inner = Self::default();
        fill(&mut inner);
        self.out.extend(inner.finish());
    }

    pub(super) fn i32_list(&mut self, id: u8, values: &[i32]) {
        self.list(id, kind::I32, values.len());
        values.iter().for_each(|value| zigzag(&mut self.out, (*value).into()));
    }

    pub(super) fn text_list(&mut self, id: u8, values: &[&str]) {
        self.list(id, kind::BINARY, values.len());
        values.iter().for_each(|value| bytes(&mut self.out, value));
    }

    pub(super) fn structure_list<T>(&mut self, id: u8, values: &[T], mut fill: impl FnMut(&mut Self, &T)) {
        self.list(id, kind::STRUCT, values.len());
        for value in values {
            let mut inner = Self::default();
            fill(&mut inner, value);
            self.out.extend(inner.finish());
        }
    }

    fn list(&mut self, id: u8, of: u8, len: usize) {
        self.head(id, kind::LIST);
        match u8::try_from(len) {
            Ok(short @ 0..15) => self.out.push(short << 4 | of),
            _ => {
                self.out.push(0xF0 | of);
                varint(&mut self.out, len as u64);
            }
        }
    }

    fn head(&mut self, id: u8, of: u8) {
        let step = id.saturating_sub(self.last);
        debug_assert!((1..=15).contains(&step), "fields come in order");
        self.out.push(step << 4 | of);
        self.last = id;
    }
}

/// A whole number, seven bits a byte, the lowest first.
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(out: &mut Vec<u8>, value: i64) {
    varint(out, (value << 1 ^ value >> 63) as u64);
}

fn bytes(out: &mut Vec<u8>, value: &str) {
    varint(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}

/// The fields of a structure by their ids.
pub(super) struct Fields(BTreeMap<i64, Value>);

enum Value {
    Number(i64),
    List(Vec<Value>),
    Struct(Fields),
    /// A flag or a text, which nobody asks for.
    Other,
}

impl Fields {
    /// Reads a structure; fields of later versions of the format are read like any other.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        fields(from, DEPTH)
    }

    pub(super) fn number(&self, id: i64) -> Option<i64> {
        if let Some(Value::Number(number)) = self.0.get(&id) { Some(*number) } else { None }
    }

    pub(super) fn structure(&self, id: i64) -> Option<&Self> {
        if let Some(Value::Struct(fields)) = self.0.get(&id) { Some(fields) } else { None }
    }

    /// The structures of a list.
    pub(super) fn structures(&self, id: i64) -> Vec<&Self> {
        let Some(Value::List(values)) = self.0.get(&id) else { return Vec::new() };
        values.iter().filter_map(|value| if let Value::Struct(fields) = value { Some(fields) } else { None }).collect()
    }
}

fn fields(from: &mut impl Read, depth: u8) -> io::Result<Fields> {
    let mut found = BTreeMap::new();
    let mut last = 0;
    loop {
        let head = byte(from)?;
        if head == 0 {
            return Ok(Fields(found));
        }
        last = match head >> 4 {
            0 => number(from)?,
            step => last + i64::from(step),
        };
        found.insert(last, value(from, head & 0x0F, depth)?);
    }
}

fn value(from: &mut impl Read, of: u8, depth: u8) -> io::Result<Value> {
    let Some(depth) = depth.checked_sub(1) else { return Err(damaged()) };
    Ok(match of {
        kind::TRUE | kind::FALSE => Value::Other,
        kind::BYTE => Value::Number(byte(from)?.cast_signed().into()),
        kind::I16 | kind::I32 | kind::I64 => Value::Number(number(from)?),
        kind::BINARY => {
            let length = unsigned(from)?;
            if io::copy(&mut from.by_ref().take(length), &mut io::sink())? != length {
                return Err(damaged());
            }
            Value::Other
        }
        kind::LIST => {
            let head = byte(from)?;
            let len = if head >> 4 == 0x0F { unsigned(from)? } else { u64::from(head >> 4) };
            Value::List((0..len).map(|_| value(from, head & 0x0F, depth)).collect::<io::Result<_>>()?)
        }
        kind::STRUCT => Value::Struct(fields(from, depth)?),
        _ => return Err(damaged()),
    })
}

fn byte(from: &mut impl Read) -> io::Result<u8> {
    let mut one = [0];
    from.read_exact(&mut one)?;
    Ok(one[0])
}

/// What [`varint`] wrote.
pub(super) fn unsigned(from: &mut impl Read) -> io::Result<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let byte = byte(from)?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    // The tenth byte has the last bit alone.
    match byte(from)? {
        last @ 0..=1 => Ok(number | u64::from(last) << 63),
        _ => Err(damaged()),
    }
}

fn number(from: &mut impl Read) -> io::Result<i64> {
    let coded = unsigned(from)?;
    Ok((coded >> 1).cast_signed() ^ -(coded & 1).cast_signed())
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the head of a part of the file is damaged")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, 1, -1, 63, -64, 64, i64::MAX, i64::MIN];
        for number in numbers {
            let mut writer = Writer::default();
            writer.i32(1, -7);
            writer.flag(2, true);
            writer.text(4, "发票");
            writer.i64(5, number);
            writer.structure(9, |inner| inner.byte(1, 64));
            writer.structure_list(10, &[1, 2, 3], |inner, value| inner.i32(3, *value));
            writer.structure_list(11, &[0; 20], |inner, value| inner.i32(1, *value));
            writer.i32_list(12, &[5, -5]);
            writer.text_list(13, &["甲", ""]);
            let bytes = writer.finish();
            let mut rest = bytes.as_slice();
            let read = Fields::read(&mut rest).unwrap();
            assert!(rest.is_empty());
            assert_eq!((read.number(1), read.number(4), read.number(5)), (Some(-7), None, Some(number)));
            assert_eq!(read.structure(9).unwrap().number(1), Some(64));
            assert_eq!(read.structures(10).iter().map(|one| one.number(3).unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
            assert_eq!(read.structures(11).len(), 20);
        }
    }

    #[test]
    fn damage_is_an_error() {
        assert!(Fields::read(&mut [0x1C_u8; 100].as_slice()).is_err(), "structures without an end");
        assert!(Fields::read(&mut [0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1].as_slice()).is_err(), "a text that is cut off");
        assert!(Fields::read(&mut [0x16, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02, 0].as_slice()).is_err());
    }
}
