//! 逐张核对: where ledger and bureau disagree, and the invoices that make it.

use egui::{Grid, RichText, ScrollArea, Ui};
use piaoxia_domain::names::safe_file_name;
use piaoxia_engine::{Difference, Download, Findings};
use piaoxia_export::ShownTable;
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::tokens::Tone;

use super::count;
use crate::screens::{ScreenCx, Wish};
use crate::state::download::Examined;
use crate::state::{Screen, State};
use crate::text::fill;

const WIDTH: f32 = 960.0;
/// Invoices that are seen at once, points.
const HEIGHT: f32 = 320.0;
/// Widths of number, day, party, amount and matter, at most.
const COLUMNS: [f32; 5] = [170.0, 84.0, 296.0, 104.0, 272.0];

/// The differences of a download, each with the way to its invoices.
pub(super) fn lines(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>, download: &Download) {
    for difference in &download.differences {
        let values = [
            ("kind", cx.text.kind_short(&difference.kind)),
            ("month", &difference.month.strftime("%Y-%m").to_string()),
            ("bureau", &count(difference.bureau.invoices)),
            ("bureau_gross", &difference.bureau.gross.grouped()),
            ("ledger", &count(difference.ledger.invoices)),
            ("ledger_gross", &difference.ledger.gross.grouped()),
        ];
        let line = RichText::new(fill(&cx.text.download.difference, &values)).color(cx.tokens.tone(Tone::Bad).text);
        if difference.findings.is_none() {
            ui.label(line);
            continue;
        }
        ui.horizontal_wrapped(|ui| {
            ui.label(line);
            if ui.add(button::link(&cx.text.differences.show)).clicked() {
                state.download.examined = Some(Examined::of(download, difference));
            }
        });
    }
}

/// Draws the list while it is open.
pub(super) fn dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some((download, difference)) = state.download.examined() else { return };
    let Some(findings) = &difference.findings else { return };
    let (title, words) = (cx.text.difference_name(&download.order, difference), &cx.text.differences);
    let mut closes = false;
    let (choice, ()) = Dialog::new("difference", &title).cancel(&cx.text.common.close).width(WIDTH).show(ui.ctx(), |ui| {
        ui.label(cx.text.findings_line(findings));
        if findings.invoices.is_empty() {
            return;
        }
        ui.add_space(cx.tokens.space.s);
        if let Some(number) = list(ui, cx, findings) {
            state.ledger.show(&download.order);
            state.ledger.filters.text = number;
            // What the buyer issued (收购) is a purchase in the ledger.
            state.ledger.filters.direction = None;
            state.screen = Screen::Ledger;
            closes = true;
        }
        if findings.more > 0 {
            ui.label(RichText::new(fill(&words.more, &[("n", &count(findings.more))])).color(cx.tokens.color.text_secondary));
        }
        ui.add_space(cx.tokens.space.s);
        let exporting = (!state.file_dialog).then_some(&mut state.stats.exporting);
        take_along(ui, exporting, cx, (download, difference, findings));
    });
    if closes || choice == Choice::Cancelled {
        state.download.examined = None;
    }
}

/// The invoices; the number of the one that is to be seen in the ledger.
fn list(ui: &mut Ui, cx: &ScreenCx<'_>, findings: &Findings) -> Option<String> {
    let mut wanted = None;
    ScrollArea::vertical().id_salt("findings").max_height(HEIGHT).show(ui, |ui| {
        Grid::new("findings").num_columns(5).spacing([12.0, 6.0]).striped(true).show(ui, |ui| {
            let [number, date, party, gross, matter] = cx.text.finding_headings();
            let [_, _, _, gross_width, _] = COLUMNS;
            let secondary = cx.tokens.color.text_secondary;
            let head = |ui: &mut Ui, heading, width| ui.add(Elided::new(heading).color(secondary).width(width));
            for (heading, width) in [number, date, party].into_iter().zip(COLUMNS) {
                head(ui, heading, width);
            }
            ui.add(Elided::new(gross).color(secondary).right(gross_width));
            head(ui, matter, COLUMNS.last().copied().unwrap_or_default());
            ui.end_row();
            for one in &findings.invoices {
                let [_, date, party, gross, matter] = COLUMNS;
                let number = one.key.number();
                // What the ledger does not have cannot be shown there.
                if one.matter == piaoxia_engine::Matter::OnlyBureau {
                    ui.label(number);
                } else if ui.add(button::link(number)).on_hover_text(&cx.text.download.show_in_ledger).clicked() {
                    wanted = Some(number.to_owned());
                }
                ui.add(Elided::new(&one.issued_on.to_string()).width(date));
                ui.add(Elided::new(&one.party).width(party));
                ui.add(Elided::new(&one.gross.grouped()).right(gross));
                ui.add(Elided::new(&cx.text.matter(&one.matter)).width(matter));
                ui.end_row();
            }
        });
    });
    wanted
}

/// Whose list it is, and the list.
type Of<'a> = (&'a Download, &'a Difference, &'a Findings);

/// `exporting` takes the table; none while an open file dialog asks about another one.
fn take_along(ui: &mut Ui, exporting: Option<&mut Option<ShownTable>>, cx: &mut ScreenCx<'_>, (download, difference, findings): Of<'_>) {
    let (words, order) = (&cx.text.differences, &download.order);
    ui.horizontal(|ui| {
        if ui.add(button::secondary(&words.copy).icon(Icon::Copy).small()).clicked() {
            cx.wish(Wish::Copy(cx.text.findings_lines(order, difference, findings)));
        }
        if ui.add(button::secondary(&words.export).icon(Icon::Upload).small()).clicked() {
            if let Some(exporting) = exporting {
                *exporting = Some(cx.text.findings_table(order, difference, findings));
            }
            cx.wish(Wish::PickTableFile { name: safe_file_name(&cx.text.difference_name(order, difference)) });
        }
    });
}
