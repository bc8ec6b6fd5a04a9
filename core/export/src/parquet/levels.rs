//! Small whole numbers, packed bit by bit: the format's hybrid of runs and bit packing.

use std::io::{self, Read};

use super::thrift::{unsigned, varint};

/// Bits that each of `distinct` numbers from 0 takes; at least one.
pub(super) fn width(distinct: usize) -> u32 {
    (usize::BITS - distinct.saturating_sub(1).leading_zeros()).max(1)
}

/// Writes the numbers, each below 2^`width`.
pub(super) fn pack(out: &mut Vec<u8>, width: u32, numbers: &[u32]) {
    let Some(first) = numbers.first() else { return };
    if numbers.iter().all(|number| number == first) {
        varint(out, (numbers.len() as u64) << 1);
        out.extend(first.to_le_bytes().into_iter().take(width.div_ceil(8) as usize));
        return;
    }
    let eights = numbers.len().div_ceil(8);
    varint(out, (eights as u64) << 1 | 1);
    let (mut word, mut bits) = (0_u64, 0);
    let padding = std::iter::repeat_n(&0, eights * 8 - numbers.len());
    for number in numbers.iter().chain(padding) {
        word |= u64::from(*number) << bits;
        bits += width;
        while bits >= 8 {
            out.push((word & 0xFF) as u8);
            word >>= 8;
            bits -= 8;
        }
    }
}

/// Reads so many numbers.
pub(super) fn unpack(mut from: &[u8], width: u32, count: usize) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        let head = unsigned(&mut from)?;
        let left = count - numbers.len();
        if head & 1 == 0 {
            let mut number = [0; 4];
            from.read_exact(number.get_mut(..width.div_ceil(8) as usize).unwrap_or_default())?;
            let run = usize::try_from(head >> 1).unwrap_or(usize::MAX).min(left);
            numbers.extend(std::iter::repeat_n(u32::from_le_bytes(number), run));
        } else {
            let eights = usize::try_from(head >> 1).unwrap_or(usize::MAX);
            unpack_bits(&mut from, width, eights.saturating_mul(8), left, &mut numbers)?;
        }
    }
    Ok(numbers)
}

/// `packed` numbers, of which the first `wanted` count.
fn unpack_bits(from: &mut &[u8], width: u32, packed: usize, wanted: usize, numbers: &mut Vec<u32>) -> io::Result<()> {
    let bytes = packed.saturating_mul(width as usize) / 8;
    let (part, rest) = from.split_at_checked(bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
    *from = rest;
    let (mut word, mut bits) = (0_u64, 0);
    let mut part = part.iter();
    for _ in 0..packed.min(wanted) {
        while bits < width {
            word |= u64::from(*part.next().ok_or(io::ErrorKind::UnexpectedEof)?) << bits;
            bits += 8;
        }
        numbers.push((word & ((1 << width) - 1)) as u32);
        word >>= width;
        bits -= width;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_are_those_of_the_largest_number() {
        assert_eq!([0, 1, 2, 3, 4, 5, 256, 257].map(width), [1, 1, 1, 2, 2, 3, 8, 9]);
    }

    #[test]
    fn eight_numbers_lie_as_the_format_says() {
        let mut out = Vec::new();
        pack(&mut out, 3, &[0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(out, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        out.clear();
        pack(&mut out, 1, &[1; 300]);
        assert_eq!(out, [0xD8, 0x04, 1]);
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(width in 1_u32..=20, seeds in prop::collection::vec(any::<u32>(), 1..300), is_flat in any::<bool>()) {
            let numbers: Vec<u32> = seeds.iter().map(|seed| if is_flat { 1 } else { seed & ((1 << width) - 1) }).collect();
            let mut out = Vec::new();
            pack(&mut out, width, &numbers);
            prop_assert_eq!(unpack(&out, width, numbers.len()).unwrap(), numbers);
            prop_assert!(unpack(&out, width, 8 * 300).is_err());
        }
    }
}
