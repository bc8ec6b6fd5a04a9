//! The page of a 数电 invoice as a PDF by hand.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "shared by several suites; a test may panic")]

use std::fmt::Write as _;

use piaoxia_documents::Document;

use super::by_hand::{assemble, file, stream};

/// What a 数电 sheet says, with places in points from the upper left corner.
pub const TEXTS: [(&str, f64, f64); 25] = [
    ("电子发票（普通发票）", 230.0, 40.0),
    ("发票号码:", 440.0, 40.0),
    ("26312000000000000082", 485.0, 40.0),
    ("开票日期:", 440.0, 57.0),
    ("2026年05月19日", 485.0, 57.0),
    ("名称:", 30.0, 104.0),
    ("杭州青禾进出口贸易有限公司", 54.0, 104.0),
    ("名称:", 320.0, 104.0),
    ("上海云栖数字科技有限公司", 344.0, 104.0),
    ("统一社会信用代码/纳税人识别号:", 30.0, 133.0),
    ("91330106MA2CE71F65", 165.0, 133.0),
    ("统一社会信用代码/纳税人识别号:", 320.0, 133.0),
    ("91310115MA1K35JX4G", 455.0, 133.0),
    ("项目名称", 40.0, 158.0),
    ("金  额", 410.0, 158.0),
    ("税  额", 555.0, 158.0),
    ("*软件*票据管理系统", 14.0, 170.0),
    ("1000.00", 405.0, 170.0),
    ("130.00", 552.0, 170.0),
    ("合", 58.0, 268.0),
    ("计", 103.0, 268.0),
    ("¥1000.00", 400.0, 268.0),
    ("¥130.00", 548.0, 268.0),
    ("价税合计（大写）    壹仟壹佰叁拾圆整    （小写）", 48.0, 287.0),
    ("¥1130.00", 440.0, 287.0),
];

/// A content stream that shows the texts, each encoded.
pub fn content(encode: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut content = Vec::from(&b"BT /F 9 Tf\n"[..]);
    for (text, x, y) in TEXTS {
        let codes: String = encode(text).iter().fold(String::new(), |mut codes, byte| {
            write!(codes, "{byte:02X}").unwrap();
            codes
        });
        content.extend(format!("1 0 0 1 {x} {} Tm <{codes}> Tj\n", 842.0 - y).bytes());
    }
    content.extend(b"ET");
    content
}

pub fn with_font(content: &[u8], encoding: &str) -> Vec<u8> {
    let font = format!("<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/{encoding}/DescendantFonts[6 0 R]>>");
    let descendant =
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000>>";
    file(content, "", "/Resources<</Font<</F 5 0 R>>>>", &[font.as_bytes(), descendant])
}

/// The sheet, and behind it that of another invoice, 26312000000000000099.
pub fn two_invoices() -> Vec<u8> {
    let second = TEXTS.map(|(text, x, y)| (if text.starts_with("2631") { "26312000000000000099" } else { text }, x, y));
    let font: &[u8] = b"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/UniGB-UCS2-H/DescendantFonts[7 0 R]>>";
    let descendant: &[u8] = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/DW 1000>>";
    let page =
        |content: u32| format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R/Resources<</Font<</F 6 0 R>>>>>>");
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>".to_vec(),
        page(4).into_bytes(),
        stream(&content(utf16), ""),
        page(8).into_bytes(),
        font.to_vec(),
        descendant.to_vec(),
        stream(&shown(&second), ""),
    ];
    assemble(&objects, "")
}

pub fn is_read(document: &Document) {
    let invoice = &document.invoice;
    assert_eq!((invoice.key.to_string().as_str(), invoice.kind.code()), ("26312000000000000082", "82"));
    assert_eq!(invoice.issued_on().to_string(), "2026-05-19");
    assert_eq!((invoice.buyer.name.as_str(), invoice.buyer.tax_no.as_str()), ("杭州青禾进出口贸易有限公司", "91330106MA2CE71F65"));
    assert_eq!((invoice.seller.name.as_str(), invoice.seller.tax_no.as_str()), ("上海云栖数字科技有限公司", "91310115MA1K35JX4G"));
    assert_eq!([invoice.net, invoice.tax, invoice.gross].map(|amount| amount.to_string()), ["1000.00", "130.00", "1130.00"]);
    assert_eq!(invoice.lines.len(), 1);
    assert_eq!((invoice.lines[0].name.as_str(), invoice.lines[0].tax.to_string().as_str()), ("*软件*票据管理系统", "130.00"));
}

pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Shows texts by UCS-2, with places in points from the upper left corner.
pub fn shown(texts: &[(&str, f64, f64)]) -> Vec<u8> {
    let mut content = Vec::from(&b"BT /F 9 Tf\n"[..]);
    for (text, x, y) in texts {
        let codes: String = utf16(text).iter().map(|byte| format!("{byte:02X}")).collect();
        content.extend(format!("1 0 0 1 {x} {} Tm <{codes}> Tj\n", 842.0 - y).bytes());
    }
    content.extend(b"ET");
    content
}
