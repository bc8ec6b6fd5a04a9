//! The text in an invoice's QR code, and its checksum.

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
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
}
