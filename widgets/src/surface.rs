//! White surfaces that hold a part of a page, and page titles.

use egui::{Align, Frame, InnerResponse, Layout, Margin, RichText, Role, Stroke, Ui, UiBuilder};

use crate::foreign::visible;
use crate::tokens::Tokens;

/// A white card with a hairline around its content, as wide as the available room.
pub fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let tokens = Tokens::of(ui.ctx());
    // Top-down also where cards stand side by side.
    let builder = UiBuilder::new().layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        frame(&tokens).show(ui, |ui| {
            ui.set_width(ui.available_width());
            content(ui)
        })
    })
    .inner
}

/// A card with a title line; `aside` draws at the right end of that line.
pub fn titled_card<R>(ui: &mut Ui, title: &str, aside: impl FnOnce(&mut Ui), content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    card(ui, |ui| {
        title_row(ui, title, RichText::new(visible(title)).text_style(crate::fonts::title_style()), aside);
        content(ui)
    })
}

/// The title of a page; `aside` draws its actions, right-aligned, the first one outermost.
pub fn page_title(ui: &mut Ui, title: &str, aside: impl FnOnce(&mut Ui)) {
    title_row(ui, title, RichText::new(visible(title)).heading(), aside);
}

/// Screen readers go from heading to heading, so it is one.
fn title_row(ui: &mut Ui, title: &str, drawn: RichText, aside: impl FnOnce(&mut Ui)) {
    let height = Tokens::of(ui.ctx()).height.control;
    ui.allocate_ui_with_layout(egui::vec2(ui.available_width(), height), Layout::left_to_right(Align::Center), |ui| {
        let label = ui.label(drawn);
        ui.ctx().accesskit_node_builder(label.id, |node| {
            node.set_role(Role::Heading);
            node.set_label(&*visible(title));
            node.clear_value();
        });
        ui.with_layout(Layout::right_to_left(Align::Center), aside);
    });
}

/// The frame of a card, for callers that lay out their own content.
pub fn frame(tokens: &Tokens) -> Frame {
    Frame::new()
        .fill(tokens.color.surface)
        .stroke(Stroke::new(1.0, tokens.color.hairline))
        .corner_radius(tokens.radius.card)
        .inner_margin(Margin::same(16))
}
