//! XML, OFD and ZIP files as other hands leave them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Document, Refused, ZipFault, read, read_all};
use support::{RED, SPECIAL, document, with, zip};

fn whole(name: &str, bytes: &[u8]) -> Document {
    read(name, bytes).unwrap_or_else(|refused| panic!("{name}: {refused}"))
}

#[test]
fn an_xml_is_read_whatever_is_around_it() {
    let plain = document(SPECIAL);
    let (_, body) = SPECIAL.split_once("?>").unwrap();
    let wide: Vec<u8> =
        format!("\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-16\"?>{body}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gbk = encoding_rs::GB18030.encode(&format!("<?xml version='1.0' encoding='GBK'?>{body}")).0.into_owned();
    for (what, bytes) in [
        ("zeros behind", [SPECIAL.as_bytes(), &[0; 512]].concat()),
        ("an end mark", [SPECIAL.as_bytes(), b"\r\n\x1A"].concat()),
        ("UTF-16", wide),
        ("GBK", gbk),
        (
            "a namespace",
            with(
                SPECIAL,
                "<EInvoice",
                "<EInvoice xmlns=\"urn:tax\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\"",
            )
            .into_bytes(),
        ),
        ("a style sheet", with(SPECIAL, "<EInvoice", "<?xml-stylesheet href=\"a.xsl\"?><EInvoice").into_bytes()),
        ("one line", SPECIAL.replace('\n', "").into_bytes()),
        ("line ends of Windows", SPECIAL.replace('\n', "\r\n").into_bytes()),
    ] {
        let read = whole("a.xml", &bytes);
        assert_eq!((&read.invoice, &read.warnings), (&plain.invoice, &plain.warnings), "{what}");
    }
}

#[test]
fn amounts_and_numbers_of_an_xml_may_be_typed_by_hand() {
    let plain = document(SPECIAL);
    for (from, to) in [
        (">11320.75</TotalAmWithoutTax>", ">¥11,320.75</TotalAmWithoutTax>"),
        (">1299.66</TotalTaxAm>", ">\n 1299.66\u{A0}\n</TotalTaxAm>"),
        (">26312000000000000018</EIid>", "> ２６３１２０００００００００００００１８ </EIid>"),
        (">2026-05-19 09:47:14</RequestTime>", ">2026年5月19日 9:47:14</RequestTime>"),
        ("<TaxRate>0.13</TaxRate>", "<TaxRate>１３％</TaxRate>"),
    ] {
        let read = document(&with(SPECIAL, from, to));
        assert_eq!((&read.invoice, &read.warnings), (&plain.invoice, &plain.warnings), "{to}");
    }
}

fn told(bytes: &[u8]) -> Vec<(String, Result<String, Refused>)> {
    read_all("a.zip", bytes).into_iter().map(|(name, outcome)| (name, outcome.map(|document| document.invoice.key.to_string()))).collect()
}

#[test]
fn an_archive_without_files_says_so() {
    let nothing: Refused = ZipFault::Empty.into();
    for bytes in [zip(&[]), zip(&[("发票/", b"")]), zip(&[("__MACOSX/._a.xml", b"x"), (".DS_Store", b"x")])] {
        assert_eq!(told(&bytes), [("a.zip".to_owned(), Err(nothing.clone()))]);
    }
    let within = zip(&[("空.zip", &zip(&[])), ("a.xml", RED.as_bytes())]);
    assert_eq!(told(&within), [("空.zip".to_owned(), Err(nothing)), ("a.xml".to_owned(), Ok("26112000000000000034".to_owned()))]);
}

/// The flags of an entry, its method, and a name with the mark of UTF-8, set by hand.
fn patched(mut bytes: Vec<u8>, flags: u8, high: u8, method: Option<u8>) -> Vec<u8> {
    for (mark, at) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let place = bytes.windows(4).position(|window| window == mark).unwrap() + at;
        bytes[place] |= flags;
        bytes[place + 1] |= high;
        if let Some(method) = method {
            bytes[place + 2] = method;
        }
    }
    bytes
}

#[test]
fn a_password_is_named_and_names_are_read_with_and_without_their_mark() {
    let one = || zip(&[("发票.xml", RED.as_bytes())]);
    let number = || Ok("26112000000000000034".to_owned());
    assert_eq!(told(&patched(one(), 0, 0b1000, None)), [("发票.xml".to_owned(), number())]);
    let locked: Result<String, Refused> = Err(ZipFault::Encrypted.into());
    for method in [None, Some(99)] {
        assert_eq!(told(&patched(one(), 1, 0, method)), [("发票.xml".to_owned(), locked.clone())]);
    }
}
