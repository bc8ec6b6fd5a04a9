//! What stands above the headings: whose list it is, and of which period.

use piaoxia_domain::{Month, TaxNumber};

use super::rows::Row;
use super::values::{digits, plain};
use crate::refused::shortened;

/// The rows above the headings.
#[derive(Debug, Default)]
pub(super) struct Title {
    /// 纳税人识别号 of the company whose list it is.
    pub tax_no: Option<TaxNumber>,
    /// 纳税人识别号 that lost its end in a number cell, as the cell has it, shortened.
    pub rounded: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// 税款所属期.
    pub period: Option<Month>,
    /// The list is of what was confirmed (用途确认信息).
    pub confirmed: bool,
    /// What says that amounts are not in 元 (单位：万元), shortened.
    pub not_in_yuan: Option<String>,
}

const NAME_LABELS: [&str; 4] = ["企业名称", "纳税人名称", "购买方名称", "公司名称"];

impl Title {
    /// Takes a row in. Labels stand in a cell of their own, or before a colon.
    pub(super) fn take(&mut self, row: &Row) {
        let mut label_before = String::new();
        for cell in row.cells() {
            let text = plain(cell);
            if is_tax_number(&text) && digits(cell).is_none() {
                self.rounded.get_or_insert_with(|| shortened(&cell.text));
                continue;
            }
            self.confirmed |= text.contains("用途确认") || text.contains("已确认");
            let (label, value) = match text.split_once(['：', ':']) {
                Some((label, value)) => (label.trim(), value.trim()),
                None => (label_before.as_str(), text.trim()),
            };
            self.value(label, value);
            if !text.is_empty() {
                label_before = text.trim_end_matches(['：', ':']).to_owned();
            }
        }
        // The shape without labels: the number somewhere, the name in the last cell.
        let last = row.cells().iter().rev().map(plain).find(|text| !text.is_empty());
        if self.name.is_none()
            && self.tax_no.is_some()
            && let Some(last) = last.filter(|text| text.ends_with("公司") && !text.contains(['：', ':']))
        {
            self.name = Some(last.into_owned());
        }
    }

    fn value(&mut self, label: &str, value: &str) {
        for word in value.split_whitespace() {
            if self.tax_no.is_none() && is_tax_number(word) {
                self.tax_no = Some(TaxNumber::from_document(word));
            } else if self.period.is_none() {
                self.period = word.parse().ok();
            }
        }
        if label.ends_with("单位") && is_large_unit(value) {
            self.not_in_yuan = Some(shortened(&format!("{label}：{value}")));
        }
        if self.name.is_none() && !value.is_empty() && NAME_LABELS.contains(&label) && !is_tax_number(value) {
            self.name = Some(value.to_owned());
        }
    }
}

/// 万元 and the like.
fn is_large_unit(value: &str) -> bool {
    matches!(value.trim_start_matches("人民币").trim_end_matches([')', '）']), "千元" | "万元" | "百万元" | "亿元")
}

/// 15 to 20 digits and capital letters; a shorter number in a title is something else.
fn is_tax_number(word: &str) -> bool {
    matches!(word.len(), 15 | 17 | 18 | 20) && word.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}
