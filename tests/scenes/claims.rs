//! 报销登记, and the columns and groups of the ledger.

use piaoxia::state::State;
use piaoxia::state::ledger::GoTo;
use piaoxia_domain::{Money, Totals};
use piaoxia_engine::{ClaimAnswer, ClaimOf, Event};
use piaoxia_store::{Claim, Claimed, Group, GroupBy, GroupKey, KeptClaim, View};

use super::data::{TODAY, moment};
use super::dialogs::sheet;
use super::pages::ledger;

fn claim(by: &str, note: &str) -> Claim {
    Claim { on: TODAY, by: by.into(), note: note.into(), at: moment("2026-11-22T01:00:00Z"), withdrawn: None }
}

/// Some of the selected invoices were used before.
pub fn claim_again() -> State {
    claimed_before((12, 7), "差旅费报销单 BX-2026-0933，内蒙古自治区呼和浩特市示例农牧业综合开发集团股份有限公司")
}

/// So many invoices are to be marked, and so many of them were marked before.
pub(super) fn claimed_before((all, marked): (u32, u32), note: &str) -> State {
    let mut state = ledger();
    let key = |number: u32| format!("263120000000{number:08}").parse().unwrap();
    state.open_claim(ClaimOf::Rows((0..all).collect()));
    let dialog = state.claims.dialog.as_mut().unwrap();
    (dialog.note, dialog.asked) = ("BX-2026-1187".into(), Some(1));
    let before = (0..marked).map(|number| Claimed {
        key: key(number),
        party: "北京示例科技（集团）股份有限公司第一分公司".into(),
        gross: Money::from_fen(i64::from(number + 1) * 12_345),
        first: claim("欧阳示例", note),
    });
    let before = before.collect();
    state.apply(Event::Claimed { seq: 1, result: Ok(ClaimAnswer::Before(before)) });
    state
}

/// The details of an invoice that was used, withdrawn and used again.
pub fn sheet_claimed() -> State {
    let mut state = sheet();
    let kept = |id: &str, claim: Claim| KeptClaim { id: id.into(), claim };
    let withdrawn = Claim { withdrawn: Some(moment("2026-11-22T02:00:00Z")), ..claim("王五", "") };
    state.ledger.sheet.as_mut().unwrap().claims = vec![kept("1", withdrawn), kept("2", claim("赵六", "BX-2026-1187"))];
    state
}

/// By month, the second month closed, its head selected.
pub fn ledger_groups() -> State {
    let mut state = ledger();
    let totals = |invoices: u64, net: i64| Totals {
        invoices,
        net: Money::from_fen(net),
        tax: Money::from_fen(net / 10),
        gross: Money::from_fen(net + net / 10),
    };
    let group = |month: &str, totals| Group { key: GroupKey::Month(month.parse().unwrap()), totals };
    let rows = state.ledger.rows();
    let groups = vec![
        group("2026-11", totals(4, 1_234_500)),
        group("2026-10", totals(187, -98_765_400)),
        group("2026-09", totals(rows - 191, 98_765_432_100)),
    ];
    let view = state.ledger.view.value().unwrap().clone();
    state.ledger.grouping.choose(Some(GroupBy::Month));
    state.ledger.asked = Some((state.ledger.filters.clone(), state.ledger.sort, state.ledger.grouping.by));
    state.ledger.grouping.lay_out(&groups);
    state.ledger.view.answer(Ok(View { groups: groups.into(), ..view }));
    state.ledger.fold(5, false);
    state
}

/// 转到行: there is no such invoice.
pub fn ledger_go_to() -> State {
    let mut state = ledger_groups();
    state.ledger.going = Some(GoTo { text: "26312000000123459999".into(), asked: None, missing: true });
    state
}

/// The columns are chosen.
pub fn ledger_columns() -> State {
    let mut state = ledger();
    state.ledger.columns = piaoxia::state::ledger_columns::LedgerColumns::from_text("date,number,code,counterparty,gross,status");
    state.ledger.arranging = true;
    state
}
