//! Filters of the two tabs.

use egui::{Checkbox, RichText, Ui};
use jiff::civil::Date;
use piaoxia_domain::{Deduction, Status};
use piaoxia_widgets::date_picker::{DateOutput, DateRangeField, RangeText};
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::select::MultiSelect;

use crate::screens::{ScreenCx, words};
use crate::state::State;
use crate::state::download::{Mode, Tab};
use crate::state::preferences::ORIGINALS;
use crate::text::Text;

/// Draws the filters; any change makes the counts below stale, so they go. True when the dates can be read.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) -> bool {
    let text = cx.text;
    let mut changed = false;
    let space = cx.tokens.space.xs;
    let dates = ui.horizontal_top(|ui| {
        if state.download.tab == Tab::All {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = space;
                ui.label(RichText::new(&text.download.side).small().weak());
                let mut side = usize::from(!state.download.issued);
                changed |= segmented(ui, &text.download.side_name, &[&text.ledger.issued, &text.ledger.received], &mut side).changed();
                state.download.issued = side == 0;
            });
        }
        let dates = dates_ui(ui, state, text);
        changed |= dates.changed;
        changed |= kinds_ui(ui, state, text);
        changed |= statuses_ui(ui, state, text);
        if state.download.tab == Tab::Deductible {
            changed |= deductions_ui(ui, state, text);
        }
        dates
    });
    if state.download.mode == Mode::Disk {
        ui.label(RichText::new(&text.download.no_originals_by_disk).color(cx.tokens.color.text_secondary));
    } else {
        originals_ui(ui, state, cx);
    }
    if changed {
        state.download.counted = None;
    }
    dates.inner.valid
}

fn originals_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let text = cx.text;
    let originals = ui.add(Checkbox::new(&mut state.download.originals, &text.download.originals)).changed();
    if originals {
        let value = if state.download.originals { "yes" } else { "no" }.to_owned();
        cx.send(state.prefer(ORIGINALS, value));
    }
}

fn dates_ui(ui: &mut Ui, state: &mut State, text: &Text) -> DateOutput {
    let presets = presets(state, text);
    let (today, last) = (state.today, state.last_day());
    let month_title = words::month_title(text);
    let range =
        RangeText { from: &text.download.from, to: &text.download.to, joint: &text.calendar.joint, presets: &text.calendar.presets };
    let page = &mut state.download;
    DateRangeField::new(&text.download.dates, (&mut page.from, &mut page.to), &presets, range, words::calendar(text, &month_title))
        .min(Date::constant(2017, 1, 1))
        .max(last)
        .today(today)
        .show(ui)
}

fn presets<'t>(state: &State, text: &'t Text) -> Vec<(&'t str, Date, Date)> {
    let last = state.last_day();
    let this_month = last.first_of_month();
    let before = this_month.yesterday().unwrap_or(this_month);
    let quarter = Date::new(last.year(), (last.month() - 1) / 3 * 3 + 1, 1).unwrap_or(this_month);
    vec![
        (text.download.this_month.as_str(), this_month, last),
        (text.download.last_month.as_str(), before.first_of_month(), before),
        (text.download.this_quarter.as_str(), quarter, last),
        (text.download.this_year.as_str(), last.first_of_year(), last),
    ]
}

fn kinds_ui(ui: &mut Ui, state: &mut State, text: &Text) -> bool {
    let offered = state.download.kinds_offered();
    let name = |index: usize| offered.get(index).map_or("", |kind| text.kind(kind));
    MultiSelect::new(&text.download.kinds, &mut state.download.kinds, offered.len(), name, words::select_all(text))
        .width(190.0)
        .show(ui)
        .changed()
}

fn statuses_ui(ui: &mut Ui, state: &mut State, text: &Text) -> bool {
    let known = Status::KNOWN;
    let name = |index: usize| known.get(index).map_or("", |status| text.status(status));
    MultiSelect::new(&text.download.statuses, &mut state.download.statuses, known.len(), name, words::select_all(text))
        .width(150.0)
        .show(ui)
        .changed()
}

fn deductions_ui(ui: &mut Ui, state: &mut State, text: &Text) -> bool {
    let name = |index: usize| Deduction::ALL.get(index).map_or("", |state| words::deduction(text, *state));
    MultiSelect::new(&text.download.deductions, &mut state.download.deductions, Deduction::ALL.len(), name, words::select_all(text))
        .width(150.0)
        .show(ui)
        .changed()
}
