//! The page while the data folder is closed, and the question before.

use egui::{RichText, Ui, ViewportCommand};
use piaoxia_engine::problem::{StoreFault, What};
use piaoxia_engine::{Away, Problem};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{self, Choice, Question};
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::surface;

use super::{ScreenCx, Wish};
use crate::state::State;
use crate::state::away::Folder;
use crate::text::{Text, fill, problem_line, problem_text, thousands};

/// In place of every page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.away;
    let path = state.data.display().to_string();
    let (title, body) = match &state.folder {
        Folder::Here | Folder::Asking | Folder::Closing => (&words.closing, words.closing_body.clone()),
        Folder::Opening | Folder::Away(Away::Reopening) => (&words.opening, String::new()),
        Folder::Away(Away::LetGo) if state.program_is_with_data => {
            (&words.let_go_first, fill(&words.let_go_first_body, &[("path", &path)]))
        }
        Folder::Away(Away::LetGo) => (&words.let_go, fill(&words.let_go_body, &[("path", &path)])),
        Folder::Away(Away::Pulled) => (&words.pulled, fill(&words.pulled_body, &[("path", &path)])),
        Folder::Away(Away::Restoring { .. }) => (&words.restoring, String::new()),
        Folder::Away(Away::Refused(problem)) => (&words.refused, refused(cx.text, problem)),
    };
    ui.vertical_centered(|ui| {
        ui.add_space(((ui.available_height() - 240.0) / 2.0).max(10.0));
        ui.set_max_width(520.0);
        surface::card(ui, |ui| {
            ui.vertical_centered(|ui| ui.label(RichText::new(title).size(cx.tokens.font.title)));
            ui.add_space(cx.tokens.space.s);
            if !body.is_empty() {
                ui.add(egui::Label::new(RichText::new(body).color(cx.tokens.color.text_secondary)).wrap());
            }
            ui.add_space(cx.tokens.space.m);
            buttons(ui, state, cx);
        });
    });
}

/// Why the folder is not opened. It is tried again and again, so who has it open need only close it.
fn refused(text: &Text, problem: &Problem) -> String {
    if problem.what != What::Store(StoreFault::InUse) {
        return problem_line(text, problem);
    }
    let title = problem_text(text, problem).title;
    fill(&text.problem.line, &[("title", &title), ("advice", &text.away.in_use)])
}

fn buttons(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.away;
    if !matches!(state.folder, Folder::Away(Away::LetGo | Away::Pulled | Away::Refused(_))) {
        let figures;
        let bar = match state.folder {
            Folder::Away(Away::Restoring { done, total }) if total > 0 => {
                figures = fill(&cx.text.backup.progress, &[("n", &thousands(done)), ("m", &thousands(total))]);
                Progress::new(&words.restoring, done as f32 / total as f32).text(&figures)
            }
            Folder::Opening | Folder::Away(Away::Reopening) => Progress::endless(&words.opening),
            Folder::Away(Away::Restoring { .. }) => Progress::endless(&words.restoring),
            _ => Progress::endless(&words.closing),
        };
        ui.add(bar.width(ui.available_width()));
        return;
    }
    ui.horizontal(|ui| {
        // The program itself lies on the stick as a rule, and keeps it here while it runs.
        if cfg!(windows) && state.folder == Folder::Away(Away::LetGo) {
            if ui.add(button::primary(&words.quit_remove).icon(Icon::Exit)).clicked() {
                cx.wishes.push(Wish::Remove);
            }
        } else if ui.add(button::primary(&words.quit).icon(Icon::Exit)).clicked() {
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
        // Whoever came here wants to pull it out; the way back stands behind that.
        if state.folder == Folder::Away(Away::LetGo) && ui.add(button::secondary(&words.go_on)).clicked() {
            let command = state.take_back();
            cx.send(command);
        }
    });
}

/// Asks before work is interrupted.
pub(super) fn question(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if state.folder != Folder::Asking {
        return;
    }
    let words = &cx.text.away;
    let question =
        Question { title: &words.ask_title, text: &words.ask_body, confirm: &words.remove, cancel: &cx.text.common.cancel, danger: false };
    match dialog::confirm(ui.ctx(), "let go", &question) {
        Choice::Open => {}
        Choice::Cancelled => state.folder = Folder::Here,
        Choice::Confirmed => cx.commands.extend(state.let_go()),
    }
}
