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

/// Names of headings as [`Heading`] has them. Sources: the exports listed in the tests, and templates of earlier years.
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
    /// Headings of columns that are not read, the first few: they mean nothing to us, or what an earlier one means.
    pub left_out: Vec<String>,
    /// How many there are of them.
    pub left_out_count: usize,
    /// The heading of amounts that are not in 元 but in 千元 or more, shortened.
    pub not_in_yuan: Option<String>,
    /// How many are known.
    pub known_count: usize,
}

/// Headings left out that are named.
const NAMED: usize = 5;

impl Columns {
    /// The columns, when the row is one of headings: it names an invoice's number and at least two more columns.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let mut columns = Self::none();
        for (place, cell) in row.cells().iter().enumerate() {
            let heading = Heading::of(&cell.text);
            columns.take(place, &heading, heading.column(), &cell.text);
        }
        columns.are_of_invoices()
    }

    /// The same where headings stand in two rows: a group (销方信息) above its parts (识别号, 名称). A group's cells are merged, and
    /// the first of them holds its text.
    pub(super) fn of_two(upper: &Row, lower: &Row) -> Option<Self> {
        let mut columns = Self::none();
        let mut group = Heading::default();
        for place in 0..upper.cells().len().max(lower.cells().len()) {
            let (above, below) = (written(upper, place), written(lower, place));
            let both = format!("{above}{below}");
            let (above, below) = (Heading::of(above), Heading::of(below));
            if below.name.is_empty() {
                // Brackets alone may stand below.
                let heading = above.noted(&below);
                columns.take(place, &heading, heading.column(), &both);
                continue;
            }
            if !above.name.is_empty() {
                group = above;
            }
            let part = below.under(&group);
            let whole = Heading { name: format!("{}{}", group.name.trim_end_matches("信息"), part.name), ..part };
            columns.take(place, &whole, whole.column().or_else(|| part.column()), &both);
        }
        columns.are_of_invoices()
    }

    fn none() -> Self {
        Self { places: [None; HEADINGS.len()], left_out: Vec::new(), left_out_count: 0, not_in_yuan: None, known_count: 0 }
    }

    /// Takes a column whose heading is `written` so.
    fn take(&mut self, place: usize, heading: &Heading, column: Option<Column>, written: &str) {
        let Some(column) = column else {
            if !written.trim().is_empty() {
                self.leave_out(written);
            }
            return;
        };
        self.known_count += 1;
        if !heading.in_yuan && column.is_money() && self.not_in_yuan.is_none() {
            self.not_in_yuan = Some(shortened(written));
        }
        if !self.place(column, place) {
            self.leave_out(written);
        }
    }

    fn are_of_invoices(self) -> Option<Self> {
        let numbered = self.has(C::Digital) || self.has(C::Number);
        (numbered && self.known_count >= 3).then_some(self)
    }

    /// The first of two columns that mean the same counts: false for the second.
    fn place(&mut self, column: Column, place: usize) -> bool {
        match self.places.get_mut(column as usize) {
            Some(free @ None) => {
                *free = Some(place);
                true
            }
            // Nothing is read of these, however many there are.
            _ => column == C::Passed,
        }
    }

    fn leave_out(&mut self, heading: &str) {
        self.left_out_count += 1;
        if self.left_out.len() < NAMED {
            self.left_out.push(shortened(heading));
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

    /// What the sheet is. 有效抵扣税额 alone makes no list of what can be ticked: registers of all invoices have it, too.
    pub(super) fn role(&self) -> Role {
        let dated = self.has(C::IssuedOn);
        if dated && (self.has(C::Ticked) || self.has(C::TickedAt)) {
            Role::Deduction
        } else if self.has(C::LineName) && (self.has(C::Net) || self.has(C::Gross)) {
            Role::Lines
        } else if dated && self.has_totals() {
            Role::Invoices
        } else {
            Role::Other
        }
    }

    /// Two of 金额, 税额 and 价税合计, from which the third follows.
    pub(super) fn has_totals(&self) -> bool {
        [C::Net, C::Tax, C::Gross].into_iter().filter(|column| self.has(*column)).count() >= 2
    }

    /// The row repeats the headings, as files that were put together do.
    pub(super) fn repeated_in(&self, row: &Row) -> bool {
        let is = |column: Column| self.cell(row, column).is_some_and(|cell| Heading::of(&cell.text).column() == Some(column));
        is(C::Digital) || is(C::Number)
    }
}

/// The text of a cell; nothing beyond the row's end.
fn written(row: &Row, place: usize) -> &str {
    row.cells().get(place).map_or("", |cell| cell.text.trim())
}

fn is_blank(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "--" | "—" | "——" | "/")
}

impl Column {
    /// Its numbers are amounts of the invoice. 单价 is none of them: no sum hangs on it.
    fn is_money(self) -> bool {
        matches!(self, C::Net | C::Tax | C::Gross | C::EffectiveTax)
    }
}

/// A heading, and what its brackets say of amounts.
struct Heading {
    /// One spelling for the many: no white space, stars, colons and commas, half width, nothing in brackets.
    name: String,
    tax: TaxNote,
    in_yuan: bool,
}

/// What brackets say of the tax on an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TaxNote {
    /// Nothing.
    Silent,
    /// 含税.
    Included,
    /// 不含税.
    Excluded,
    /// Something else of 税.
    Unclear,
}

impl Default for Heading {
    fn default() -> Self {
        Self { name: String::new(), tax: TaxNote::Silent, in_yuan: true }
    }
}

impl Heading {
    fn of(text: &str) -> Self {
        let (mut name, mut note, mut brackets) = (String::with_capacity(text.len().min(128)), String::new(), 0_usize);
        for c in text.chars().take(128).map(half_width) {
            match c {
                '(' | '[' | '【' => brackets += 1,
                ')' | ']' | '】' => brackets = brackets.saturating_sub(1),
                '*' | ':' | ',' | '、' | '\u{200B}' | '\u{FEFF}' => {}
                c if c.is_whitespace() => {}
                c if brackets > 0 => note.push(c),
                c => name.push(c),
            }
        }
        Self { name, tax: TaxNote::of(&note), in_yuan: !names_large_unit(&note) }
    }

    /// With what brackets below it say where its own say nothing.
    fn noted(self, below: &Self) -> Self {
        let tax = if self.tax == TaxNote::Silent { below.tax } else { self.tax };
        Self { tax, in_yuan: self.in_yuan && below.in_yuan, ..self }
    }

    /// As a part of a group: that the group is 含税 does not tell which of its parts are.
    fn under(self, group: &Self) -> Self {
        let tax = match (self.tax, group.tax) {
            (TaxNote::Silent, TaxNote::Included) => TaxNote::Unclear,
            (TaxNote::Silent, above) => above,
            (own, _) => own,
        };
        Self { tax, in_yuan: self.in_yuan && group.in_yuan, ..self }
    }

    /// What the column holds; nothing known where name and brackets contradict each other.
    fn column(&self) -> Option<Column> {
        let column = HEADINGS.iter().find(|(_, names)| names.contains(&self.name.as_str())).map(|(column, _)| *column)?;
        match (column, self.tax) {
            (C::Net, TaxNote::Included) => Some(C::Gross),
            (C::Net, TaxNote::Unclear) | (C::Gross, TaxNote::Excluded) | (C::Price, TaxNote::Included | TaxNote::Unclear) => None,
            (column, _) => Some(column),
        }
    }
}

/// 千元 or more; the word may be left to the reader (万), but what is counted in 万 need not be money (万支).
fn names_large_unit(note: &str) -> bool {
    let alone = matches!(note.trim_start_matches("单位").trim_start_matches("人民币"), "千" | "万" | "百万" | "亿");
    alone || ["千元", "万元", "亿元"].into_iter().any(|unit| note.contains(unit))
}

impl TaxNote {
    fn of(note: &str) -> Self {
        let says = |words: &[&str]| words.iter().any(|word| note.contains(*word));
        if !note.contains('税') {
            Self::Silent
        } else if says(&["不含", "未含", "未税", "除税", "税前", "无税", "去税"]) {
            Self::Excluded
        } else if says(&["含税", "含增值税", "价税合计"]) || note == "价税" {
            Self::Included
        } else {
            Self::Unclear
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_has_its_place() {
        for (place, (column, headings)) in HEADINGS.iter().enumerate() {
            assert_eq!(*column as usize, place);
            for heading in *headings {
                let read = Heading::of(heading);
                assert_eq!((read.name.as_str(), read.column()), (*heading, Some(*column)));
            }
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
            ("价税合计（含税）", C::Gross),
            ("价税合计（金额+税额）", C::Gross),
            ("金额（不含增值税）", C::Net),
            ("金 额（含税，元）", C::Gross),
            ("合计金额（价税合计）", C::Gross),
            ("单价[不含税]", C::Price),
            ("金额（除税）", C::Net),
            ("合计金额（税前）", C::Net),
            ("金额（无税，元）", C::Net),
            ("金额(去税)", C::Net),
        ] {
            assert_eq!(Heading::of(text).column(), Some(column), "{text}");
        }
        for text in ["（金额）", "价税合计（不含税）", "单价（含税）", "金额（价税分离）"] {
            assert_eq!(Heading::of(text).column(), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_in_yuan_unless_brackets_say_otherwise() {
        for (text, in_yuan) in [
            ("金额（元）", true),
            ("金额（人民币元）", true),
            ("金额（元/万支）", true),
            ("金额（万元）", false),
            ("税额[千元]", false),
            ("价税合计（人民币亿元）", false),
            ("金额（万）", false),
            ("金额（单位：万）", false),
        ] {
            assert_eq!(Heading::of(text).in_yuan, in_yuan, "{text}");
        }
    }
}
