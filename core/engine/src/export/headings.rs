//! Headings of the sheet with goods lines.

use piaoxia_export::{Column, LineColumn};

/// The columns of the bureau's own list (全量发票查询, 信息汇总表) with its headings; where the order names a column of the
/// invoice itself, or has words of its own for this sheet, with the order's heading.
pub(super) fn of_lines(chosen: &[(Column, String)], own: &[(LineColumn, String)]) -> Vec<(LineColumn, String)> {
    let heading = |column: LineColumn| match column {
        LineColumn::Invoice(column) => {
            let named = chosen.iter().find(|(other, _)| *other == column);
            named.map_or_else(|| of_invoice(column).to_owned(), |(_, heading)| heading.clone())
        }
        column => of_line(column).to_owned(),
    };
    let worded = |column: LineColumn| own.iter().find(|(other, _)| *other == column).map(|(_, heading)| heading.clone());
    LineColumn::DEFAULT.into_iter().map(|column| (column, worded(column).unwrap_or_else(|| heading(column)))).collect()
}

/// Heading of a column of that sheet.
#[must_use]
pub fn of_line(column: LineColumn) -> &'static str {
    match column {
        LineColumn::Invoice(column) => of_invoice(column),
        LineColumn::LineNumber => "行号",
        LineColumn::ClassCode => "税收分类编码",
        LineColumn::Name => "货物或应税劳务名称",
        LineColumn::Spec => "规格型号",
        LineColumn::Unit => "单位",
        LineColumn::Quantity => "数量",
        LineColumn::Price => "单价",
        LineColumn::Net => "金额",
        LineColumn::Rate => "税率",
        LineColumn::Tax => "税额",
        LineColumn::Gross => "价税合计",
    }
}

fn of_invoice(column: Column) -> &'static str {
    match column {
        Column::Date => "开票日期",
        Column::Kind => "发票票种",
        Column::Code => "发票代码",
        Column::Number => "发票号码",
        Column::DigitalNumber => "数电发票号码",
        Column::SellerName => "销方名称",
        Column::SellerTaxNo => "销方识别号",
        Column::BuyerName => "购买方名称",
        Column::BuyerTaxNo => "购方识别号",
        Column::Net => "金额",
        Column::Tax => "税额",
        Column::Gross => "价税合计",
        Column::Status => "发票状态",
        Column::Blue => "是否正数发票",
        Column::Direction => "开具或取得",
        Column::Deduction => "抵扣状态",
        Column::Risk => "发票风险等级",
        Column::Source => "发票来源",
        Column::Drawer => "开票人",
        Column::Remark => "备注",
        Column::RedOf => "被红冲蓝字发票",
        Column::Originals => "版式文件",
        Column::Lines => "明细行数",
        Column::Ordinal => "序号",
        Column::Month => "开票月份",
        Column::Goods => "项目名称",
        Column::Ticked => "是否勾选",
        Column::EffectiveTax => "有效抵扣税额",
    }
}
