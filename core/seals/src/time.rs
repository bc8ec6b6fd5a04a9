//! Times as certificates, seals and `Signature.xml` write them. A time without a zone is Asia/Shanghai's.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::der::{BITS, DerFault, GENERALIZED_TIME, UTC_TIME, Value};

/// China has kept UTC+8 without summer time since 1991.
const SHANGHAI: Offset = Offset::constant(8);

/// UTCTime or GeneralizedTime; also a BIT STRING with a time in it, which GM/T 0031 seals have.
pub(crate) fn of_value(value: Value<'_>) -> Result<Timestamp, DerFault> {
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| DerFault::Value);
    let found = match value.tag {
        // RFC 5280: years below 50 are of this century.
        UTC_TIME => match text(value.body)? {
            body if body.as_bytes().first().is_some_and(|digit| *digit < b'5') => compact(&format!("20{body}")),
            body => compact(&format!("19{body}")),
        },
        GENERALIZED_TIME => compact(text(value.body)?),
        BITS => {
            let bytes = value.bits()?;
            return match Value::only(bytes) {
                Ok(inner) if matches!(inner.tag, UTC_TIME | GENERALIZED_TIME) => of_value(inner),
                _ => of_text(text(bytes)?).ok_or(DerFault::Value),
            };
        }
        _ => return Err(DerFault::Type),
    };
    found.ok_or(DerFault::Value)
}

/// `20200817111329Z`, `20201010151120`, `2020-07-16 16:04:27`, `2020-01-25T07:31:56.377Z` and their like.
pub(crate) fn of_text(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > 40 {
        return None;
    }
    if text.contains('-') && text.as_bytes().get(4) == Some(&b'-') {
        let digits: String = text.chars().filter(|c| !matches!(c, '-' | ':' | 'T' | ' ')).collect();
        // A zone behind the time keeps its sign and colon.
        let zoned = text.get(19..).and_then(|tail| tail.find(['+', '-']).map(|at| &tail[at..]));
        return match zoned {
            Some(_) => text.replacen(' ', "T", 1).parse().ok(),
            None => compact(&digits),
        };
    }
    compact(text)
}

/// `yyyyMMddHHmm[ss][.fraction][Z|+hhmm|-hhmm]`.
fn compact(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (date, mut tail) = text.split_at_checked(digits)?;
    let number = |from: usize, to: usize| date.get(from..to)?.parse::<i16>().ok();
    let small = |from, to| number(from, to).and_then(|number| i8::try_from(number).ok());
    let second = match digits {
        12 => 0,
        14 => small(12, 14)?,
        _ => return None,
    };
    if let Some(fraction) = tail.strip_prefix('.') {
        tail = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let offset = match tail {
        "" => SHANGHAI,
        "Z" => Offset::UTC,
        zone => zone_of(zone)?,
    };
    let civil = DateTime::new(number(0, 4)?, small(4, 6)?, small(6, 8)?, small(8, 10)?, small(10, 12)?, second, 0).ok()?;
    civil.to_zoned(TimeZone::fixed(offset)).ok().map(|zoned| zoned.timestamp())
}

/// `+hhmm` or `-hhmm`.
fn zone_of(zone: &str) -> Option<Offset> {
    let (sign, digits) = zone.split_at_checked(1)?;
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..)?.parse::<i32>().ok()?);
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn times_of_seals_and_certificates() {
        for (tag, body, expected) in [
            (UTC_TIME, "191218125346Z", "2019-12-18T12:53:46Z"),
            (UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (UTC_TIME, "2001010000Z", "2020-01-01T00:00:00Z"),
            (UTC_TIME, "200101000000+0800", "2019-12-31T16:00:00Z"),
            (GENERALIZED_TIME, "20200817111329Z", "2020-08-17T11:13:29Z"),
            (GENERALIZED_TIME, "20200817111329.5Z", "2020-08-17T11:13:29Z"),
            (GENERALIZED_TIME, "20200817191329", "2020-08-17T11:13:29Z"),
            (BITS, "\x002020-01-25T07:31:56.377Z", "2020-01-25T07:31:56Z"),
            (BITS, "\0\x17\x0D200422021807Z", "2020-04-22T02:18:07Z"),
        ] {
            let body = body.as_bytes();
            assert_eq!(of_value(Value { tag, body, whole: body }).unwrap().to_string(), expected);
        }
        for (tag, body) in [
            (UTC_TIME, ""),
            (UTC_TIME, "20Z"),
            (UTC_TIME, "201301000000Z"),
            (GENERALIZED_TIME, "2020"),
            (GENERALIZED_TIME, "20200817111360Z"),
            (GENERALIZED_TIME, "20200817111329+99"),
            (GENERALIZED_TIME, "二〇二〇"),
            (BITS, "\0x"),
            (BITS, ""),
            (0x04, "20200817111329Z"),
        ] {
            let body = body.as_bytes();
            assert!(of_value(Value { tag, body, whole: body }).is_err());
        }
    }

    #[test]
    fn times_of_the_manifest() {
        for (text, expected) in [
            ("20200817111329Z", "2020-08-17T11:13:29Z"),
            ("20201010151120", "2020-10-10T07:11:20Z"),
            (" 2020-07-16 16:04:27 ", "2020-07-16T08:04:27Z"),
            ("2020-07-16T16:04:27Z", "2020-07-16T16:04:27Z"),
            ("2020-07-16T16:04:27+08:00", "2020-07-16T08:04:27Z"),
        ] {
            assert_eq!(of_text(text).unwrap().to_string(), expected);
        }
        assert!(["", "2020-07-16", "yesterday", "2020-13-40 99:99:99"].iter().all(|text| of_text(text).is_none()));
    }
}
