//! 导入: the report of files that could not be read.

use egui::{Align, Grid, Layout, RichText, ScrollArea, Ui};
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

/// Draws the report while it is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(report) = state.import.report.take() else { return };
    let words = &cx.text.import;
    let (failed, more) = failed(&report);
    let values = [("new", &*thousands(report.new)), ("known", &*thousands(report.known)), ("refused", &*thousands(failed as u64))];
    let (choice, ()) = Dialog::new("import report", &words.title).confirm(&cx.text.common.ok).width(760.0).show(ui.ctx(), |ui| {
        ui.horizontal(|ui| {
            ui.label(fill(&words.summary, &values));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(button::secondary(&words.save)).clicked() {
                    cx.wish(Wish::PickReportFile { name: words.report_file.clone() });
                }
            });
        });
        if report.second_originals > 0 {
            ui.label(fill(&words.second, &[("second", &thousands(report.second_originals))]));
        }
        ui.add_space(cx.tokens.space.s);
        ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            Grid::new("refused files").num_columns(2).striped(true).spacing([16.0, 6.0]).show(ui, |ui| {
                for unreadable in report.unreadable.iter().take(SHOWN) {
                    ui.add(Elided::new(&unreadable.file).middle().width(340.0));
                    let what = What::File { fault: unreadable.fault, path: unreadable.file.clone().into() };
                    let problem = Problem { what, subject: None, detail: String::new() };
                    reason(ui, cx, problem_line(cx.text, &problem));
                    ui.end_row();
                }
                for refused in report.refused.iter().take(SHOWN) {
                    ui.add(Elided::new(&refused.file).middle().width(340.0));
                    reason(ui, cx, cx.text.refused(&refused.reason));
                    ui.end_row();
                }
            });
            if more > 0 {
                ui.label(fill(&words.more, &[("n", &thousands(more as u64))]));
            }
        });
    });
    if choice == Choice::Open {
        state.import.report = Some(report);
    }
}

/// Files that were not imported, and how many of them the report does not draw.
fn failed(report: &ImportReport) -> (usize, usize) {
    let kinds = [report.unreadable.len(), report.refused.len()];
    (kinds.iter().sum(), kinds.iter().map(|files| files.saturating_sub(SHOWN)).sum())
}

/// As wide as the dialog leaves room: a long sentence goes over several lines.
fn reason(ui: &mut Ui, cx: &ScreenCx<'_>, sentence: String) {
    ui.horizontal(|ui| {
        ui.set_width(390.0);
        ui.add(egui::Label::new(RichText::new(sentence).color(cx.tokens.tone(Tone::Warning).text)).wrap());
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
        assert_eq!(failed(&report), (SHOWN + 5, 3));
    }
}
