//! Workbooks, written the way the bureau, Excel and attackers do.
#![allow(dead_code, clippy::unwrap_used, reason = "shared by several suites; a test may panic")]

use super::zip;

/// A cell.
#[derive(Clone, Debug)]
pub enum C {
    /// Inline text, as the bureau writes everything.
    T(String),
    /// A shared string, as Excel saves it.
    S(String),
    /// A number cell with exactly this text.
    N(String),
    /// No cell.
    None,
}

pub fn t(text: &str) -> C {
    C::T(text.to_owned())
}

pub fn s(text: &str) -> C {
    C::S(text.to_owned())
}

pub fn n(text: &str) -> C {
    C::N(text.to_owned())
}

/// A row of texts, split at `|`; an empty piece is no cell.
pub fn row(texts: &str) -> Vec<C> {
    texts.split('|').map(|text| if text.is_empty() { C::None } else { t(text) }).collect()
}

pub struct Sheet {
    pub name: &'static str,
    pub rows: Vec<Vec<C>>,
}

pub fn sheet(name: &'static str, rows: Vec<Vec<C>>) -> Sheet {
    Sheet { name, rows }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

pub fn column_name(mut column: usize) -> String {
    let mut name = String::new();
    loop {
        name.insert(0, char::from(b'A' + u8::try_from(column % 26).unwrap()));
        column /= 26;
        if column == 0 {
            return name;
        }
        column -= 1;
    }
}

/// The XML of a sheet; shared strings go into `shared`.
pub fn sheet_xml(rows: &[Vec<C>], shared: &mut Vec<String>) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for (number, row) in rows.iter().enumerate() {
        let number = number + 1;
        xml.push_str(&format!(r#"<row r="{number}">"#));
        for (column, cell) in row.iter().enumerate() {
            let place = format!("{}{number}", column_name(column));
            match cell {
                C::T(text) => {
                    xml.push_str(&format!(r#"<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#, escaped(text)))
                }
                C::S(text) => {
                    xml.push_str(&format!(r#"<c r="{place}" s="1" t="s"><v>{}</v></c>"#, shared.len()));
                    shared.push(text.clone());
                }
                C::N(text) => xml.push_str(&format!(r#"<c r="{place}"><v>{text}</v></c>"#)),
                C::None => {}
            }
        }
        xml.push_str("</row>");
    }
    xml.push_str("</sheetData></worksheet>");
    xml
}

pub fn shared_xml(shared: &[String]) -> String {
    let items: String = shared.iter().map(|text| format!("<si><t>{}</t></si>", escaped(text))).collect();
    format!(r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1">{items}</sst>"#)
}

/// `xl/workbook.xml` and its relations.
pub fn frame(names: &[&str], properties: &str) -> (String, String) {
    let sheets: String = names
        .iter()
        .enumerate()
        .map(|(n, name)| format!(r#"<sheet name="{}" sheetId="{}" r:id="rId{}"/>"#, escaped(name), n + 1, n + 1))
        .collect();
    let workbook = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{properties}<sheets>{sheets}</sheets></workbook>"#
    );
    let relations: String = (1..=names.len())
        .map(|n| format!(r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#))
        .collect();
    (
        workbook,
        format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#),
    )
}

pub fn book(sheets: &[Sheet]) -> Vec<u8> {
    book_with(sheets, "")
}

pub fn book_with(sheets: &[Sheet], properties: &str) -> Vec<u8> {
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name).collect();
    let (workbook, relations) = frame(&names, properties);
    let mut shared = Vec::new();
    let parts: Vec<(String, String)> = sheets
        .iter()
        .enumerate()
        .map(|(number, sheet)| (format!("xl/worksheets/sheet{}.xml", number + 1), sheet_xml(&sheet.rows, &mut shared)))
        .collect();
    let shared = shared_xml(&shared);
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
    ];
    entries.extend(parts.iter().map(|(name, xml)| (name.as_str(), xml.as_bytes())));
    zip(&entries)
}

/// A workbook whose only sheet has this XML, with this `sharedStrings.xml`.
pub fn raw(name: &str, sheet: &str, shared: &str) -> Vec<u8> {
    let (workbook, relations) = frame(&[name], "");
    zip(&[
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// 发票基础信息 as of 2026.
pub const BASE: &str = "序号|发票代码|发票号码|数电发票号码|销方识别号|销方名称|购方识别号|购买方名称|开票日期|金额|税额|价税合计|发票来源|发票票种|发票状态|是否正数发票|发票风险等级|开票人|备注";
/// 信息汇总表.
pub const SUMMARY: &str = "序号|发票代码|发票号码|数电发票号码|销方识别号|销方名称|购方识别号|购买方名称|开票日期|税收分类编码|特定业务类型|货物或应税劳务名称|规格型号|单位|数量|单价|金额|税率|税额|价税合计|发票来源|发票票种|发票状态|是否正数发票|发票风险等级|开票人|备注";

/// A row of [`BASE`].
pub fn base(number: u64) -> Vec<C> {
    row(&format!(
        "{number}|||261120000000{number:08}|91110108MA0TE0T12L|示例软件（北京）有限公司|91440300MA5TE0T2XF|示例商贸（深圳）有限公司|2026-03-02 10:15:30|100.00|6.00|106.00|电子发票服务平台|数电发票（普通发票）|正常|是|正常|测试甲|第{number}张"
    ))
}

/// A row of [`SUMMARY`]: line `line` of two.
pub fn goods(number: u64, line: u64) -> Vec<C> {
    row(&format!(
        "{line}|||261120000000{number:08}|91110108MA0TE0T12L|示例软件（北京）有限公司|91440300MA5TE0T2XF|示例商贸（深圳）有限公司|2026-03-02 10:15:30|3040201010000000000||*信息技术服务*开发 {line}|无|次|1|50|50.00|6%|3.00|53.00|电子发票服务平台|数电发票（普通发票）|正常|是|正常|测试甲|第{number}张"
    ))
}
