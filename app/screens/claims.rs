//! 报销登记: who used an invoice when for what; a second use is told with the first.

use egui::{Align, Checkbox, Layout, RichText, ScrollArea, Ui};
use jiff::Timestamp;
use piaoxia_engine::ClaimOf;
use piaoxia_engine::event::InvoiceSheet;
use piaoxia_store::{Claim, Claimed};
use piaoxia_widgets::banner::Banner;
use piaoxia_widgets::button;
use piaoxia_widgets::date_picker::DateField;
use piaoxia_widgets::dialog::{self, Choice, Dialog, Question};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, words};
use crate::state::State;
use crate::state::claims::{ClaimDialog, Earlier, Withdrawal};
use crate::text::{Text, fill, moment, problem_line, thousands};

const WIDTH: f32 = 900.0;
/// Earlier claims that are seen at once, points.
const BEFORE: f32 = 190.0;
/// Column of the 发票号码, points.
const NUMBER: f32 = 170.0;
/// Of the 对方.
const PARTY: f32 = 200.0;
/// Of the 价税合计.
const GROSS: f32 = 104.0;
/// Room for the button behind a claim, points.
const BUTTON: f32 = 110.0;

/// Draws the dialog or the question while it is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    enter(ui, state, cx);
    if state.claims.withdrawing.is_some() {
        let words = &cx.text.claims;
        let question = Question {
            title: &words.withdraw_title,
            text: &words.withdraw_body,
            confirm: &words.withdraw,
            cancel: &cx.text.common.cancel,
            danger: true,
        };
        match dialog::confirm(ui.ctx(), "withdraw claim", &question) {
            Choice::Open => {}
            Choice::Cancelled => state.claims.withdrawing = None,
            Choice::Confirmed => cx.commands.extend(state.withdraw_claim()),
        }
    }
}

fn enter(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.claims.dialog.take() else { return };
    let words = &cx.text.claims;
    let (choice, ()) = Dialog::new("claim", &words.title)
        .confirm(&words.enter)
        .cancel(&cx.text.common.cancel)
        .width(WIDTH)
        .busy(dialog.asked.is_some())
        .can_confirm(dialog.is_ready())
        .show_form(ui.ctx(), |ui| {
            ui.label(fill(&words.which, &[("n", &thousands(dialog.of.count()))]));
            ui.add_space(cx.tokens.space.s);
            let dated = fields(ui, state, cx, &mut dialog);
            before(ui, cx, &mut dialog);
            if let Some(problem) = &dialog.problem {
                ui.add(egui::Label::new(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text)).wrap());
            }
            ((), dated)
        });
    state.claims.dialog = Some(dialog);
    match choice {
        Choice::Open => {}
        Choice::Cancelled => state.claims.dialog = None,
        Choice::Confirmed => {
            let commands = state.claim(Timestamp::now());
            cx.commands.extend(commands);
        }
    }
}

/// True when the date can be read.
fn fields(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>, dialog: &mut ClaimDialog) -> bool {
    let words = &cx.text.claims;
    let month_title = words::month_title(cx.text);
    let on = ui.horizontal_top(|ui| {
        let on = DateField::new(&words.on, &mut dialog.on, words::calendar(cx.text, &month_title)).today(state.today).width(160.0).show(ui);
        Field::new(&words.by, &mut dialog.by).required().width(180.0).limit(60).show(ui);
        on
    });
    Field::new(&words.note, &mut dialog.note).hint(&words.note_hint).full_width().limit(200).show(ui);
    on.inner.valid
}

/// Those that were used before, and the choice without which nothing is entered.
fn before(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &mut ClaimDialog) {
    if dialog.before.is_empty() {
        return;
    }
    let words = &cx.text.claims;
    ui.add_space(cx.tokens.space.s);
    let line = fill(&words.before, &[("n", &thousands(dialog.before.len() as u64)), ("m", &thousands(dialog.of.count()))]);
    Banner::new(Tone::Warning, &line).show(ui);
    let height = ui.text_style_height(&egui::TextStyle::Body);
    ScrollArea::vertical().id_salt("before").auto_shrink([false, true]).max_height(BEFORE).show_rows(
        ui,
        height,
        dialog.before.len(),
        |ui, rows| {
            // Nothing in a row is pressed, so it is as high as its text.
            ui.spacing_mut().interact_size.y = 0.0;
            for Claimed { key, party, gross, first } in dialog.before.get(rows).into_iter().flatten() {
                ui.horizontal(|ui| {
                    cell(ui, NUMBER, key.number());
                    cell(ui, PARTY, party);
                    ui.add(Elided::new(&gross.grouped()).right(GROSS));
                    ui.add(Elided::new(&line_of(cx.text, first)).width(ui.available_width()));
                });
            }
        },
    );
    let others = dialog.others();
    if others > 0 {
        ui.radio_value(&mut dialog.earlier, Some(Earlier::Others), fill(&words.others, &[("n", &thousands(others))]));
        ui.radio_value(&mut dialog.earlier, Some(Earlier::All), fill(&words.all, &[("n", &thousands(dialog.of.count()))]));
        return;
    }
    let mut again = dialog.earlier.is_some();
    if ui.add(Checkbox::new(&mut again, &words.again)).changed() {
        dialog.earlier = again.then_some(Earlier::All);
    }
}

/// A text in a column of this width.
fn cell(ui: &mut Ui, width: f32, text: &str) {
    let room = egui::vec2(width, ui.text_style_height(&egui::TextStyle::Body));
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        ui.add(Elided::new(text).width(width));
    });
}

fn line_of(text: &Text, claim: &Claim) -> String {
    let line = fill(&text.claims.line, &[("on", &claim.on.to_string()), ("by", &claim.by)]);
    if claim.note.is_empty() { line } else { format!("{line} · {}", claim.note) }
}

/// The claims of an invoice among its details.
pub(super) fn of_sheet(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, sheet: &InvoiceSheet) {
    let words = &cx.text.claims;
    for kept in &sheet.claims {
        let mut line = line_of(cx.text, &kept.claim);
        if let Some(at) = kept.claim.withdrawn {
            line.push_str(&fill(&words.withdrawn, &[("time", &moment(at))]));
        }
        ui.horizontal(|ui| {
            let color = if kept.claim.counts() { cx.tokens.tone(Tone::Warning).text } else { cx.tokens.color.text_secondary };
            ui.add(Elided::new(&fill(&words.kept, &[("claim", &line)])).color(color).width((ui.available_width() - BUTTON).max(200.0)));
            let free = kept.claim.counts() && !state.read_only;
            if free && ui.add(button::quiet(&words.withdraw).small()).clicked() {
                state.claims.withdrawing = Some(Withdrawal { key: sheet.invoice.key.clone(), id: kept.id.clone() });
            }
        });
    }
}

/// The way to one more.
pub(super) fn button_of_sheet(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, sheet: &InvoiceSheet) {
    let button = button::secondary(&cx.text.claims.title).icon(Icon::Check).small().enabled(!state.read_only);
    if ui.add(button).clicked() {
        state.open_claim(ClaimOf::Invoice(sheet.invoice.key.clone()));
    }
}
