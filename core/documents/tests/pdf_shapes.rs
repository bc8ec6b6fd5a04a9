//! PDF files in the shapes in which other programs write them: fonts without a map, turned pages, codes that are drawn,
//! attachments.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "support/pdf.rs"]
mod by_hand;
#[path = "support/invoices.rs"]
mod invoices;
#[path = "support/sheet.rs"]
mod sheet;

use std::fmt::Write as _;

use by_hand::{assemble, file, stream};
use image::{ExtendedColorType, ImageEncoder};
use invoices::{invoice, original};
use piaoxia_documents::{Check, Field, Outcome, PdfFault, Refused, Source, Warning, read, verdicts};
use piaoxia_domain::invoice::Format;
use qrcode::{Color, QrCode};
use sheet::{content, is_read, shown, two_invoices, utf16, with_font};

#[test]
fn fonts_that_are_not_embedded_are_read_by_their_encoding() {
    // GBK has the full-width sign alone.
    let gbk = |text: &str| encoding_rs::GBK.encode(&text.replace('¥', "￥")).0.into_owned();
    for encoding in ["UniGB-UCS2-H", "UniGB-UTF16-H"] {
        is_read(&read("a.pdf", &with_font(&content(utf16), encoding)).unwrap());
    }
    for encoding in ["GBK-EUC-H", "GBKp-EUC-H"] {
        is_read(&read("a.pdf", &with_font(&content(gbk), encoding)).unwrap());
    }
    // Numbers of the font's own, and nothing that says what they mean.
    assert!(read("a.pdf", &with_font(&content(utf16), "Identity-H")).is_err());
}

#[test]
fn a_turned_page_reads_the_same() {
    let content = content(utf16);
    let turned = [b"0 1 -1 0 842 0 cm\n".as_slice(), &content].concat();
    let pdf = String::from_utf8(with_font(&turned, "UniGB-UCS2-H")).unwrap();
    is_read(&read("a.pdf", pdf.replace("/MediaBox[0 0 595 842]", "/Rotate 90/MediaBox[0 0 842 595]").as_bytes()).unwrap());
}

#[test]
fn a_page_that_was_turned_in_a_viewer_reads_as_it_was_drawn() {
    let pdf = String::from_utf8(with_font(&content(utf16), "UniGB-UCS2-H")).unwrap();
    for turned in ["90", "270"] {
        let turned = format!("/Rotate {turned}/MediaBox[0 0 595 842]");
        is_read(&read("a.pdf", pdf.replace("/MediaBox[0 0 595 842]", &turned).as_bytes()).unwrap());
    }
}

#[test]
fn a_file_that_opens_without_a_password_is_read() {
    for (name, bytes) in [
        ("40 bits", include_bytes!("fixtures/locked-rc4-40.pdf").as_slice()),
        ("128 bits", include_bytes!("fixtures/locked-rc4-128.pdf")),
        ("AES", include_bytes!("fixtures/locked-aes-128.pdf")),
        ("AES of 256 bits", include_bytes!("fixtures/locked-aes-256.pdf")),
    ] {
        let document = read("a.pdf", bytes).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        let invoice = &document.invoice;
        assert_eq!((invoice.key.number(), invoice.seller.name.as_str()), ("26312000000000000018", "样例销售方"), "{name}");
        assert_eq!(invoice.gross.fen(), 10_600, "{name}");
        assert_eq!(document.sources[&Field::Net], Source::Info, "{name}: texts are encrypted too");
    }
    let locked = read("a.pdf", include_bytes!("fixtures/locked-password.pdf"));
    assert_eq!(locked, Err(Refused::Pdf(PdfFault::Encrypted)));
}

#[test]
fn values_of_one_column_are_not_one_value() {
    // Labels of one width, close together, as tax-control programs print them; 合计 right above 价税合计.
    let texts = [
        ("上海增值税电子普通发票", 200.0, 34.0),
        ("发票代码：031001900511", 425.0, 28.0),
        ("发票号码：04875996", 425.0, 42.0),
        ("开票日期：2020年04月20日", 425.0, 57.0),
        ("名　　　　称：样例购买方", 40.0, 90.0),
        ("纳税人识别号：91440300MA0TE5T02Y", 40.0, 104.0),
        ("合", 57.0, 241.0),
        ("计", 99.0, 241.0),
        ("￥94.34", 377.0, 241.0),
        ("￥5.66", 504.0, 241.0),
        ("价税合计（大写）", 30.0, 261.0),
        ("（小写）￥100.00", 368.0, 261.0),
        ("名　　　　称：样例销售方", 40.0, 278.0),
        ("纳税人识别号：91310115MA0TE5T016", 40.0, 292.0),
    ];
    let invoice = read("a.pdf", &with_font(&shown(&texts), "UniGB-UCS2-H")).unwrap().invoice;
    assert_eq!((invoice.seller.name.as_str(), invoice.buyer.name.as_str()), ("样例销售方", "样例购买方"));
    assert_eq!([invoice.net, invoice.tax, invoice.gross].map(|amount| amount.fen()), [9_434, 566, 10_000]);
}

#[test]
fn a_railway_ticket_states_its_fare_alone() {
    let texts = [
        ("电子发票（铁路电子客票）", 200.0, 30.0),
        ("发票号码:26419122537000504214", 30.0, 50.0),
        ("开票日期:2026年07月11日", 400.0, 50.0),
        ("票价:￥272.50", 60.0, 150.0),
        ("购买方名称:样例购买方", 30.0, 260.0),
    ];
    let document = read("a.pdf", &with_font(&shown(&texts), "UniGB-UCS2-H")).unwrap();
    let invoice = &document.invoice;
    assert_eq!([invoice.net, invoice.tax, invoice.gross].map(|amount| amount.fen()), [25_000, 2_250, 27_250]);
    for field in [Field::Net, Field::Tax] {
        assert_eq!(document.sources[&field], Source::Computed);
        assert!(document.warnings.contains(&Warning::Computed { field }));
    }
    // No other kind has one rate for all.
    let other = texts.map(|(text, x, y)| (if text.starts_with("电子") { "电子发票（普通发票）" } else { text }, x, y));
    assert!(read("a.pdf", &with_font(&shown(&other), "UniGB-UCS2-H")).is_err());
}

#[test]
fn further_invoices_in_a_file_are_told() {
    let document = read("a.pdf", &two_invoices()).unwrap();
    is_read(&document);
    assert_eq!(document.warnings, [Warning::OtherInvoices { next: "26312000000000000099".to_owned(), count: 1 }]);
}

/// The QR code of an invoice as dark modules.
fn modules(payload: &str) -> (usize, Vec<bool>) {
    let code = QrCode::new(payload).unwrap();
    (code.width(), code.into_colors().into_iter().map(|color| color == Color::Dark).collect())
}

const PAYLOAD: &str = "01,32,,26322000000099000003,39.54,20260306,,6187";

#[test]
fn a_code_that_is_drawn_is_read() {
    let (width, dark) = modules(PAYLOAD);
    let mut content = String::from("0 g\n");
    for at in (0..dark.len()).filter(|at| dark[*at]) {
        let (x, y) = (20 + 2 * (at % width), 800 - 2 * (at / width));
        writeln!(content, "{x} {y} 2 2 re f").unwrap();
    }
    // A ruled line and a background are no parts of it.
    content.push_str("0.9 g 0 0 595 300 re f 0 g 10 400 500 0.5 re f");
    let Err(Refused::QrAlone(payload)) = read("scan.pdf", &file(content.as_bytes(), "", "", &[])) else { panic!("no code") };
    assert_eq!((payload.key.number(), payload.amount.to_string().as_str()), ("26322000000099000003", "39.54"));
}

/// A scanned page: one picture with a code in a corner.
fn scan() -> (u32, u32, Vec<u8>) {
    const WIDTH: usize = 1240;
    const HEIGHT: usize = 877;
    let (width, dark) = modules(PAYLOAD);
    let mut pixels = vec![235; WIDTH * HEIGHT];
    for y in 0..width * 4 {
        for x in 0..width * 4 {
            if dark[y / 4 * width + x / 4] {
                pixels[(60 + y) * WIDTH + 60 + x] = 25;
            }
        }
    }
    (1240, 877, pixels)
}

#[test]
fn a_code_on_a_scanned_page_is_read() {
    let (width, height, pixels) = scan();
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 80).write_image(&pixels, width, height, ExtendedColorType::L8).unwrap();
    let dict = format!("/Subtype/Image/Width {width}/Height {height}/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/DCTDecode");
    let page = "/Resources<</XObject<</I 5 0 R>>>>";
    let pdf = file(b"q 595 0 0 421 0 421 cm /I Do Q", "", page, &[&stream(&jpeg, &dict)]);
    assert!(matches!(read("scan.pdf", &pdf), Err(Refused::QrAlone(payload)) if payload.key.number() == "26322000000099000003"));
    // The same as bare samples: dark ink on a palette, and one bit turned round.
    let palette = "/ColorSpace[/Indexed/DeviceRGB 255<".to_owned()
        + &(0..=255).fold(String::new(), |mut all, grey| {
            write!(all, "{grey:02x}{grey:02x}{grey:02x}").unwrap();
            all
        })
        + ">]";
    let dict = format!("/Subtype/Image/Width {width}/Height {height}/BitsPerComponent 8{palette}");
    let pdf = file(b"q 595 0 0 421 0 421 cm /I Do Q", "", page, &[&stream(&pixels, &dict)]);
    assert!(matches!(read("scan.pdf", &pdf), Err(Refused::QrAlone(_))));
    let bits: Vec<u8> = pixels
        .chunks(1240)
        .flat_map(|row| row.chunks(8))
        .map(|eight| eight.iter().enumerate().fold(0, |byte, (at, grey)| byte | (u8::from(*grey < 128) << (7 - at))))
        .collect();
    let dict = format!("/Subtype/Image/Width {width}/Height {height}/ImageMask true/Decode[1 0]");
    let pdf = file(b"q 595 0 0 421 0 421 cm /I Do Q", "", page, &[&stream(&bits, &dict)]);
    assert!(matches!(read("scan.pdf", &pdf), Err(Refused::QrAlone(_))));
}

/// The page of [`sheet::TEXTS`] with a file attached under a name.
fn attached(name: &str, bytes: &[u8]) -> Vec<u8> {
    let content = content(utf16);
    let font = b"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/UniGB-UCS2-H>>".to_vec();
    let objects = vec![
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Kids[6 0 R]>>>>>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".to_vec(),
        stream(&content, ""),
        font,
        format!("<</Limits[({name})({name})]/Names[({name}) 7 0 R]>>").into_bytes(),
        format!("<</Type/Filespec/F({name})/EF<</F 8 0 R>>>>").into_bytes(),
        stream(&by_hand::deflate(bytes), "/Type/EmbeddedFile/Filter/FlateDecode"),
    ];
    assemble(&objects, "")
}

#[test]
fn attachments_are_read_whatever_their_name() {
    let mut issued = invoice("82", 1);
    (issued.net, issued.tax, issued.gross) = ("1000.00".parse().unwrap(), "130.00".parse().unwrap(), "1130.00".parse().unwrap());
    (issued.lines[0].net, issued.lines[0].tax) = (issued.net, issued.tax);
    let xml = original(&issued, Format::Xml);
    for name in ["0", "rai_issuer_20260519_26312000000000000082.xml"] {
        let document = read("a.pdf", &attached(name, &xml)).unwrap();
        assert_eq!(document.sources[&Field::Number], Source::Attachment, "{name}");
        assert_eq!(document.invoice.lines[0].class_code, "1060301000000000000");
        let agree = verdicts(&document).into_iter().find(|verdict| verdict.check == Check::SourcesAgree).unwrap();
        assert_eq!(agree.result, Outcome::Pass, "{:?}", document.warnings);
    }
    let damaged = read("a.pdf", &attached("0", &xml[..xml.len() / 2])).unwrap();
    is_read(&damaged);
    assert_eq!(damaged.warnings, [Warning::AttachmentUnread { name: "0".to_owned() }]);
    let bomb = [b"<!DOCTYPE x [<!ENTITY a \"b\">]>".as_slice(), &xml].concat();
    assert_eq!(read("a.pdf", &attached("0", &bomb)), Err(Refused::Doctype));
    is_read(&read("a.pdf", &attached("note.txt", b"paid")).unwrap());
}
