//! 导入: the report of files that could not be read, or not in all their parts.

use egui::{Align, Align2, Area, Color32, Frame, Grid, Id, Layout, Margin, Order, RichText, ScrollArea, Stroke, Ui};
use piaoxia_documents::Words;
use piaoxia_engine::Problem;
use piaoxia_engine::event::ImportReport;
use piaoxia_engine::problem::What;
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish};
use crate::state::State;
use crate::text::{fill, problem_line, thousands};

/// Rows of each kind that the report draws; the rest is counted.
const SHOWN: usize = 500;
/// Width of the dialog, of a file's name and of what is said of it, points.
const WIDTH: f32 = 900.0;
const FILE: f32 = 420.0;
const REASON: f32 = 440.0;

/// Draws the report while it is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    // One of an import that ends after the session waits for the next one.
    if state.session.person().is_none() {
        return;
    }
    let Some(report) = state.import.report.take() else { return };
    let words = &cx.text.import;
    let (failed, partial, more) = (report.not_imported(), report.partial(), hidden(&report));
    let warning = cx.tokens.tone(Tone::Warning).text;
    let values = [("new", &*thousands(report.new)), ("known", &*thousands(report.known)), ("refused", &*thousands(failed))];
    let (choice, ()) = Dialog::new("import report", &words.title).confirm(&cx.text.common.ok).width(WIDTH).show(ui.ctx(), |ui| {
        ui.horizontal(|ui| {
            ui.label(fill(&words.summary, &values));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(button::secondary(&words.save)).clicked() {
                    if !state.file_dialog {
                        state.import.saving = Some(report.clone());
                    }
                    cx.wish(Wish::PickReportFile { name: words.report_file.clone() });
                }
            });
        });
        if report.second_originals > 0 {
            ui.label(fill(&words.second, &[("second", &thousands(report.second_originals))]));
        }
        if partial > 0 {
            ui.label(fill(&words.partial, &[("n", &thousands(partial))]));
        }
        ui.add_space(cx.tokens.space.s);
        ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            Grid::new("refused files").num_columns(2).striped(true).spacing([16.0, 6.0]).show(ui, |ui| {
                for unreadable in report.unreadable.iter().take(SHOWN) {
                    ui.add(Elided::new(&unreadable.file).middle().width(FILE));
                    let what = What::File { fault: unreadable.fault, path: unreadable.file.clone().into() };
                    let problem = Problem { what, subject: None, detail: String::new() };
                    reason(ui, problem_line(cx.text, &problem), warning);
                    ui.end_row();
                }
                let of = |in_part: bool| report.refused.iter().filter(move |file| file.reason.is_partial() == in_part);
                for refused in of(false).chain(of(true)).take(SHOWN) {
                    ui.add(Elided::new(&refused.file).middle().width(FILE));
                    reason(ui, cx.text.refused(&refused.reason), warning);
                    ui.end_row();
                }
                for noted in report.notes.iter().take(SHOWN) {
                    ui.add(Elided::new(&noted.file).middle().width(FILE));
                    reason(ui, cx.text.warning(&noted.note), cx.tokens.color.text_secondary);
                    ui.end_row();
                }
            });
            if more > 0 {
                ui.label(fill(&words.more, &[("n", &thousands(more as u64))]));
            }
            let more_notes = report.note_count.saturating_sub(report.notes.len().min(SHOWN) as u64);
            if more_notes > 0 {
                ui.label(fill(&words.note_more, &[("n", &thousands(more_notes))]));
            }
        });
    });
    if choice == Choice::Open {
        state.import.report = Some(report);
    } else {
        state.close_report();
    }
}

/// What becomes of files that are held over the window, once they are let go.
pub(super) fn hint(ui: &Ui, state: &State, cx: &ScreenCx<'_>) {
    let held = ui.input(|input| !input.raw.hovered_files.is_empty());
    if !held || state.read_only || !state.may_import() {
        return;
    }
    let tokens = cx.tokens;
    let area = Area::new(Id::unique("held files")).order(Order::Tooltip).interactable(false);
    area.anchor(Align2::CENTER_CENTER, egui::Vec2::ZERO).show(ui.ctx(), |ui| {
        let frame = Frame::new().fill(tokens.color.surface).stroke(Stroke::new(2.0, tokens.color.accent)).corner_radius(tokens.radius.card);
        frame.inner_margin(Margin::symmetric(32, 20)).show(ui, |ui| {
            ui.add(egui::Label::new(RichText::new(&cx.text.frame.dropped_files).size(tokens.font.title)).extend());
        });
    });
}

/// How many files the report does not draw.
fn hidden(report: &ImportReport) -> usize {
    [report.unreadable.len(), report.refused.len()].into_iter().map(|files| files.saturating_sub(SHOWN)).sum()
}

/// As wide as the dialog leaves room: a long sentence goes over several lines.
fn reason(ui: &mut Ui, sentence: String, color: Color32) {
    ui.horizontal(|ui| {
        ui.set_width(REASON);
        ui.add(egui::Label::new(RichText::new(sentence).color(color)).wrap());
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::event::{RefusedFile, UnreadableFile};
    use piaoxia_engine::problem::FileFault;

    #[test]
    fn files_that_the_system_would_not_give_are_counted_too() {
        let unreadable = UnreadableFile { file: "a.xml".into(), fault: FileFault::Denied };
        let refused = RefusedFile { file: "b.xml".into(), reason: piaoxia_documents::Refused::Empty };
        let report = ImportReport { unreadable: vec![unreadable; SHOWN + 3], refused: vec![refused; 2], ..ImportReport::default() };
        assert_eq!((report.not_imported(), hidden(&report)), (SHOWN as u64 + 5, 3));
    }
}
