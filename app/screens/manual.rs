//! 使用说明 in the window: its chapters at the left, the one that is read beside them.

use egui::{RichText, ScrollArea, Ui};
use piaoxia_widgets::dialog::{Choice, Dialog};

use super::ScreenCx;
use crate::manual::{Block, MANUAL, blocks};
use crate::state::State;

/// Width of the chapters' names, points.
const CHAPTERS: f32 = 150.0;
const HEIGHT: f32 = 440.0;

/// Draws it while it is open.
pub(super) fn draw(ui: &Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let Some(mut chapter) = state.manual else { return };
    let (choice, ()) = Dialog::new("manual", &cx.text.settings.manual).cancel(&cx.text.common.close).width(860.0).show(ui.ctx(), |ui| {
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(CHAPTERS);
                let headings = blocks(MANUAL).filter_map(|block| if let Block::Heading(heading) = block { Some(heading) } else { None });
                for (place, heading) in headings.enumerate() {
                    if ui.selectable_label(place == chapter, heading).clicked() {
                        chapter = place;
                    }
                }
            });
            ui.separator();
            ui.vertical(|ui| {
                ScrollArea::vertical().id_salt(chapter).auto_shrink(false).max_height(HEIGHT).show(ui, |ui| read(ui, cx, chapter));
            });
        });
    });
    state.manual = (choice == Choice::Open).then_some(chapter);
}

/// The chapter, by its place; what stands before the first belongs to none.
fn read(ui: &mut Ui, cx: &ScreenCx<'_>, chapter: usize) {
    let mut headings = 0;
    for block in blocks(MANUAL) {
        headings += usize::from(matches!(block, Block::Heading(_)));
        if headings == chapter + 1 {
            paragraph(ui, cx, block);
        }
    }
}

fn paragraph(ui: &mut Ui, cx: &ScreenCx<'_>, block: Block<'_>) {
    let wrapped = |ui: &mut Ui, text: &str| ui.add(egui::Label::new(text).wrap());
    match block {
        Block::Title(text) | Block::Heading(text) => {
            ui.label(RichText::new(text).text_style(piaoxia_widgets::fonts::title_style()));
        }
        Block::Text(text) => {
            wrapped(ui, text);
        }
        Block::Step(number, text) => marked(ui, cx, &format!("{number}."), text),
        Block::Point(text) => marked(ui, cx, "·", text),
        // In the window pictures of the window are left out.
        Block::Picture(..) => return,
    }
    ui.add_space(cx.tokens.space.xs);
}

fn marked(ui: &mut Ui, cx: &ScreenCx<'_>, mark: &str, text: &str) {
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(mark).color(cx.tokens.color.text_secondary));
        ui.add(egui::Label::new(text).wrap());
    });
}
