//! 勾选: what a row of a deduction list says was done with the invoice.

use piaoxia_domain::{Deduction, Purpose};

use super::book::Sheet;
use super::heading::Column;
use super::title::Title;

/// 是否勾选 or 勾选状态, else whether the row has a 勾选时间; none where the row leaves both open, as registers of all invoices do
/// with those that were issued. A list of confirmed uses (用途确认信息) confirms what is ticked.
pub(super) fn state(ticked: Option<&str>, has_time: bool, title: &Title) -> Option<Deduction> {
    let ticked = match ticked {
        Some(text) if text.contains("未确认") => return Some(Deduction::Ticked),
        Some(text) if text.contains("已确认") || text.contains("已抵扣") => return Some(Deduction::Confirmed),
        Some("否" | "未勾选" | "N" | "0") => false,
        Some(text) if text.starts_with('未') => false,
        Some(_) => true,
        None if has_time => true,
        None => return None,
    };
    Some(match (ticked, title.confirmed) {
        (false, _) => Deduction::Open,
        (true, false) => Deduction::Ticked,
        (true, true) => Deduction::Confirmed,
    })
}

/// What the list is for: 不抵扣原因 is asked on one list alone, and the list of refunds states no 有效抵扣税额.
pub(super) fn purpose(sheet: &Sheet) -> Option<Purpose> {
    let columns = &sheet.columns;
    if columns.has(Column::Reason) || sheet.name.contains("不抵扣") {
        Some(Purpose::NotDeduct)
    } else if sheet.name.contains("代办退税") {
        Some(Purpose::AgentRefund)
    } else if sheet.name.contains("退税") || !(columns.has(Column::EffectiveTax) || columns.has(Column::Ticked)) {
        Some(Purpose::Refund)
    } else {
        Some(Purpose::Deduct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_told_apart() {
        let (plain, confirmed) = (Title::default(), Title { confirmed: true, ..Title::default() });
        for (text, on_plain, on_confirmed) in [
            (Some("是"), Deduction::Ticked, Deduction::Confirmed),
            (Some("已勾选"), Deduction::Ticked, Deduction::Confirmed),
            (Some("已确认"), Deduction::Confirmed, Deduction::Confirmed),
            (Some("已勾选未确认"), Deduction::Ticked, Deduction::Ticked),
            (Some("否"), Deduction::Open, Deduction::Open),
            (Some("未勾选"), Deduction::Open, Deduction::Open),
        ] {
            assert_eq!((state(text, false, &plain), state(text, false, &confirmed)), (Some(on_plain), Some(on_confirmed)), "{text:?}");
        }
        assert_eq!((state(None, true, &plain), state(None, false, &plain)), (Some(Deduction::Ticked), None));
    }
}
