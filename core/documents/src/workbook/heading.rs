//! Columns by their headings. The bureau's regions, its years and the users move columns about, so that the place of a
//! column never counts.

use piaoxia_domain::tax_number::half_width;

use super::rows::{Cell, Content, Row};
use crate::refused::shortened;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Digital,
    Code,
    Number,
    SellerTaxNo,
    SellerName,
    BuyerTaxNo,
    BuyerName,
    IssuedOn,
    Net,
    Tax,
    Gross,
    Source,
    Kind,
    Status,
    Positive,
    Risk,
    Drawer,
    Remark,
    ClassCode,
    Business,
    LineName,
    Spec,
    Unit,
    Quantity,
    Price,
    Rate,
    Plate,
    Vehicle,
    PassedFrom,
    PassedTo,
    Ticked,
    EffectiveTax,
    TickedAt,
    Reason,
    Period,
    Purpose,
    /// Known, and nothing that the ledger keeps.
    Passed,
}

use Column as C;

/// Headings as [`normal`] gives them. Sources: the exports listed in the tests, and templates of earlier years.
const HEADINGS: [(Column, &[&str]); C::Passed as usize + 1] = [
    (C::Digital, &["数电发票号码", "数电票号码", "全电发票号码", "全电票号码", "电子发票号码", "数电号码", "数电票号"]),
    (C::Code, &["发票代码"]),
    (C::Number, &["发票号码"]),
    (
        C::SellerTaxNo,
        &[
            "销方识别号",
            "销售方识别号",
            "销方税号",
            "销售方税号",
            "销方纳税人识别号",
            "销售方纳税人识别号",
            "销货方识别号",
            "销货方纳税人识别号",
        ],
    ),
    (C::SellerName, &["销方名称", "销售方名称", "销售方纳税人名称", "销方企业名称", "销货方名称", "销方纳税人名称"]),
    (
        C::BuyerTaxNo,
        &[
            "购方识别号",
            "购买方识别号",
            "购方税号",
            "购买方税号",
            "购方纳税人识别号",
            "购买方纳税人识别号",
            "购货方识别号",
            "购货方纳税人识别号",
        ],
    ),
    (C::BuyerName, &["购买方名称", "购方名称", "购买方纳税人名称", "购方企业名称", "购货方名称", "购方纳税人名称"]),
    (C::IssuedOn, &["开票日期", "开票时间", "填发日期"]),
    (C::Net, &["金额", "合计金额", "不含税金额"]),
    (C::Tax, &["税额", "票面税额", "合计税额"]),
    (C::Gross, &["价税合计", "含税金额", "价税合计金额"]),
    (C::Source, &["发票来源"]),
    (C::Kind, &["发票票种", "票种", "发票类型", "发票种类"]),
    (C::Status, &["发票状态"]),
    (C::Positive, &["是否正数发票"]),
    (C::Risk, &["发票风险等级", "风险等级"]),
    (C::Drawer, &["开票人"]),
    (C::Remark, &["备注"]),
    (C::ClassCode, &["税收分类编码", "商品和服务税收分类编码", "税收编码"]),
    (C::Business, &["特定业务类型"]),
    (C::LineName, &["货物或应税劳务名称", "货物或应税劳务服务名称", "项目名称", "商品名称", "货物名称"]),
    (C::Spec, &["规格型号"]),
    (C::Unit, &["单位", "计量单位"]),
    (C::Quantity, &["数量"]),
    (C::Price, &["单价"]),
    (C::Rate, &["税率", "税率/征收率", "征收率"]),
    (C::Plate, &["车牌号"]),
    (C::Vehicle, &["车辆类型", "类型"]),
    (C::PassedFrom, &["通行日期起"]),
    (C::PassedTo, &["通行日期止"]),
    (C::Ticked, &["是否勾选", "勾选状态"]),
    (C::EffectiveTax, &["有效抵扣税额", "有效税额", "可抵扣税额"]),
    (C::TickedAt, &["勾选时间", "勾选日期"]),
    (C::Reason, &["不抵扣原因"]),
    (C::Period, &["税款所属期", "所属期", "属期"]),
    (C::Purpose, &["用途", "发票用途", "勾选用途"]),
    (C::Passed, &["序号", "红字锁定标志", "转内销证明编号", "业务类型", "票种标签", "风险状态"]),
];

/// Rows above the headings that are looked at: titles, tax number, period.
pub(super) const HEADING_WITHIN: usize = 40;

/// What a sheet is, told by its headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A row an invoice (发票基础信息).
    Invoices,
    /// A row a goods line (信息汇总表, 货物清单).
    Lines,
    /// A row an invoice that can be ticked (勾选, 统计清单, 不抵扣, 退税).
    Deduction,
    /// Invoices by another business's columns, or no invoices at all.
    Other,
}

/// Where each column is.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    places: [Option<usize>; HEADINGS.len()],
    /// Headings that mean nothing to us, the first few.
    pub unknown: Vec<String>,
    /// How many there are of them.
    pub unknown_count: usize,
    /// How many are known.
    pub known_count: usize,
}

/// Unknown headings that are named.
const NAMED: usize = 5;

impl Columns {
    /// The columns, when the row is one of headings: it names an invoice's number and at least two more columns.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let mut columns = Self::none();
        for (place, cell) in row.cells().iter().enumerate() {
            let heading = normal(&cell.text);
            columns.take(place, column_of(&heading), &cell.text);
        }
        columns.are_of_invoices()
    }

    /// The same where headings stand in two rows: a group (销方信息) above its parts (识别号, 名称). A group's cells are merged, and
    /// the first of them holds its text.
    pub(super) fn of_two(upper: &Row, lower: &Row) -> Option<Self> {
        let mut columns = Self::none();
        let mut group = "";
        let text = |row: &'_ Row, place: usize| row.cells().get(place).map(|cell| normal(&cell.text)).unwrap_or_default();
        let groups: Vec<String> = (0..upper.cells().len().max(lower.cells().len())).map(|place| text(upper, place)).collect();
        for (place, above) in groups.iter().enumerate() {
            let below = text(lower, place);
            if below.is_empty() {
                columns.take(place, column_of(above), above);
                continue;
            }
            group = if above.is_empty() { group } else { above };
            let whole = format!("{}{below}", group.trim_end_matches("信息"));
            columns.take(place, column_of(&whole).or_else(|| column_of(&below)), &whole);
        }
        columns.are_of_invoices()
    }

    fn none() -> Self {
        Self { places: [None; HEADINGS.len()], unknown: Vec::new(), unknown_count: 0, known_count: 0 }
    }

    fn take(&mut self, place: usize, column: Option<Column>, heading: &str) {
        match column {
            Some(column) => {
                self.known_count += 1;
                self.place(column, place);
            }
            None if heading.trim().is_empty() => {}
            None => self.leave_out(heading),
        }
    }

    fn are_of_invoices(self) -> Option<Self> {
        let numbered = self.has(C::Digital) || self.has(C::Number);
        (numbered && self.known_count >= 3).then_some(self)
    }

    fn place(&mut self, column: Column, place: usize) {
        // The first of two equal headings counts.
        if let Some(free @ None) = self.places.get_mut(column as usize) {
            *free = Some(place);
        }
    }

    fn leave_out(&mut self, heading: &str) {
        self.unknown_count += 1;
        if self.unknown.len() < NAMED {
            self.unknown.push(shortened(heading));
        }
    }

    /// The sheet has such a column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.places.get(column as usize).is_some_and(Option::is_some)
    }

    /// The cell of a row in a column, unless it is blank: nothing, or a dash (`--`).
    pub(super) fn cell<'r>(&self, row: &'r Row, column: Column) -> Option<&'r Cell> {
        let place = (*self.places.get(column as usize)?)?;
        row.cells().get(place).filter(|cell| cell.content != Content::Blank && !is_blank(&cell.text))
    }

    /// What the sheet is.
    pub(super) fn role(&self) -> Role {
        let ticked = [C::Ticked, C::EffectiveTax, C::TickedAt, C::Reason].into_iter().any(|column| self.has(column));
        if ticked && self.has(C::IssuedOn) {
            Role::Deduction
        } else if self.has(C::LineName) && self.has(C::Net) {
            Role::Lines
        } else if self.has(C::IssuedOn) && self.has(C::Net) && (self.has(C::Tax) || self.has(C::Gross)) {
            Role::Invoices
        } else {
            Role::Other
        }
    }

    /// The row repeats the headings, as files that were put together do.
    pub(super) fn repeated_in(&self, row: &Row) -> bool {
        let is = |column: Column| self.cell(row, column).is_some_and(|cell| column_of(&normal(&cell.text)) == Some(column));
        is(C::Digital) || is(C::Number)
    }
}

fn is_blank(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "--" | "—" | "——" | "/")
}

fn column_of(heading: &str) -> Option<Column> {
    HEADINGS.iter().find(|(_, headings)| headings.contains(&heading)).map(|(column, _)| *column)
}

/// One spelling for the many: no white space, stars, colons and commas, half width, nothing in brackets.
fn normal(heading: &str) -> String {
    let mut normal = String::with_capacity(heading.len().min(128));
    let mut brackets = 0_usize;
    for c in heading.chars().take(128).map(half_width) {
        match c {
            '(' | '[' | '【' => brackets += 1,
            ')' | ']' | '】' => brackets = brackets.saturating_sub(1),
            '*' | ':' | ',' | '、' | '\u{200B}' | '\u{FEFF}' => {}
            c if brackets > 0 || c.is_whitespace() => {}
            c => normal.push(c),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_has_its_place() {
        for (place, (column, headings)) in HEADINGS.iter().enumerate() {
            assert_eq!(*column as usize, place);
            assert!(headings.iter().all(|heading| normal(heading) == *heading && column_of(heading) == Some(*column)), "{headings:?}");
        }
    }

    #[test]
    fn headings_are_read_whatever_is_around_them() {
        for (text, column) in [
            ("数电发票号码(数电票号码)", C::Digital),
            (" 开票日期＊ ", C::IssuedOn),
            ("金额（元）", C::Net),
            ("票面\n税额*", C::Tax),
            ("货物或应税劳务、服务名称", C::LineName),
            ("税率／征收率", C::Rate),
        ] {
            assert_eq!(column_of(&normal(text)), Some(column), "{text}");
        }
        assert_eq!(column_of(&normal("（金额）")), None);
    }
}
