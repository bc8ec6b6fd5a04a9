//! The PDF, read back: cross-references, information, text layer, pictures.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::*;

/// A PDF taken apart through its cross-reference table.
struct Document {
    /// Dictionary and unpacked stream of every object.
    objects: BTreeMap<u32, (String, Vec<u8>)>,
}

impl Document {
    fn read(bytes: &[u8]) -> Self {
        assert!(bytes.starts_with(b"%PDF-1.7") && bytes.ends_with(b"%%EOF"));
        // One character a byte, so that offsets hold in both.
        let text: String = bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect();
        let start: usize = text[text.rfind("startxref").unwrap() + 9..].split_whitespace().next().unwrap().parse().unwrap();
        let mut lines = text[start..].lines().skip(1);
        let count: usize = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut objects = BTreeMap::new();
        for (number, line) in lines.take(count).enumerate().filter(|(_, line)| line.contains(" n")) {
            let at: usize = line.split(' ').next().unwrap().parse().unwrap();
            let body = text[at..].strip_prefix(&format!("{number} 0 obj")).expect("the table leads to the object");
            let end = body.find("endobj").unwrap();
            let dictionary = match body.find("\nstream\n").filter(|stream| *stream < end) {
                Some(stream) => &body[..stream],
                None => &body[..end],
            };
            let mut unpacked = Vec::new();
            if let Some(length) = value(dictionary, "/Length ") {
                let from = at + text[at..].find("\nstream\n").unwrap() + 8;
                ZlibDecoder::new(&bytes[from..from + length.parse::<usize>().unwrap()]).read_to_end(&mut unpacked).unwrap();
            }
            objects.insert(u32::try_from(number).unwrap(), (dictionary.to_owned(), unpacked));
        }
        Self { objects }
    }

    fn with(&self, mark: &str) -> Vec<&(String, Vec<u8>)> {
        self.objects.values().filter(|(dictionary, _)| dictionary.contains(mark)).collect()
    }

    /// Texts in the order in which they are drawn, through the font's ToUnicode table.
    fn texts(&self) -> Vec<String> {
        let table = self.objects.values().map(|(_, stream)| stream).find(|stream| contains(stream, b"beginbfchar")).unwrap();
        let table = String::from_utf8(table.clone()).unwrap();
        let mut characters = BTreeMap::new();
        for line in table.lines().filter(|line| line.starts_with('<') && line.matches('<').count() == 2) {
            let (code, target) = line.trim_matches(['<', '>']).split_once("> <").unwrap();
            let units: Vec<u16> = (0..target.len()).step_by(4).map(|at| u16::from_str_radix(&target[at..at + 4], 16).unwrap()).collect();
            characters.insert(u16::from_str_radix(code, 16).unwrap(), String::from_utf16(&units).unwrap());
        }
        let contents = self.objects.values().map(|(_, stream)| stream).filter(|stream| contains(stream, b" Tj"));
        let decode = |codes: Vec<u8>| codes.chunks(2).map(|code| characters[&u16::from_be_bytes([code[0], code[1]])].as_str()).collect();
        contents.flat_map(|stream| strings(stream)).map(decode).collect()
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The word after a key of a dictionary.
fn value<'a>(dictionary: &'a str, key: &str) -> Option<&'a str> {
    dictionary[dictionary.find(key)? + key.len()..].split_whitespace().next()
}

/// Strings of a content stream, `(literal)` or `<hexadecimal>`.
fn strings(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut bytes = stream.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'(' => {
                let (mut depth, mut string) = (1, Vec::new());
                while depth > 0 {
                    let mut next = bytes.next().unwrap();
                    match next {
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        b'\\' => {
                            next = match bytes.next().unwrap() {
                                b'n' => b'\n',
                                b'r' => b'\r',
                                b't' => b'\t',
                                b'b' => 8,
                                b'f' => 12,
                                high @ b'0'..=b'7' => (0..2).fold(high - b'0', |value, _| value * 8 + bytes.next().unwrap() - b'0'),
                                other => other,
                            };
                        }
                        _ => {}
                    }
                    string.push(next);
                }
                string.pop();
                found.push(string);
            }
            b'<' => {
                let digits: String = bytes.by_ref().take_while(|byte| *byte != b'>').map(char::from).collect();
                found.push((0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect());
            }
            _ => {}
        }
    }
    found
}

#[test]
fn the_information_holds_the_bureaus_keys() {
    let pdf = Document::read(&file(&red(invoice("81", 3)), Format::Pdf));
    let info = &pdf.with("/InvoiceNumber")[0].0;
    for part in [
        "/InvoiceNumber (26312000000000000081)",
        "/SellerIdNum (91310115MA1K35JX4G)",
        "/TotalAmWithoutTax (-2654.91)",
        "/TotalTaxAm (-345.12)",
        "/TotalTax-includedAmount (-3000.03)",
    ] {
        assert!(info.contains(part), "{part} in {info}");
    }
    assert!(Document::read(&file(&invoice("10", 1), Format::Pdf)).with("/InvoiceNumber").is_empty());
}

#[test]
fn the_text_layer_has_labels_and_facts() {
    let texts = Document::read(&file(&invoice("81", 3), Format::Pdf)).texts();
    for text in [
        "电子发票（增值税专用发票）",
        "发票号码：",
        "26312000000000000081",
        "开票日期：",
        "2026年05月19日",
        "名称：",
        "杭州青禾进出口贸易有限公司",
        "上海云栖数字科技有限公司",
        "统一社会信用代码/纳税人识别号：",
        "91330106MA2CE71F65",
        "合",
        "计",
        "¥2654.91",
        "¥345.12",
        "价税合计（大写）",
        "叁仟圆零叁分",
        "（小写）",
        "¥3000.03",
        "开票人：",
        "林知远",
        "13%",
        "442.4778761061947",
    ] {
        assert!(texts.iter().any(|found| found == text), "{text}");
    }
}

#[test]
fn characters_that_the_font_lacks_stay_in_the_text_layer() {
    for code in ["82", "10"] {
        let texts = Document::read(&file(&hostile(code), Format::Pdf)).texts().concat();
        assert!(texts.contains(HOSTILE), "{code}");
    }
}

#[test]
fn every_page_is_there_with_its_pictures() {
    for (code, lines, pages) in [("81", 1, 1), ("81", 40, 13), ("10", 40, 3), ("61", 3, 1)] {
        let pdf = Document::read(&file(&invoice(code, lines), Format::Pdf));
        assert_eq!(pdf.with("/Type /Page\n").len(), pages, "{code} {lines}");
        let picture = pdf.with("/Subtype /Image")[0];
        let side: usize = value(&picture.0, "/Width ").unwrap().parse().unwrap();
        assert_eq!(picture.1.len(), side * side.div_ceil(8));
        let font = pdf.with("/CIDFontType0C")[0];
        assert_eq!(font.1[..2], [1, 0], "a bare CFF");
        assert_eq!(pdf.with("/Subtype /Form").len(), 1, "the seal");
    }
}
