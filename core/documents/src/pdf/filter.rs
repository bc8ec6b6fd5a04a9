//! Unpacking of streams (ISO 32000-1, 7.4), each within a limit.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::object::Dict;
use crate::limits::PDF_STREAM_BYTES;
use crate::refused::PdfFault;

/// Bytes that are unpacked at a time.
const PIECE: usize = 16 * 1024;

/// Why a stream was not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    /// It becomes larger than [`PDF_STREAM_BYTES`], or the document larger than all streams may be.
    TooLarge,
    /// Packed by a method that is not read, or damaged from its first byte.
    Unknown,
}

impl From<Packed> for Option<PdfFault> {
    fn from(packed: Packed) -> Self {
        (packed == Packed::TooLarge).then_some(PdfFault::TooLarge { limit: PDF_STREAM_BYTES })
    }
}

/// Unpacks by one filter into at most `room` bytes. What was unpacked before a fault in the data is kept, as every reader of
/// the format does: the ends of streams are often cut.
pub(super) fn unpack(filter: &[u8], params: &Dict, packed: &[u8], room: usize) -> Result<Vec<u8>, Packed> {
    let unpacked = match filter {
        b"FlateDecode" | b"Fl" => inflate(packed, room)?,
        b"LZWDecode" | b"LZW" => lzw(packed, params.get(b"EarlyChange").index() != Some(0), room)?,
        b"ASCII85Decode" | b"A85" => within(ascii85(packed), room)?,
        b"ASCIIHexDecode" | b"AHx" => within(ascii_hex(packed), room)?,
        b"RunLengthDecode" | b"RL" => run_length(packed, room)?,
        _ => return Err(Packed::Unknown),
    };
    predicted(unpacked, params)
}

fn within(unpacked: Vec<u8>, room: usize) -> Result<Vec<u8>, Packed> {
    if unpacked.len() > room { Err(Packed::TooLarge) } else { Ok(unpacked) }
}

fn inflate(packed: &[u8], room: usize) -> Result<Vec<u8>, Packed> {
    let mut decoder = ZlibDecoder::new(packed);
    let mut unpacked = Vec::new();
    let mut length = 0;
    loop {
        // Grows by a quarter, not to the double: a bomb must not take twice what it may.
        let step = (length / 4).max(PIECE).min(room + 1 - length);
        unpacked.reserve_exact(step);
        unpacked.resize(length + step, 0);
        let read = decoder.read(unpacked.get_mut(length..).unwrap_or_default());
        length += *read.as_ref().unwrap_or(&0);
        unpacked.truncate(length);
        match read {
            Ok(0) => break,
            // A fault leaves what came before it.
            Err(_) if length > 0 || packed.is_empty() => break,
            Err(_) => return Err(Packed::Unknown),
            Ok(_) if length > room => return Err(Packed::TooLarge),
            Ok(_) => {}
        }
    }
    unpacked.shrink_to_fit();
    Ok(unpacked)
}

/// 7.4.4: codes of 9 to 12 bits, 256 clears the table, 257 ends.
fn lzw(packed: &[u8], early: bool, room: usize) -> Result<Vec<u8>, Packed> {
    let mut unpacked: Vec<u8> = Vec::new();
    // Each entry is a piece of what was unpacked already.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let (mut bits, mut held, mut width) = (0_u32, 0_u32, 9_u32);
    let mut last: Option<(usize, usize)> = None;
    for byte in packed {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        if held < width {
            continue;
        }
        held -= width;
        let code = ((bits >> held) & ((1 << width) - 1)) as usize;
        if code == 257 {
            break;
        }
        if code == 256 {
            table.clear();
            (width, last) = (9, None);
            continue;
        }
        let start = unpacked.len();
        let piece = if code < 256 { None } else { table.get(code - 258).copied() };
        match (code, piece, last) {
            (0..256, ..) => unpacked.push(u8::try_from(code).unwrap_or_default()),
            (_, Some((from, length)), _) => unpacked.extend_from_within(from..from + length),
            // The entry that is being made: the last piece and its own first byte.
            (_, None, Some((from, length))) if code - 258 == table.len() => {
                unpacked.extend_from_within(from..from + length);
                unpacked.extend_from_within(from..=from);
            }
            _ => break,
        }
        if let Some((from, length)) = last.filter(|_| table.len() < 4096 - 258) {
            // The last piece lies right before this one, so that with one byte more it is the new entry.
            table.push((from, length + 1));
        }
        last = Some((start, unpacked.len() - start));
        let next = table.len() + 258 + usize::from(early) + 1;
        width = match next {
            ..=512 => 9,
            513..=1024 => 10,
            1025..=2048 => 11,
            _ => 12,
        };
        if unpacked.len() > room {
            return Err(Packed::TooLarge);
        }
    }
    Ok(unpacked)
}

fn ascii85(packed: &[u8]) -> Vec<u8> {
    let body = packed.strip_prefix(b"<~").unwrap_or(packed);
    let mut unpacked = Vec::with_capacity(body.len() / 5 * 4);
    let mut group: Vec<u8> = Vec::with_capacity(5);
    for byte in body {
        match byte {
            b'z' if group.is_empty() => unpacked.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            b'~' => break,
            _ => {}
        }
        if group.len() == 5 {
            unpacked.extend(base85(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        let bytes = group.len() - 1;
        group.resize(5, 84);
        unpacked.extend(base85(&group).into_iter().take(bytes));
    }
    unpacked
}

fn base85(group: &[u8]) -> [u8; 4] {
    group.iter().fold(0_u32, |value, digit| value.wrapping_mul(85).wrapping_add(u32::from(*digit))).to_be_bytes()
}

fn ascii_hex(packed: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let digits: Vec<u8> = packed.iter().take_while(|byte| **byte != b'>').filter_map(digit).collect();
    digits.chunks(2).map(|pair| (pair.first().copied().unwrap_or_default() << 4) | pair.get(1).copied().unwrap_or_default()).collect()
}

fn run_length(packed: &[u8], room: usize) -> Result<Vec<u8>, Packed> {
    let mut unpacked = Vec::new();
    let mut rest = packed;
    while let Some((length, behind)) = rest.split_first() {
        let length = usize::from(*length);
        match (length, behind) {
            (..=127, _) => {
                let (piece, behind) = behind.split_at(behind.len().min(length + 1));
                unpacked.extend_from_slice(piece);
                rest = behind;
            }
            // 128 ends.
            (129.., [byte, behind @ ..]) => {
                unpacked.extend(std::iter::repeat_n(*byte, 257 - length));
                rest = behind;
            }
            _ => break,
        }
        if unpacked.len() > room {
            return Err(Packed::TooLarge);
        }
    }
    Ok(unpacked)
}

/// Undoes a predictor (7.4.4.4): TIFF's 2 for whole bytes, PNG's 10 to 15.
fn predicted(unpacked: Vec<u8>, params: &Dict) -> Result<Vec<u8>, Packed> {
    let number = |key: &[u8], usual: usize| params.get(key).index().unwrap_or(usual);
    let predictor = number(b"Predictor", 1);
    if predictor < 2 {
        return Ok(unpacked);
    }
    let (colours, bits, columns) = (number(b"Colors", 1), number(b"BitsPerComponent", 8), number(b"Columns", 1));
    if !(1..=32).contains(&colours) || !matches!(bits, 1 | 2 | 4 | 8 | 16) || columns == 0 || columns > PDF_STREAM_BYTES {
        return Err(Packed::Unknown);
    }
    let pixel = (colours * bits).div_ceil(8);
    let row = (colours * bits * columns).div_ceil(8);
    match predictor {
        2 if bits == 8 => Ok(tiff(unpacked, pixel, row)),
        10..=15 => Ok(png(&unpacked, pixel, row)),
        _ => Err(Packed::Unknown),
    }
}

fn tiff(mut bytes: Vec<u8>, pixel: usize, row: usize) -> Vec<u8> {
    for row in bytes.chunks_mut(row) {
        for at in pixel..row.len() {
            let left = row.get(at - pixel).copied().unwrap_or_default();
            if let Some(byte) = row.get_mut(at) {
                *byte = byte.wrapping_add(left);
            }
        }
    }
    bytes
}

/// The filters of PNG (ISO/IEC 15948, 9.2): each row behind a byte that names its filter.
fn png(bytes: &[u8], pixel: usize, row: usize) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut above = vec![0; row];
    for filtered in bytes.chunks(row + 1) {
        let Some((filter, filtered)) = filtered.split_first() else { break };
        let start = plain.len();
        for (at, byte) in filtered.iter().enumerate() {
            let left = if at < pixel { 0 } else { plain.get(start + at - pixel).copied().unwrap_or_default() };
            let up = above.get(at).copied().unwrap_or_default();
            let corner = if at < pixel { 0 } else { above.get(at - pixel).copied().unwrap_or_default() };
            let guess = match filter {
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            plain.push(byte.wrapping_add(guess));
        }
        above.clear();
        above.extend_from_slice(plain.get(start..).unwrap_or_default());
        above.resize(row, 0);
    }
    plain
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let [by_left, by_up, by_corner] = [left, up, corner].map(|value| (guess - i16::from(value)).abs());
    if by_left <= by_up && by_left <= by_corner {
        left
    } else if by_up <= by_corner {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::io::Write;

    use super::super::object::Object;
    use super::*;

    fn plain(filter: &[u8], packed: &[u8]) -> Result<Vec<u8>, Packed> {
        unpack(filter, &Dict::default(), packed, 1000)
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_filter_unpacks() {
        assert_eq!(plain(b"FlateDecode", &deflate(b"invoice")).unwrap(), b"invoice");
        assert_eq!(plain(b"ASCII85Decode", b"<~87cUR\nD]i,\"~>").unwrap(), b"Hello Wo");
        assert_eq!(plain(b"A85", b"z87cUR~>").unwrap(), b"\0\0\0\0Hell");
        assert_eq!(plain(b"ASCIIHexDecode", b"48 65 6C6C 7>").unwrap(), b"Hellp");
        assert_eq!(plain(b"RunLengthDecode", b"\x01ab\xFEx\x80z").unwrap(), b"abxxx");
        // The example of ISO 32000-1, 7.4.4.2.
        let packed = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        assert_eq!(plain(b"LZWDecode", &packed).unwrap(), [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
        assert_eq!(plain(b"JBIG2Decode", b""), Err(Packed::Unknown));
    }

    #[test]
    fn a_cut_stream_gives_what_it_has() {
        let whole = deflate(&(0..200).collect::<Vec<u8>>());
        let cut = plain(b"FlateDecode", whole.get(..whole.len() - 20).unwrap()).unwrap();
        assert!(!cut.is_empty() && cut.len() <= 200);
        assert_eq!(plain(b"FlateDecode", b"no zlib"), Err(Packed::Unknown));
    }

    #[test]
    fn what_grows_too_large_is_refused() {
        assert_eq!(plain(b"FlateDecode", &deflate(&[0; 1001])), Err(Packed::TooLarge));
        assert_eq!(plain(b"RunLengthDecode", &b"\x81a".repeat(8)), Err(Packed::TooLarge));
        assert_eq!(plain(b"A85", &b"z".repeat(251)), Err(Packed::TooLarge));
        let codes: Vec<u8> = (0..200_u8).collect();
        assert!(plain(b"LZWDecode", &codes).is_ok());
    }

    #[test]
    fn predictors_are_undone() {
        let params = |predictor: u32, columns: u32| {
            Dict(
                [(&b"Predictor"[..], predictor), (b"Columns", columns)]
                    .map(|(key, value)| (key.to_vec(), Object::Number(value.into())))
                    .into(),
            )
        };
        let rows = [[1, 5, 1, 1], [2, 1, 1, 1], [3, 2, 2, 2], [4, 1, 1, 1]].concat();
        let expected = [5, 6, 7, 6, 7, 8, 5, 8, 10, 6, 9, 11];
        assert_eq!(unpack(b"Fl", &params(15, 3), &deflate(&rows), 1000).unwrap(), expected);
        assert_eq!(unpack(b"Fl", &params(2, 3), &deflate(&[1, 1, 1, 5, 1, 1]), 1000).unwrap(), [1, 2, 3, 5, 6, 7]);
        assert_eq!(unpack(b"Fl", &params(9, 3), &deflate(&rows), 1000), Err(Packed::Unknown));
        assert_eq!(unpack(b"Fl", &params(15, 0), &deflate(&rows), 1000), Err(Packed::Unknown));
    }
}
