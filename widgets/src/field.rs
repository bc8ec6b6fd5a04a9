//! Labelled single-line text field (输入框).

use egui::{Align, Align2, Color32, Context, Event, Id, ImeEvent, Key, Layout, Response, RichText, TextEdit, Ui};

use crate::button;
use crate::icons::Icon;
use crate::tokens::{Tokens, Tone};

/// The names of the eye button of a password field.
#[derive(Clone, Copy, Debug)]
pub struct Reveal<'a> {
    /// "显示密码"
    pub show: &'a str,
    /// "隐藏密码"
    pub hide: &'a str,
}

/// A text field with its label above and its error below.
#[must_use = "draw it with `show`"]
pub struct Field<'a> {
    label: &'a str,
    value: &'a mut String,
    hint: &'a str,
    help: &'a str,
    error: Option<&'a str>,
    width: Option<f32>,
    limit: usize,
    reveal: Option<Reveal<'a>>,
    code: bool,
    forgets: bool,
    half_width: bool,
    number: bool,
    required: bool,
    enabled: bool,
    icon: Option<Icon>,
    focus: bool,
    first: Option<bool>,
    hide_label: bool,
    id: Option<Id>,
}

/// What happened to a [`Field`] in this frame.
pub struct FieldOutput {
    /// The text edit's response.
    pub response: Response,
    /// The text is another than before.
    pub changed: bool,
    /// Enter was pressed in the field, and not to pick a word of the input method.
    pub submitted: bool,
}

impl<'a> Field<'a> {
    /// A field of 280 points for at most 200 characters.
    pub fn new(label: &'a str, value: &'a mut String) -> Self {
        Self {
            label,
            value,
            hint: "",
            help: "",
            error: None,
            width: Some(280.0),
            limit: 200,
            reveal: None,
            code: false,
            forgets: false,
            half_width: false,
            number: false,
            required: false,
            enabled: true,
            icon: None,
            focus: false,
            first: None,
            hide_label: false,
            id: None,
        }
    }

    /// The example in the empty field.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// A quiet line below the field; an error takes its place.
    pub fn help(mut self, help: &'a str) -> Self {
        self.help = help;
        self
    }

    /// The error line below the field.
    pub fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error.filter(|text| !text.is_empty());
        self
    }

    /// The width in points.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// As wide as the available room.
    pub fn full_width(mut self) -> Self {
        self.width = None;
        self
    }

    /// The most characters that can be typed.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Hides what is typed; the eye button shows it. Nothing can be undone.
    pub fn password(mut self, reveal: Reveal<'a>) -> Self {
        self.reveal = Some(reveal);
        self.forgetful()
    }

    /// A monospaced field for codes; turns full-width characters into half-width ones. Nothing can be undone.
    pub fn code(mut self) -> Self {
        self.code = true;
        self.half_width = true;
        self.forgetful()
    }

    /// No undo history, which would hold every state of the text in the clear for as long as the program runs.
    pub fn forgetful(mut self) -> Self {
        self.forgets = true;
        self
    }

    /// For numbers, tax numbers, phone numbers: full-width characters become half-width, spaces at the ends go.
    pub fn half_width(mut self) -> Self {
        self.half_width = true;
        self
    }

    /// For one number that may be pasted in groups (138 0013 8000): as [`Field::half_width`], and blanks between its digits go, too.
    pub fn number(mut self) -> Self {
        self.number = true;
        self.half_width()
    }

    /// Marks the label with a red star.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// A disabled field shows its value only.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// A glyph inside the field, for example [`Icon::Search`].
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Gives the field the keyboard in this frame.
    pub fn focus(mut self, focus: bool) -> Self {
        self.focus = focus;
        self
    }

    /// For the field that one types into first: it takes the keyboard when it comes in sight, and keeps it at Enter. After a time in which
    /// it was not `ready`, or not enabled, or below a dialog, it takes the keyboard again, unless something else has it by then.
    pub fn first(mut self, ready: bool) -> Self {
        self.first = Some(ready);
        self
    }

    /// No visible label; it stays the accessible name. For search fields.
    pub fn hide_label(mut self) -> Self {
        self.hide_label = true;
        self
    }

    /// A fixed id, for callers that move the focus.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Draws the field.
    pub fn show(mut self, ui: &mut Ui) -> FieldOutput {
        let tokens = Tokens::of(ui.ctx());
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let id = self.id.unwrap_or_else(|| ui.make_persistent_id(("field", self.label)));
        let layout = Layout::top_down(Align::Min);
        ui.allocate_ui_with_layout(egui::vec2(width, 0.0), layout, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = tokens.space.xs;
            let label = (!self.hide_label).then(|| label_row(ui, self.label, self.required, &tokens));
            let output = ui.add_enabled_ui(self.enabled, |ui| self.edit(ui, id, width, &tokens)).inner;
            let response = match label {
                Some(label) => output.response.labelled_by(label.id),
                None => output.response.accessible_name(self.label),
            };
            below(ui, self.error, self.help, &tokens);
            FieldOutput { response, ..output }
        })
        .inner
    }

    fn edit(&mut self, ui: &mut Ui, id: Id, width: f32, tokens: &Tokens) -> FieldOutput {
        let reveal_id = id.with("reveal");
        let revealed = seen_lately(ui.ctx(), reveal_id);
        if self.error.is_some() {
            error_outline(ui, tokens);
        }
        let eye = if self.reveal.is_some() { tokens.height.control } else { 0.0 };
        let mut edit = TextEdit::singleline(self.value)
            .id(id)
            .hint_text(RichText::new(self.hint).color(tokens.color.text_hint))
            .char_limit(self.limit)
            .password(self.reveal.is_some() && !revealed)
            .min_size(egui::vec2(width, tokens.height.control))
            .desired_width(width)
            .align(Align2::LEFT_CENTER)
            .margin(inner_margin(self.icon, eye));
        if self.code {
            edit = edit.font(crate::fonts::code(tokens.font.body + 1.0));
        }
        let mut response = ui.add(edit);
        if self.focus || self.first.is_some_and(|ready| takes_keyboard(ui, id, ready)) {
            response.request_focus();
        }
        paint_icon(ui, &response, self.icon, tokens);
        if self.forgets {
            forget_undo(ui.ctx(), id);
        }
        if let Some(reveal) = self.reveal {
            if revealed {
                note_pass(ui.ctx(), shown_in());
                note_pass(ui.ctx(), reveal_id);
            }
            eye_button(ui, &response, reveal, reveal_id, revealed);
        }
        let submitted = submitted(&response, ui);
        if submitted && self.first.is_some() {
            response.request_focus();
        }
        if self.half_width && response.changed() && !composing(ui.ctx(), id) {
            let clean = if self.number { without_blanks(self.value) } else { half_width(self.value) };
            if clean != *self.value {
                *self.value = clean;
                response.mark_changed();
            }
        }
        FieldOutput { changed: response.changed(), submitted, response }
    }
}

/// True when a password stands in the clear in what was drawn in this pass.
#[must_use]
pub fn secret_is_shown(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(shown_in())) == Some(ctx.cumulative_pass_nr())
}

/// Where the last pass is kept that showed a password.
fn shown_in() -> Id {
    Id::unique("a password is shown")
}

/// Whether a field that was made with [`Field::first`] takes the keyboard in this pass. A request in every pass would let nobody leave the
/// field, and interrupt the input method each time.
fn takes_keyboard(ui: &Ui, id: Id, ready: bool) -> bool {
    let ready = ready && ui.is_enabled() && ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
    let (kept, pass) = (id.with("first"), ui.ctx().cumulative_pass_nr());
    let before: Option<(u64, bool)> = ui.data(|data| data.get_temp(kept));
    ui.data_mut(|data| data.insert_temp(kept, (pass, ready)));
    match before.filter(|(last, _)| pass.saturating_sub(*last) <= 1) {
        None => ready,
        Some((_, was_ready)) => ready && !was_ready && ui.memory(|memory| memory.focused().is_none()),
    }
}

fn forget_undo(ctx: &Context, id: Id) {
    if let Some(mut state) = egui::text_edit::TextEditState::load(ctx, id) {
        state.clear_undoer();
        state.store(ctx, id);
    }
}

fn inner_margin(icon: Option<Icon>, right: f32) -> egui::Margin {
    // Margins are whole points; the eye button is at most a control high.
    let right = if right > 0.0 { 34 } else { 9 };
    egui::Margin { left: if icon.is_some() { 30 } else { 9 }, right, top: 4, bottom: 4 }
}

fn paint_icon(ui: &Ui, response: &Response, icon: Option<Icon>, tokens: &Tokens) {
    if let Some(icon) = icon {
        let center = response.rect.left_center() + egui::vec2(16.0, 0.0);
        let rect = egui::Rect::from_center_size(center, egui::Vec2::splat(15.0));
        crate::icons::paint(ui.painter(), rect, icon, tokens.color.text_hint);
    }
}

fn eye_button(ui: &mut Ui, field: &Response, reveal: Reveal<'_>, id: Id, revealed: bool) {
    let side = field.rect.height() - 4.0;
    let rect = egui::Rect::from_center_size(field.rect.right_center() - egui::vec2(side / 2.0 + 2.0, 0.0), egui::Vec2::splat(side));
    let (icon, name) = if revealed { (Icon::EyeOff, reveal.hide) } else { (Icon::Eye, reveal.show) };
    let place = egui::UiBuilder::new().id_salt(id).max_rect(rect).layout(Layout::centered_and_justified(egui::Direction::LeftToRight));
    let mut child = ui.new_child(place);
    let eye = child.add(button::icon(icon, name).small());
    if eye.clicked_by(egui::PointerButton::Primary) && field.lost_focus() {
        // Who looks at what is typed goes on typing. Pressed by a key, the eye keeps the keyboard.
        field.request_focus();
    }
    if eye.clicked() {
        if revealed {
            ui.data_mut(|data| data.remove::<u64>(id));
        } else {
            note_pass(ui.ctx(), id);
        }
    }
}

fn error_outline(ui: &mut Ui, tokens: &Tokens) {
    let bad = tokens.tone(Tone::Bad).solid;
    let visuals = ui.visuals_mut();
    visuals.widgets.inactive.bg_stroke.color = bad;
    visuals.widgets.hovered.bg_stroke.color = bad;
    visuals.selection.stroke.color = bad;
}

/// The label line above a field; its response is what the field is labelled by.
pub(crate) fn label_row(ui: &mut Ui, label: &str, required: bool, tokens: &Tokens) -> Response {
    // Only as high as the text: `ui.horizontal` would be as high as a button.
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(egui::vec2(ui.available_width(), tokens.font.small), layout, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let response = ui.label(RichText::new(label).small().color(tokens.color.text_secondary));
        if required {
            ui.label(RichText::new("*").small().color(tokens.tone(Tone::Bad).text));
        }
        response
    })
    .inner
}

/// As much room as the label of a field takes, above what stands beside the field itself.
pub fn label_room(ui: &mut Ui) {
    let height = ui.text_style_height(&egui::TextStyle::Small);
    ui.allocate_space(egui::vec2(0.0, height));
}

/// The line below a field: its error, else its help.
pub(crate) fn below(ui: &mut Ui, error: Option<&str>, help: &str, tokens: &Tokens) {
    let line = |ui: &mut Ui, text: &str, color: Color32| {
        ui.add(egui::Label::new(RichText::new(text).small().color(color)).wrap());
    };
    match error {
        Some(error) => line(ui, error, tokens.tone(Tone::Bad).text),
        None if !help.is_empty() => line(ui, help, tokens.color.text_hint),
        None => {}
    }
}

/// Full-width ASCII and the ideographic space become half-width; white space at both ends goes, and what nobody sees.
///
/// For codes, tax numbers, amounts and dates typed with a Chinese input method in full-width mode.
pub fn half_width(text: &str) -> String {
    let narrow = |ch: char| match ch {
        '\u{3000}' => ' ',
        '。' => '.',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(ch) - 0xFEE0).unwrap_or(ch),
        other => other,
    };
    text.chars().filter(|ch| !is_unseen(*ch)).map(narrow).collect::<String>().trim().to_owned()
}

/// The same without blanks anywhere.
fn without_blanks(text: &str) -> String {
    half_width(text).chars().filter(|ch| !ch.is_whitespace()).collect()
}

/// Comes along unseen when something is copied from a page or a chat.
fn is_unseen(ch: char) -> bool {
    matches!(ch, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether Enter submits this text field in this frame.
///
/// Call it in every frame that shows the field. Enter that picks a word of an input method does not
/// count: neither while a composition is open nor in the frame that ends it. The field then keeps the focus.
pub fn submitted(response: &Response, ui: &Ui) -> bool {
    let busy = input_method_busy(ui.ctx(), response.id);
    watch_input_method(ui, response);
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if entered && busy {
        response.request_focus();
        return false;
    }
    entered
}

/// Whether an input method has an open composition in the field with this id, or spoke in this frame.
pub(crate) fn input_method_busy(ctx: &Context, id: Id) -> bool {
    let spoke = ctx.input(|input| input.events.iter().any(|event| matches!(event, Event::Ime(_))));
    composing(ctx, id) || (spoke && ctx.memory(|memory| memory.had_focus_last_frame(id) || memory.has_focus(id)))
}

/// Follows the input method's events of a field. Call it in every frame that shows the field.
pub(crate) fn watch_input_method(ui: &Ui, response: &Response) {
    let owner = response.has_focus() || response.lost_focus();
    let mut open = owner && composing(ui.ctx(), response.id);
    if owner {
        ui.input(|input| {
            for event in &input.events {
                if let Event::Ime(ime) = event {
                    open = matches!(ime, ImeEvent::Preedit { text, .. } if !text.is_empty());
                }
            }
        });
    }
    let key = composition_id(response.id);
    if open {
        note_pass(ui.ctx(), key);
    } else {
        ui.data_mut(|data| data.remove::<u64>(key));
    }
}

/// True only while the field is shown: a field that vanished during a composition does not stay blocked.
fn composing(ctx: &Context, id: Id) -> bool {
    seen_lately(ctx, composition_id(id))
}

/// Notes that something holds in this pass.
fn note_pass(ctx: &Context, what: Id) {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(what, pass));
}

/// True when it was noted in this pass or one of the two before, so that it ends with the field that notes it: a password that is
/// typed where another one was shown is not shown.
fn seen_lately(ctx: &Context, what: Id) -> bool {
    let pass = ctx.cumulative_pass_nr();
    let seen: Option<u64> = ctx.data(|data| data.get_temp(what));
    seen.is_some_and(|seen| pass.saturating_sub(seen) <= 2)
}

fn composition_id(id: Id) -> Id {
    id.with("open composition")
}

#[cfg(test)]
mod tests {
    use super::{half_width, without_blanks};

    #[test]
    fn full_width_becomes_half_width() {
        assert_eq!(half_width("９１３３０１０６ＭＡ２ＣＥ６ＴＴ４５"), "91330106MA2CE6TT45");
        assert_eq!(half_width("　ＡＢ－１２　\n"), "AB-12");
        assert_eq!(half_width("１，２３４。５０"), "1,234.50");
        assert_eq!(half_width("票匣"), "票匣");
        assert_eq!(half_width(""), "");
        assert_eq!(half_width("\u{feff}12\u{200b}34\r\n"), "1234");
        assert_eq!(without_blanks(" 138 0013\u{a0}８０００\n"), "13800138000");
    }
}
