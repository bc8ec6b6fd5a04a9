//! The text in an invoice's QR code, and its checksum.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

use jiff::civil::Date;

use crate::key::InvoiceKey;
use crate::kind::Kind;
use crate::money::Money;

/// CRC-16/UMTS (polynomial 0x8005, start 0, nothing reflected) over the payload up to and with the comma before the
/// checksum; confirmed on eight published payloads.
#[must_use]
pub fn checksum(payload: &str) -> String {
    let mut crc: u16 = 0;
    for byte in payload.bytes() {
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x8005 };
        }
    }
    format!("{crc:04X}")
}

/// The payload of an invoice: `01,kind,code,number,amount,yyyyMMdd,check code,CRC`.
///
/// `amount` is 价税合计 on 20-digit invoices and 不含税金额 on older ones. None for a kind without a known QR type.
#[must_use]
pub fn payload(key: &InvoiceKey, kind: &Kind, amount: Money, issued_on: Date, check_code: &str) -> Option<String> {
    let qr_kind = &kind.info()?.qr;
    if qr_kind.is_empty() {
        return None;
    }
    let code = key.code().unwrap_or_default();
    let day = issued_on.strftime("%Y%m%d");
    let head = format!("01,{qr_kind},{code},{},{amount},{day},{check_code},", key.number());
    let crc = checksum(&head);
    Some(format!("{head}{crc}"))
}

/// What an invoice's QR code states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The type field as it stands: `10`, `31`.
    pub kind_code: String,
    /// The kind that the type field means; none for one that the table of kinds does not know.
    pub kind: Option<Kind>,
    /// 发票号码, with 发票代码 on older invoices.
    pub key: InvoiceKey,
    /// 价税合计 on 20-digit invoices, 不含税金额 on older ones.
    pub amount: Money,
    /// 开票日期.
    pub issued_on: Date,
    /// 校验码 of older invoices, 20 digits; else empty.
    pub check_code: String,
    /// Whether the checksum fits.
    pub checksum: Checksum,
}

/// The checksum of a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Checksum {
    /// It is that of the text.
    Fits,
    /// It is not: the code is not one that the bureau made, or it was altered.
    Differs {
        /// In the code.
        stated: String,
        /// Of the text.
        computed: String,
    },
    /// The code has none.
    Absent,
}

impl Payload {
    /// Reads the whole of a QR code's text. None when it is no invoice: an address, a vendor's JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (payload, rest) = Self::leading(text.trim())?;
        rest.is_empty().then_some(payload)
    }

    /// The first payload within a text, whatever it is glued to: text layers of PDF files run it into their neighbours.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        text.match_indices("01,").find_map(|(at, _)| Self::leading(text.get(at..)?)).map(|(payload, _)| payload)
    }

    /// The payload at the start of a text, and what follows it.
    ///
    /// `01,KK,[10 or 12 digits],8 or 20 digits,amount,yyyyMMdd,[20 digits],[4 hexadecimal digits][,]`
    fn leading(text: &str) -> Option<(Self, &str)> {
        let rest = text.strip_prefix("01,")?;
        let (kind_code, rest) = cell(rest, digits)?;
        let (code, rest) = cell(rest, digits)?;
        let (number, rest) = cell(rest, digits)?;
        let (amount, rest) = cell(rest, |c| c.is_ascii_digit() || matches!(c, '.' | '-'))?;
        let (day, rest) = cell(rest, digits)?;
        let (check_code, rest) = cell(rest, digits)?;
        let head = text.get(..text.len() - rest.len())?;
        let shape = (kind_code.len(), code.len(), number.len(), check_code.len());
        if !matches!(shape, (2, 0, 20, 0) | (2, 10 | 12, 8, 0 | 20)) {
            return None;
        }
        let (stated, rest) = match rest.get(..4) {
            Some(four) if four.bytes().all(|byte| byte.is_ascii_hexdigit()) => (four, rest.get(4..)?),
            _ => ("", rest),
        };
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let payload = Self {
            kind_code: kind_code.to_owned(),
            kind: kind_of(kind_code),
            key: InvoiceKey::new(None, Some(code), Some(number)).ok()?,
            amount: amount_of(amount)?,
            issued_on: day_of(day)?,
            check_code: check_code.to_owned(),
            checksum: Checksum::of(head, stated),
        };
        Some((payload, rest))
    }
}

impl Checksum {
    fn of(head: &str, stated: &str) -> Self {
        if stated.is_empty() {
            return Self::Absent;
        }
        let computed = checksum(head);
        if computed.eq_ignore_ascii_case(stated) { Self::Fits } else { Self::Differs { stated: stated.to_owned(), computed } }
    }
}

fn digits(character: char) -> bool {
    character.is_ascii_digit()
}

/// The characters up to the next comma, all of which must be of that class, and what follows the comma.
fn cell(text: &str, class: fn(char) -> bool) -> Option<(&str, &str)> {
    let (cell, rest) = text.split_once(',')?;
    (cell.len() <= 20 && cell.chars().all(class)).then_some((cell, rest))
}

/// The kind with this type field; the first of the table where several share it.
fn kind_of(code: &str) -> Option<Kind> {
    Kind::all().find(|kind| kind.info().is_some_and(|info| info.qr == code))
}

/// Digits with at most two decimals, negative on red invoices.
fn amount_of(text: &str) -> Option<Money> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (yuan, fen) = plain.split_once('.').unwrap_or((plain, ""));
    let shape = !yuan.is_empty() && yuan.len() <= 12 && fen.len() <= 2 && yuan.bytes().chain(fen.bytes()).all(|byte| byte.is_ascii_digit());
    if shape { Money::from_str(text).ok() } else { None }
}

fn day_of(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::print_stderr,
        reason = "a test may panic and says what it skipped"
    )]
    use super::*;

    #[test]
    fn published_payloads_carry_our_checksum() {
        for (head, crc) in [
            ("01,10,050001700111,12235358,10000.00,20200805,16630282980991510014,", "7257"),
            ("01,31,,26442000004359167806,1705400.00,20260421,,", "8EEF"),
            ("01,10,033002000211,83089647,510.68,20200723,16197833567414507415,", "0941"),
        ] {
            assert_eq!(checksum(head), crc);
        }
    }

    #[test]
    fn a_digital_invoice_has_no_code() {
        let key = "26442000004359167806".parse().unwrap();
        let text = payload(&key, &Kind::from_code("81"), "1705400".parse().unwrap(), jiff::civil::date(2026, 4, 21), "").unwrap();
        assert_eq!(text, "01,31,,26442000004359167806,1705400.00,20260421,,8EEF");
    }

    #[test]
    fn both_generations_are_read() {
        let old = Payload::parse("01,10,050001700111,12235358,10000.00,20200805,16630282980991510014,7257,").unwrap();
        assert_eq!((old.key.to_string().as_str(), old.kind.unwrap().code()), ("050001700111-12235358", "10"));
        assert_eq!((old.amount.to_string().as_str(), old.issued_on), ("10000.00", jiff::civil::date(2020, 8, 5)));
        assert_eq!((old.check_code.as_str(), old.checksum), ("16630282980991510014", Checksum::Fits));
        let new = Payload::parse(" 01,31,,26442000004359167806,1705400.00,20260421,,8EEF ").unwrap();
        assert_eq!((new.key.to_string().as_str(), new.kind.unwrap().code()), ("26442000004359167806", "81"));
        assert_eq!((new.amount.to_string().as_str(), new.checksum), ("1705400.00", Checksum::Fits));
    }

    #[test]
    fn type_fields_mean_kinds() {
        for (field, kind) in
            [("31", "81"), ("32", "82"), ("51", "51"), ("61", "61"), ("01", "01"), ("04", "04"), ("08", "08"), ("14", "14")]
        {
            let (code, number) =
                if matches!(field, "31" | "32" | "51" | "61") { ("", "26312000000000000001") } else { ("3100194130", "12235358") };
            let payload = Payload::parse(&format!("01,{field},{code},{number},1.5,20260102,,")).unwrap();
            assert_eq!(payload.kind.unwrap().code(), kind, "{field}");
        }
        let unknown = Payload::parse("01,20,,26312000000000000001,1.50,20260102,,").unwrap();
        assert_eq!((unknown.kind, unknown.kind_code.as_str(), unknown.checksum), (None, "20", Checksum::Absent));
    }

    #[test]
    fn an_altered_code_is_told() {
        let payload = Payload::parse("01,32,,26427000000316294884,100.76,20260330,,5F98").unwrap();
        assert_eq!(payload.checksum, Checksum::Differs { stated: "5F98".to_owned(), computed: "7D98".to_owned() });
        // Small letters are the same number.
        assert_eq!(Payload::parse("01,31,,26442000004359167806,1705400.00,20260421,,8eef").unwrap().checksum, Checksum::Fits);
    }

    #[test]
    fn a_red_invoice_is_negative() {
        let key = "26312000000000000018".parse().unwrap();
        let text = payload(&key, &Kind::from_code("82"), "-39.54".parse().unwrap(), jiff::civil::date(2026, 3, 6), "").unwrap();
        assert_eq!(Payload::parse(&text).unwrap().amount.to_string(), "-39.54");
    }

    #[test]
    fn a_glued_payload_is_found() {
        let found = Payload::find("请扫码01,32,,26322000000099000003,39.54,20260306,,6187示例科技有限公司").unwrap();
        assert_eq!((found.key.number(), found.checksum), ("26322000000099000003", Checksum::Fits));
        let bare = Payload::find("2001,01,32,,26322000000099000003,39.54,20260306,,示例").unwrap();
        assert_eq!(bare.checksum, Checksum::Absent);
        assert_eq!(Payload::find("01,01,01,01,"), None);
    }

    #[test]
    fn nothing_else_is_taken_for_an_invoice() {
        for text in [
            "",
            "01,",
            "https://fapiao.example/01,31",
            "{\"fphm\":\"26312000000000000001\"}",
            "02,31,,26312000000000000001,1.00,20260102,,",
            "01,3,,26312000000000000001,1.00,20260102,,",
            "01,31,,2631200000000000000,1.00,20260102,,",
            "01,31,050001700111,26312000000000000001,1.00,20260102,,",
            "01,10,,12235358,1.00,20260102,,",
            "01,31,,26312000000000000001,,20260102,,",
            "01,31,,26312000000000000001,1.001,20260102,,",
            "01,31,,26312000000000000001,1-1,20260102,,",
            "01,31,,26312000000000000001,1.00,20260230,,",
            "01,31,,26312000000000000001,1.00,20260102,,8EEFx",
            "01,31,,２６312000000000000001,1.00,20260102,,",
            "01,31,,26312000000000000001,999999999999999.00,20260102,,",
        ] {
            assert_eq!(Payload::parse(text), None, "{text}");
        }
    }

    #[test]
    fn payloads_of_others_are_judged_as_recorded() {
        let home = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = home.ancestors().map(|folder| folder.join("shared/samples/derived/qr_payloads.csv")).find(|file| file.is_file());
        let Some(table) = found.map(|file| std::fs::read_to_string(file).unwrap()) else {
            return eprintln!("skipped: no samples beside {}", home.display());
        };
        let mut rows = 0;
        for row in table.lines().skip(1) {
            let (payload, rest) = row.strip_prefix('"').unwrap().split_once('"').unwrap();
            let columns: Vec<&str> = rest.split(',').collect();
            let [_, stated, computed, fits, ..] = columns[..] else { panic!("{row}") };
            let expected = match fits {
                "True" => Checksum::Fits,
                _ => Checksum::Differs { stated: stated.to_owned(), computed: computed.to_owned() },
            };
            assert_eq!(Payload::parse(payload).unwrap_or_else(|| panic!("{row}")).checksum, expected, "{row}");
            rows += 1;
        }
        assert_eq!(rows, 14);
    }
}
