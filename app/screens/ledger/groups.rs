//! 分组: how the ledger is grouped, the heads of the groups; and 转到行.

use egui::{Key, Ui};
use piaoxia_domain::typed;
use piaoxia_domain::{Money, Totals};
use piaoxia_service::contract::Company;
use piaoxia_store::{Group, GroupBy, GroupKey};
use piaoxia_widgets::big_table::{GroupHead, GroupSum};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::field::Field;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::tokens::Tone;

use crate::screens::download::count;
use crate::screens::{ScreenCx, keys, words};
use crate::state::State;
use crate::state::ledger::GoTo;
use crate::state::ledger_columns::LedgerColumn;
use crate::state::ledger_groups::WAYS;
use crate::text::{Text, fill};

/// How it is grouped.
pub(super) fn choose(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let text = cx.text;
    let ways = WAYS.map(|(way, _)| way);
    let place = ways.iter().position(|way| Some(*way) == state.ledger.grouping.by);
    let mut chosen = Some(place.map_or(0, |place| place + 1));
    let name = |index: usize| way(text, index.checked_sub(1).and_then(|index| ways.get(index)).copied());
    let select = Select::new(&text.ledger.group, &mut chosen, ways.len() + 1, name, words::select(text));
    let width = words::wide(text, 116.0, 136.0);
    if select.hide_label().width(width).show(ui).changed() {
        let by = chosen.and_then(|index| index.checked_sub(1)).and_then(|index| ways.get(index)).copied();
        let commands = state.group_ledger(by);
        cx.commands.extend(commands);
    }
}

/// While it is grouped.
pub(super) fn fold_all(ui: &mut Ui, state: &mut State, text: &Text) {
    if state.ledger.grouping.is_grouped() {
        for (label, open) in [(&text.ledger.fold_all, false), (&text.ledger.unfold_all, true)] {
            if ui.add(button::link(label)).clicked() {
                state.ledger.fold_all(open);
            }
        }
    }
}

fn way(text: &Text, by: Option<GroupBy>) -> &str {
    let words = &text.ledger;
    match by {
        None => &words.group_none,
        Some(GroupBy::Month) => &words.group_month,
        Some(GroupBy::Company) => &words.group_company,
        Some(GroupBy::Kind) => &words.group_kind,
        Some(GroupBy::Counterparty) => &words.group_counterparty,
        Some(GroupBy::Status) => &words.group_status,
    }
}

/// The head of a group.
pub(super) fn head(text: &Text, companies: &[Company], shown: &[LedgerColumn], group: &Group, is_open: bool) -> GroupHead {
    let words = &text.ledger;
    let named = |name: &str, tax_no: &str| format!("{} {tax_no}", if name.is_empty() { &words.group_no_name } else { name });
    let title = match &group.key {
        GroupKey::Month(month) => month.to_string(),
        GroupKey::Company(None) => words.group_no_company.clone(),
        GroupKey::Company(Some(tax_no)) => match companies.iter().find(|company| company.tax_no == *tax_no) {
            Some(company) => named(&company.name, tax_no.as_str()),
            None => tax_no.to_string(),
        },
        GroupKey::Kind(kind) => text.kind_short(kind).to_owned(),
        GroupKey::Counterparty(party) => named(&party.name, party.tax_no.as_str()),
        GroupKey::Status(status) => text.status(status).to_owned(),
    };
    let totals = &group.totals;
    let values = [
        ("n", &*count(totals.invoices)),
        ("net", &*totals.net.grouped()),
        ("tax", &*totals.tax.grouped()),
        ("gross", &*totals.gross.grouped()),
    ];
    let sums = shown.iter().enumerate().filter_map(|(column, which)| sum(totals, *which).map(|sum| (column, sum)));
    let sums = sums.map(|(column, sum)| GroupSum { column, text: sum.grouped(), tone: amount_tone(sum) });
    GroupHead {
        title: title.trim_end().to_owned(),
        about: fill(&words.group_about, &values),
        count: fill(&words.group_count, &values),
        sums: sums.collect(),
        is_open,
    }
}

fn sum(totals: &Totals, column: LedgerColumn) -> Option<Money> {
    match column {
        LedgerColumn::Net => Some(totals.net),
        LedgerColumn::Tax => Some(totals.tax),
        LedgerColumn::Gross => Some(totals.gross),
        _ => None,
    }
}

/// Red for what is below zero, in cells and in sums alike.
pub(super) fn amount_tone(amount: Money) -> Tone {
    if amount.is_negative() { Tone::Bad } else { Tone::Neutral }
}

/// Its link, and the dialog while it is open.
pub(super) fn go_to(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.ledger;
    let has_rows = state.ledger.rows() > 0;
    let asked = keys::take_for_page(ui, Key::G);
    let pressed = ui.add_enabled_ui(has_rows, |ui| ui.add(button::link(&words.go_to)).on_hover_text("Ctrl+G").clicked()).inner;
    let opened = has_rows && (asked || pressed) && state.ledger.going.is_none();
    if opened {
        state.ledger.going = Some(GoTo::default());
    }
    let Some(going) = &mut state.ledger.going else { return };
    let dialog = Dialog::new("go to row", &words.go_to_title).confirm(&words.go_to).cancel(&cx.text.common.cancel).width(360.0);
    let error = going.missing.then_some(words.go_to_missing.as_str());
    let (choice, submitted) = dialog.can_confirm(!typed::number(&going.text).is_empty()).show(ui.ctx(), |ui| {
        let field = Field::new(&words.go_to_field, &mut going.text).error(error).width(320.0).focus(opened).show(ui);
        going.missing &= !field.response.changed();
        field.submitted
    });
    if choice == Choice::Cancelled {
        state.ledger.going = None;
    } else if choice == Choice::Confirmed || submitted {
        let commands = state.go_to_row();
        cx.commands.extend(commands);
    }
}
