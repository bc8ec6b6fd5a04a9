//! Modal dialog (对话框): title, body, buttons at the right; Enter is the default, Esc cancels.

use egui::{Frame, Id, Key, Margin, Modal, Modifiers, RichText, Role, ScrollArea, Stroke, TextEdit, Ui, UiKind};

use crate::button::{self, ActionButton, ButtonKind};
use crate::field;
use crate::tokens::Tokens;

/// How the user left a dialog in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Still open.
    Open,
    /// The default button or Enter.
    Confirmed,
    /// The cancel button or Esc.
    Cancelled,
}

/// Gives the keyboard back to what had it before a dialog; call it once a frame. Only the frame after the dialog can: until then egui takes it
/// from everything below a modal.
pub fn restore_focus(ctx: &egui::Context) {
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        return;
    }
    if let Some(before) = ctx.data_mut(|data| data.remove_temp::<Option<Id>>(waiting())).flatten() {
        ctx.memory_mut(|memory| memory.request_focus(before));
    }
}

fn waiting() -> Id {
    Id::unique("focus after a dialog")
}

/// A dialog above everything else. Show it in every frame in which it is open.
#[must_use = "draw it with `show`"]
pub struct Dialog<'a> {
    id: Id,
    title: &'a str,
    confirm: Option<&'a str>,
    cancel: Option<&'a str>,
    kind: ButtonKind,
    width: f32,
    busy: bool,
    can_confirm: bool,
    enter_confirms: bool,
}

impl<'a> Dialog<'a> {
    /// A dialog of 460 points without buttons; Esc cancels it.
    pub fn new(id: impl std::hash::Hash + std::fmt::Debug, title: &'a str) -> Self {
        Self {
            id: Id::unique(id),
            title,
            confirm: None,
            cancel: None,
            kind: ButtonKind::Primary,
            width: 460.0,
            busy: false,
            can_confirm: true,
            enter_confirms: true,
        }
    }

    /// The default button.
    pub fn confirm(mut self, label: &'a str) -> Self {
        self.confirm = Some(label);
        self
    }

    /// The cancel button.
    pub fn cancel(mut self, label: &'a str) -> Self {
        self.cancel = Some(label);
        self
    }

    /// The default button destroys something: it is red, and Enter presses it only when it has the focus.
    pub fn danger(mut self) -> Self {
        self.kind = ButtonKind::Danger;
        self.enter_confirms = false;
        self
    }

    /// The width in points.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// Work is going on: the default button spins, the body is locked, only cancel answers.
    pub fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    /// Whether the form is complete; a default button that cannot be pressed is grey.
    pub fn can_confirm(mut self, can_confirm: bool) -> Self {
        self.can_confirm = can_confirm;
        self
    }

    /// Draws the dialog over a veil that takes all clicks. The keyboard stays inside.
    pub fn show<R>(self, ctx: &egui::Context, body: impl FnOnce(&mut Ui) -> R) -> (Choice, R) {
        self.show_form(ctx, |ui| (body(ui), true))
    }

    /// The same for a body that also says whether what stands in its fields can be taken; while it cannot, nothing is confirmed.
    pub fn show_form<R>(self, ctx: &egui::Context, body: impl FnOnce(&mut Ui) -> (R, bool)) -> (Choice, R) {
        let tokens = Tokens::of(ctx);
        let frame = Frame::new()
            .fill(tokens.color.surface)
            .stroke(Stroke::new(1.0, tokens.color.outline))
            .corner_radius(tokens.radius.card)
            .inner_margin(Margin::same(20))
            .shadow(ctx.global_style().visuals.window_shadow);
        let area = Modal::default_area(self.id).role(Role::Dialog);
        let fresh = !ctx.memory(|memory| memory.areas().visible_last_frame(&area.layer()));
        if fresh {
            self.take_focus(ctx);
        }
        let modal = Modal::new(self.id).area(area).frame(frame).backdrop_color(tokens.color.veil);
        // The key that opened the dialog is not its answer.
        let enter = !fresh && self.enter_before(ctx);
        let shown = modal.show(ctx, |ui| self.content(ui, &tokens, body));
        let (mut choice, (inner, ready)) = shown.inner;
        if choice == Choice::Open && enter && ready && shown.is_top_modal && !shown.any_popup_open {
            choice = Choice::Confirmed;
        }
        let escape = shown.is_top_modal && !shown.any_popup_open && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if escape {
            choice = Choice::Cancelled;
        }
        if choice != Choice::Open {
            self.give_focus_back(ctx);
        }
        (choice, inner)
    }

    /// What had the keyboard before the dialog opened does not keep it: Enter is the dialog's from the first moment.
    fn take_focus(&self, ctx: &egui::Context) {
        let before = ctx.memory_mut(|memory| {
            let before = memory.focused();
            before.inspect(|id| memory.surrender_focus(*id))
        });
        ctx.data_mut(|data| data.insert_temp(self.id.with("before"), before));
    }

    /// The keyboard will be where it was before, see [`restore_focus`].
    fn give_focus_back(&self, ctx: &egui::Context) {
        if let Some(before) = ctx.data_mut(|data| data.remove_temp::<Option<Id>>(self.id.with("before"))).flatten() {
            ctx.data_mut(|data| data.insert_temp(waiting(), Some(before)));
        }
    }

    /// Whether Enter means the default button, read before a field or button takes the key.
    fn enter_before(&self, ctx: &egui::Context) -> bool {
        let possible = self.enter_confirms && self.can_confirm && !self.busy && self.confirm.is_some();
        // Enter presses a focused button or box itself; only a text field leaves it to the dialog,
        // and not while an input method is at work there.
        let free = ctx
            .memory(|memory| memory.focused())
            .is_none_or(|id| TextEdit::load_state(ctx, id).is_some() && !field::input_method_busy(ctx, id));
        possible && free && ctx.input(|input| input.key_pressed(Key::Enter))
    }

    fn content<R>(&self, ui: &mut Ui, tokens: &Tokens, body: impl FnOnce(&mut Ui) -> (R, bool)) -> (Choice, (R, bool)) {
        ui.set_width(self.width);
        let title = ui.label(RichText::new(self.title).text_style(crate::fonts::title_style()));
        if let Some(area) = ui.stack().iter().find(|part| part.kind() == Some(UiKind::Modal)) {
            ui.ctx().accesskit_node_builder(area.unique_id, |node| node.push_labelled_by(title.id.accesskit_id()));
        }
        ui.add_space(tokens.space.xs);
        // What does not fit on a small screen scrolls; the buttons stay in sight.
        let room = ui.ctx().content_rect().height() - 180.0;
        let shown = ScrollArea::vertical()
            .max_height(room.max(120.0))
            .auto_shrink([false, true])
            .show(ui, |ui| ui.add_enabled_ui(!self.busy, body).inner);
        self.settle(ui.ctx(), (shown.content_size.y, shown.inner_rect.height()));
        let (inner, ready) = shown.inner;
        ui.add_space(tokens.space.s);
        let choice = if self.confirm.is_some() || self.cancel.is_some() { self.buttons(ui, ready) } else { Choice::Open };
        (choice, (inner, ready))
    }

    /// A dialog whose content has grown is as high as the frame before: it is drawn until it has the height that it needs, and not only when
    /// somebody moves the pointer.
    fn settle(&self, ctx: &egui::Context, heights: (f32, f32)) {
        let before = ctx.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(self.id.with("heights")), heights));
        if before != heights {
            ctx.request_repaint();
        }
    }

    /// Cancel is read first: whoever presses Tab in a question before something is destroyed is not on the red button.
    fn buttons(&self, ui: &mut Ui, ready: bool) -> Choice {
        let mut buttons = Vec::new();
        if let Some(label) = self.cancel {
            buttons.push((button::secondary(label), Choice::Cancelled));
        }
        if let Some(label) = self.confirm {
            let confirm = ActionButton::new(self.kind, label).enabled(self.can_confirm && ready).busy(self.busy);
            buttons.push((confirm, Choice::Confirmed));
        }
        let pressed = button::at_right(ui, buttons).into_iter().find(|(response, _)| response.clicked());
        pressed.map_or(Choice::Open, |(_, choice)| choice)
    }
}

/// The texts of a yes-or-no question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// "解除绑定？"
    pub title: &'a str,
    /// What happens, what stays, what goes.
    pub text: &'a str,
    /// "解除绑定"
    pub confirm: &'a str,
    /// "取消"
    pub cancel: &'a str,
    /// Something is destroyed: red button, Enter alone does not confirm.
    pub danger: bool,
}

/// Asks a question; show it in every frame until the answer is not [`Choice::Open`].
pub fn confirm(ctx: &egui::Context, id: impl std::hash::Hash + std::fmt::Debug, question: &Question<'_>) -> Choice {
    let mut dialog = Dialog::new(id, question.title).confirm(question.confirm).cancel(question.cancel).width(420.0);
    if question.danger {
        dialog = dialog.danger();
    }
    let body = |ui: &mut Ui| {
        let secondary = Tokens::of(ui.ctx()).color.text_secondary;
        ui.add(egui::Label::new(RichText::new(question.text).color(secondary)).wrap());
    };
    dialog.show(ctx, body).0
}
