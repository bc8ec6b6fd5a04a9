//! PDF files of sound invoices in shapes that other programs give them: texts set apart, drawn twice or upside down, objects in
//! streams, junk around the file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "support/pdf.rs"]
mod by_hand;
#[path = "support/sheet.rs"]
mod sheet;

use by_hand::{assemble, deflate, stream};
use piaoxia_documents::{Document, Source, read};
use sheet::{TEXTS, content, is_read, shown, utf16, with_font};
use std::fmt::Write as _;

const ENCODING: &str = "UniGB-UCS2-H";

fn read_page(content: &[u8]) -> Document {
    read("a.pdf", &with_font(content, ENCODING)).unwrap_or_else(|refused| panic!("{refused}"))
}

fn hex(text: &str) -> String {
    utf16(text).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The texts of the sheet, each by an operator sequence of its own; `put` gets text, x and y from the lower left corner.
fn put(mut put: impl FnMut(&mut String, &str, f64, f64)) -> Vec<u8> {
    let mut content = String::new();
    for (text, x, y) in TEXTS {
        put(&mut content, text, x, 842.0 - y);
    }
    content.into_bytes()
}

/// Width of a character of the sheet's font at 9 points: the font says 1000 for all.
const WIDE: f64 = 9.0;

#[test]
fn characters_may_be_drawn_one_by_one_and_in_any_order() {
    let by_characters = put(|content, text, x, y| {
        let all: Vec<char> = text.chars().collect();
        for (at, character) in all.iter().enumerate().rev() {
            let x = x + WIDE * at as f64;
            writeln!(content, "BT /F 9 Tf 1 0 0 1 {x} {y} Tm <{}> Tj ET", hex(&character.to_string())).unwrap();
        }
    });
    is_read(&read_page(&by_characters));
}

#[test]
fn spacing_by_operators_changes_nothing() {
    // Characters set narrower by a character space, by TJ, by a scale; by a size in the matrix; in a page that stands on its head.
    let tight = put(|content, text, x, y| writeln!(content, "BT /F 9 Tf -4 Tc 1 0 0 1 {x} {y} Tm <{}> Tj ET", hex(text)).unwrap());
    let kerned = put(|content, text, x, y| {
        let pieces: String = text.chars().map(|character| format!("<{}> 450 ", hex(&character.to_string()))).collect();
        writeln!(content, "BT /F 9 Tf 1 0 0 1 {x} {y} Tm [{pieces}] TJ ET").unwrap();
    });
    let scaled = put(|content, text, x, y| writeln!(content, "BT /F 9 Tf 50 Tz 1 0 0 1 {x} {y} Tm <{}> Tj ET", hex(text)).unwrap());
    let by_matrix = put(|content, text, x, y| writeln!(content, "BT /F 1 Tf 5 0 0 9 {x} {y} Tm <{}> Tj ET", hex(text)).unwrap());
    let flipped = put(|content, text, x, y| {
        writeln!(content, "q 1 0 0 -1 0 842 cm BT /F 1 Tf 5 0 0 -9 {x} {} Tm <{}> Tj ET Q", 842.0 - y, hex(text)).unwrap();
    });
    for (what, page) in [("tight", tight), ("kerned", kerned), ("scaled", scaled), ("by matrix", by_matrix), ("flipped", flipped)] {
        is_read(&read("a.pdf", &with_font(&page, ENCODING)).unwrap_or_else(|refused| panic!("{what}: {refused}")));
    }
}

/// The sheet with some texts given otherwise.
fn changed(change: impl Fn(&str) -> Option<String>) -> Vec<(String, f64, f64)> {
    TEXTS.iter().map(|(text, x, y)| (change(text).unwrap_or_else(|| (*text).to_owned()), *x, *y)).collect()
}

fn page_of(texts: &[(String, f64, f64)]) -> Document {
    let texts: Vec<(&str, f64, f64)> = texts.iter().map(|(text, x, y)| (text.as_str(), *x, *y)).collect();
    read_page(&shown(&texts))
}

#[test]
fn labels_and_values_are_told_apart_however_they_are_spaced() {
    // White space within labels and numbers; labels whose values stand in one text with them; full-width signs and digits.
    let mut spaced = changed(|text| match text {
        "发票号码:" => Some("发 票 号 码：".to_owned()),
        "开票日期:" => Some("开票日期 ：".to_owned()),
        "名称:" => Some("名　称：".to_owned()),
        "2026年05月19日" => Some("2026 年 05 月 19 日".to_owned()),
        "¥1000.00" => Some("¥ 1000.00".to_owned()),
        "¥1130.00" => Some("￥ 1,130.00".to_owned()),
        _ => None,
    });
    // Labels that became longer begin farther left.
    for (text, x, _) in &mut spaced {
        *x -= if text.ends_with('：') { 15.0 } else { 0.0 };
    }
    is_read(&page_of(&spaced));
    is_read(&page_of(&changed(|text| match text {
        "26312000000000000082" => Some("2631 2000 0000 0000 0082".to_owned()),
        "91310115MA1K35JX4G" => Some("９１３１０１１５ＭＡ１Ｋ３５ＪＸ４Ｇ".to_owned()),
        _ => None,
    })));
    let mut joined = changed(|_| None);
    for (label, value) in [("发票号码:", "26312000000000000082"), ("开票日期:", "2026年05月19日"), ("名称:", "杭州青禾进出口贸易有限公司")]
    {
        let at = joined.iter().position(|(text, ..)| text == label).unwrap();
        joined[at].0 = format!("{label}{value}");
        joined.remove(at + 1);
    }
    for text in &mut joined {
        text.1 = if text.1 == 440.0 { 380.0 } else { text.1 };
    }
    is_read(&page_of(&joined));
}

#[test]
fn amounts_are_read_by_their_sign_and_without_one() {
    let amounts = |document: &Document| [document.invoice.net, document.invoice.tax, document.invoice.gross].map(|amount| amount.fen());
    let red = |sign: &str| {
        page_of(&changed(|text| match text {
            "1000.00" | "130.00" => Some(format!("-{text}")),
            _ => text.strip_prefix('¥').map(|amount| sign.replace('1', amount)),
        }))
    };
    for sign in ["¥-1", "-¥1", "￥-1", "－￥1"] {
        assert_eq!(amounts(&red(sign)), [-100_000, -13_000, -113_000], "{sign}");
    }
    is_read(&page_of(&changed(|text| text.strip_prefix('¥').map(str::to_owned))));
}

#[test]
fn a_page_that_is_drawn_twice_is_read_once() {
    // Bold print by a second stroke, a hair aside; and a copy that nobody sees under a scan.
    let bold = put(|content, text, x, y| {
        for x in [x, x + 0.3] {
            writeln!(content, "BT /F 9 Tf 50 Tz 1 0 0 1 {x} {y} Tm <{}> Tj ET", hex(text)).unwrap();
        }
    });
    is_read(&read_page(&bold));
    let unseen = put(|content, text, x, y| writeln!(content, "BT 3 Tr /F 9 Tf 50 Tz 1 0 0 1 {x} {y} Tm <{}> Tj ET", hex(text)).unwrap());
    is_read(&read_page(&unseen));
}

#[test]
fn boxes_and_turns_of_every_kind_read_the_same() {
    let page = String::from_utf8(with_font(&content(utf16), ENCODING)).unwrap();
    let with = |to: &str| page.replace("/MediaBox[0 0 595 842]", to);
    for to in [
        "/MediaBox[595 842 0 0]",
        "/MediaBox[0.0 0.0 595.28 841.89]/CropBox[0 421 595 842]/UserUnit 2",
        "/MediaBox[-100 -100 595 842]",
        "/Rotate 360/MediaBox[0 0 595 842]",
        "/Rotate 180/MediaBox[0 0 595 842]",
        "/Rotate -90/MediaBox[0 0 595 842]",
        "/Rotate 45/MediaBox[0 0 595 842]",
        "",
    ] {
        is_read(&read("a.pdf", with(to).as_bytes()).unwrap_or_else(|refused| panic!("{to}: {refused}")));
    }
}

/// The file with its objects packed into an object stream, and its cross-reference in a stream (ISO 32000-1, 7.5.7, 7.5.8).
fn packed(content: &[u8], info: &str, predictor: bool) -> Vec<u8> {
    let font = format!("<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/{ENCODING}/DescendantFonts[6 0 R]>>");
    let objects: [(u32, String); 6] = [
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned()),
        (3, "<</Type/Page/Parent 2 0 R/Contents[4 0 R]/Resources<</Font<</F 5 0 R>>>>>>".to_owned()),
        (5, font),
        (6, "<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/DW 1000>>".to_owned()),
        (9, info.to_owned()),
    ];
    let mut head = String::new();
    let mut body = String::new();
    for (number, object) in &objects {
        write!(head, "{number} {} ", body.len()).unwrap();
        body.push_str(object);
        body.push('\n');
    }
    let mut pdf = b"%PDF-1.5\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut places = Vec::new();
    let mut add = |pdf: &mut Vec<u8>, number: u32, object: &[u8]| {
        places.push((number, pdf.len()));
        pdf.extend(format!("{number} 0 obj\n").bytes().chain(object.iter().copied()).chain(*b"\nendobj\n"));
    };
    add(&mut pdf, 4, &stream(&deflate(content), "/Filter/FlateDecode"));
    let bytes = [head.as_bytes(), body.as_bytes()].concat();
    let dict = format!("/Type/ObjStm/N {}/First {}/Filter[/FlateDecode]", objects.len(), head.len());
    add(&mut pdf, 7, &stream(&deflate(&bytes), &dict));
    let start = pdf.len();
    places.push((8, start));
    let mut rows = vec![[0_u8, 0, 0, 0, 255]; 10];
    for (number, place) in &places {
        let [.., a, b, c] = u32::try_from(*place).unwrap().to_be_bytes();
        rows[*number as usize] = [1, a, b, c, 0];
    }
    for (at, (number, _)) in objects.iter().enumerate() {
        rows[*number as usize] = [2, 0, 0, 7, u8::try_from(at).unwrap()];
    }
    let (bytes, parameters) = if predictor {
        let mut last = [0; 5];
        let mut bytes = Vec::new();
        for row in rows {
            bytes.push(2);
            bytes.extend(row.iter().zip(last).map(|(byte, above)| byte.wrapping_sub(above)));
            last = row;
        }
        (bytes, "/DecodeParms<</Predictor 12/Columns 5>>")
    } else {
        (rows.concat(), "")
    };
    let dict = format!("/Type/XRef/Size 10/W[1 3 1]/Root 1 0 R/Info 9 0 R/Filter/FlateDecode{parameters}");
    pdf.extend(b"8 0 obj\n".iter().copied().chain(stream(&deflate(&bytes), &dict)).chain(*b"\nendobj\n"));
    pdf.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    pdf
}

#[test]
fn objects_in_streams_and_keys_in_any_spelling_are_read() {
    let number: String = utf16("\u{FEFF}26312000000000000082").iter().map(|byte| format!("{byte:02x}")).collect();
    let info = format!(
        "<</InvoiceNumber<{number}>/IssueTime(2026-05-19)/SellerIdNum(91310115MA1K35JX4G)/TotalAmWithoutTax 1000/TotalTaxAm(130.\\0600)/TotalTax#2DincludedAmount(1130.00)>>"
    );
    for predictor in [false, true] {
        let document = read("a.pdf", &packed(&content(utf16), &info, predictor)).unwrap();
        is_read(&document);
        assert!(document.sources.values().any(|source| *source == Source::Info), "{:?}", document.sources);
        assert_eq!(document.warnings, []);
    }
}

#[test]
fn junk_around_a_file_and_ends_of_lines_of_old_do_no_harm() {
    let whole = with_font(&content(utf16), ENCODING);
    let before = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &whole].concat();
    let after = [whole.as_slice(), &[0; 2_000], b"<html>the end</html>"].concat();
    let text = String::from_utf8(whole.clone()).unwrap();
    let carriage = text.replace('\n', "\r");
    let no_table = text.split("xref\n").next().unwrap().to_owned() + "trailer\n<</Root 1 0 R>>\n";
    let wrong_start = text.replace("startxref\n", "startxref\n9");
    for (what, bytes) in [
        ("before", before),
        ("after", after),
        ("carriage returns", carriage.into_bytes()),
        ("no table", no_table.into_bytes()),
        ("a wrong start", wrong_start.into_bytes()),
    ] {
        is_read(&read("a.pdf", &bytes).unwrap_or_else(|refused| panic!("{what}: {refused}")));
    }
}

#[test]
fn texts_in_forms_in_pieces_and_in_two_fonts_are_read() {
    let whole = content(utf16);
    let font = b"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/UniGB-UCS2-H/DescendantFonts[7 0 R]>>".to_vec();
    let latin =
        b"<</Type/Font/Subtype/TrueType/BaseFont/CourierNew/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 32/Widths[600]>>".to_vec();
    let fonts = "/Resources<</Font<</F 6 0 R/L 8 0 R>>/XObject<</X 9 0 R>>>>";
    let objects = |contents: &str, first: &[u8], second: &[u8], form: &[u8]| {
        assemble(
            &[
                b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
                format!("<</Type/Pages/Kids[3 0 R]/Count 1{fonts}>>").into_bytes(),
                format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {contents}>>").into_bytes(),
                stream(first, ""),
                stream(second, ""),
                font.clone(),
                b"<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/DW 1000>>".to_vec(),
                latin.clone(),
                stream(form, &format!("/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Matrix[2 0 0 2 0 0]{fonts}")),
            ],
            "",
        )
    };
    let half = whole.len() / 2;
    let cut = half + whole[half..].iter().position(|byte| *byte == b'\n').unwrap();
    is_read(&read("a.pdf", &objects("[4 0 R 5 0 R]", &whole[..cut], &whole[cut..], b"")).unwrap());
    is_read(&read("a.pdf", &objects("4 0 R", b"q .5 0 0 .5 0 0 cm /X Do Q", b"", &whole)).unwrap());
    let two_fonts = put(|content, text, x, y| {
        if text.is_ascii() {
            writeln!(content, "BT /L 8 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET").unwrap();
        } else {
            writeln!(content, "BT /F 9 Tf 1 0 0 1 {x} {y} Tm <{}> Tj ET", hex(text)).unwrap();
        }
    });
    is_read(&read("a.pdf", &objects("4 0 R", &two_fonts, b"", b"")).unwrap());
}
