//! The list inside a drop-down: filter line, virtual rows, keyboard.

use egui::{
    Align2, Color32, CornerRadius, EventFilter, Id, Key, Modifiers, Popup, PopupCloseBehavior, Rect, Response, RichText, Role, ScrollArea,
    Sense, Stroke, StrokeKind, TextEdit, Ui, Vec2, WidgetInfo,
};

use crate::icons::{self, Icon};
use crate::select::SelectText;
use crate::tokens::Tokens;
use crate::{field, paint};

/// A list this long gets a filter line.
const FILTER_FROM: usize = 9;
const VISIBLE_ROWS: f32 = 9.0;
/// Options that the width of a list is measured by.
const MEASURED: usize = 400;
/// Points beside the text of a row: the tick, the scroll bar, and the margins of the list.
const BESIDE: f32 = 28.0 + 16.0 + 16.0;
/// Greatest width of a list, points, unless its drop-down is wider.
const WIDEST: f32 = 420.0;

/// A closed drop-down: looks like a field with a glyph at its right end.
pub(crate) struct DropButton<'a> {
    pub name: &'a str,
    pub value: &'a str,
    pub is_placeholder: bool,
    pub icon: Icon,
    pub width: f32,
    pub is_wrong: bool,
}

impl DropButton<'_> {
    pub(crate) fn show(self, ui: &mut Ui, id: Id) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let (_, rect) = ui.allocate_space(Vec2::new(self.width, tokens.height.control));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ComboBox, ui.is_enabled(), self.name);
            info.current_text_value = Some(self.value.to_owned());
            info
        });
        if response.has_focus() {
            // Down opens the list instead of moving the focus.
            let filter = EventFilter { vertical_arrows: true, ..Default::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        }
        let open = Popup::is_id_open(ui.ctx(), popup_id(id));
        let outline = match (self.is_wrong, open || response.hovered()) {
            (true, _) => tokens.tone(crate::tokens::Tone::Bad).solid,
            (false, true) => tokens.color.accent,
            (false, false) => tokens.color.outline,
        };
        let radius = CornerRadius::same(tokens.radius.control);
        ui.painter().rect(rect, radius, tokens.color.surface, Stroke::new(1.0, outline), StrokeKind::Inside);
        let room = Rect::from_min_max(rect.min + Vec2::new(10.0, 0.0), rect.max - Vec2::new(28.0, 0.0));
        let color = if self.is_placeholder { tokens.color.text_hint } else { tokens.color.text };
        let galley = paint::line(ui.painter(), self.value, crate::fonts::text(tokens.font.body), color, room.width());
        paint::place(ui.painter(), room, Align2::LEFT_CENTER, &galley);
        let glyph = Rect::from_center_size(rect.right_center() - Vec2::new(16.0, 0.0), Vec2::splat(12.0));
        icons::paint(ui.painter(), glyph, self.icon, tokens.color.text_secondary);
        paint::focus_ring(ui, &response, rect, tokens.radius.control, &tokens);
        if galley.elided { response.on_hover_text(self.value) } else { response }
    }
}

pub(crate) fn popup_id(button: Id) -> Id {
    button.with("popup")
}

/// Width of the list below a drop-down: that of the drop-down, or more where an option needs it, so that options which begin alike can
/// be told apart.
pub(crate) fn width<'a>(ui: &Ui, button: &Response, least: f32, count: usize, name: &dyn Fn(usize) -> &'a str) -> f32 {
    // It keeps the width with which it opens, in this very frame, too.
    let may_open = button.clicked() || button.has_focus() || Popup::is_id_open(ui.ctx(), popup_id(button.id));
    if !may_open {
        return least;
    }
    let font = crate::fonts::text(Tokens::of(ui.ctx()).font.body);
    let wide = |index| paint::whole_line(ui.painter(), name(index), font.clone(), Color32::PLACEHOLDER).size().x;
    let widest = (0..count.min(MEASURED)).map(wide).fold(0.0, f32::max);
    (widest.ceil() + BESIDE).clamp(least, least.max(WIDEST))
}

/// Shows `content` below an opened drop-down. The popup stays open until a click outside, Esc, or `ui.close()`.
pub(crate) fn popup<R>(ui: &Ui, button: &Response, width: f32, content: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    let id = popup_id(button.id);
    if button.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown)) {
        Popup::open_id(ui.ctx(), id);
    }
    let shown = Popup::from_toggle_button_response(button)
        .id(id)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .width(width)
        .gap(4.0)
        .show(content)?;
    if shown.response.should_close() {
        // Closing a list gives the keyboard back to the control it belongs to.
        button.request_focus();
    }
    Some(shown.inner)
}

/// What the user typed and where the cursor stands while the list is open.
#[derive(Clone, Default)]
struct ListState {
    query: String,
    cursor: usize,
    fresh: bool,
}

/// Keys that the open list takes before any widget sees them.
#[derive(Clone, Copy, Default)]
pub(crate) struct ListKeys {
    up: bool,
    down: bool,
    pick: bool,
}

/// Takes the list's keys if the list of this drop-down is open. Call it before drawing the drop-down.
pub(crate) fn take_keys(ui: &Ui, button: Id, count: usize) -> ListKeys {
    if !Popup::is_id_open(ui.ctx(), popup_id(button)) {
        return ListKeys::default();
    }
    let writing = field::input_method_busy(ui.ctx(), filter_id(button));
    let none = Modifiers::NONE;
    ui.input_mut(|input| ListKeys {
        up: input.consume_key(none, Key::ArrowUp),
        down: input.consume_key(none, Key::ArrowDown),
        pick: !writing && (input.consume_key(none, Key::Enter) || (count < FILTER_FROM && input.consume_key(none, Key::Space))),
    })
}

fn filter_id(button: Id) -> Id {
    button.with("filter")
}

/// The options of an open drop-down.
pub(crate) struct OptionList<'f, 'a> {
    pub button: Id,
    pub count: usize,
    pub name: &'f dyn Fn(usize) -> &'a str,
    pub is_checked: &'f dyn Fn(usize) -> bool,
    pub text: SelectText<'a>,
    pub keys: ListKeys,
}

impl OptionList<'_, '_> {
    /// Draws filter and rows; the option that was picked by click, Enter or Space.
    pub(crate) fn show(&self, ui: &mut Ui) -> Option<usize> {
        let tokens = Tokens::of(ui.ctx());
        let state_id = self.button.with("list");
        let pass = ui.ctx().cumulative_pass_nr();
        let last_id = self.button.with("last pass");
        let last: Option<u64> = ui.data(|data| data.get_temp(last_id));
        let opened = last.is_none_or(|last| pass.saturating_sub(last) > 2);
        ui.data_mut(|data| data.insert_temp(last_id, pass));
        let mut state: ListState = if opened {
            let cursor = (0..self.count).find(|index| (self.is_checked)(*index)).unwrap_or(0);
            ListState { cursor, fresh: true, ..Default::default() }
        } else {
            ui.data(|data| data.get_temp(state_id)).unwrap_or_default()
        };
        ui.spacing_mut().item_spacing.y = 0.0;
        if self.count >= FILTER_FROM {
            self.filter_line(ui, &mut state, opened, &tokens);
        }
        let shown = self.matching(&state.query);
        let moved = self.keys.up || self.keys.down;
        if self.keys.down {
            state.cursor = (state.cursor + 1).min(shown.len().saturating_sub(1));
        }
        if self.keys.up {
            state.cursor = state.cursor.saturating_sub(1);
        }
        let clicked = self.rows(ui, &shown, &state, moved || state.fresh, &tokens);
        state.fresh = false;
        let entered = if self.keys.pick { shown.get(state.cursor).copied() } else { None };
        ui.data_mut(|data| data.insert_temp(state_id, state));
        clicked.or(entered)
    }

    fn matching(&self, query: &str) -> Vec<usize> {
        let wanted = field::half_width(query).to_lowercase();
        let fits = |index: &usize| wanted.is_empty() || field::half_width((self.name)(*index)).to_lowercase().contains(&wanted);
        (0..self.count).filter(fits).collect()
    }

    fn filter_line(&self, ui: &mut Ui, state: &mut ListState, opened: bool, tokens: &Tokens) {
        let id = filter_id(self.button);
        let edit = TextEdit::singleline(&mut state.query)
            .id(id)
            .hint_text(RichText::new(self.text.filter).color(tokens.color.text_hint))
            .desired_width(f32::INFINITY)
            .min_size(egui::vec2(0.0, tokens.height.control))
            .align(Align2::LEFT_CENTER);
        let response = ui.add(edit).accessible_name(self.text.filter);
        field::watch_input_method(ui, &response);
        if opened {
            response.request_focus();
        }
        if response.changed() {
            state.cursor = 0;
            state.fresh = true;
        }
        ui.add_space(tokens.space.xs);
    }

    fn rows(&self, ui: &mut Ui, shown: &[usize], state: &ListState, follow: bool, tokens: &Tokens) -> Option<usize> {
        let height = tokens.height.row;
        let mut clicked = None;
        let mut area = ScrollArea::vertical().max_height(height * VISIBLE_ROWS).id_salt(self.button);
        if follow {
            let lines: f32 = shown.iter().take(state.cursor).map(|_| height).sum();
            let top = (lines - height * (VISIBLE_ROWS - 1.0)).max(0.0);
            let offset = ui.data(|data| data.get_temp::<f32>(self.button.with("offset"))).unwrap_or(0.0);
            area = area.vertical_scroll_offset(offset.clamp(top, lines.max(top)));
        }
        let output = area.show_rows(ui, height, shown.len(), |ui, range| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (place, index) in shown.iter().enumerate().skip(range.start).take(range.len()) {
                let at_cursor = place == state.cursor;
                let response = self.row(ui, *index, at_cursor, tokens);
                if at_cursor {
                    self.tell_cursor(ui, response.id);
                }
                if response.clicked() {
                    clicked = Some(*index);
                }
            }
        });
        ui.data_mut(|data| data.insert_temp(self.button.with("offset"), output.state.clamped_offset().y));
        if self.count >= FILTER_FROM {
            let line = if shown.is_empty() {
                self.text.nothing.to_owned()
            } else {
                self.text.count.replace("{n}", &shown.len().to_string()).replace("{m}", &self.count.to_string())
            };
            ui.add_space(tokens.space.xs);
            ui.label(RichText::new(line).small().color(tokens.color.text_hint));
        }
        clicked
    }

    /// The keyboard stays in the filter line or at the button: a screen reader learns there at which option the arrow keys are.
    fn tell_cursor(&self, ui: &Ui, option: Id) {
        let keyboard = if self.count >= FILTER_FROM { filter_id(self.button) } else { self.button };
        // While the list is measured, unseen, its options have no nodes.
        if ui.ctx().has_accesskit_node(option) {
            ui.ctx().accesskit_node_builder(keyboard, |node| node.set_active_descendant(option.accesskit_id()));
        }
    }

    fn row(&self, ui: &mut Ui, index: usize, at_cursor: bool, tokens: &Tokens) -> Response {
        let checked = (self.is_checked)(index);
        let name = (self.name)(index);
        // Arrow keys move the cursor, so the rows are no stops of the Tab key.
        let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), tokens.height.row), Sense::CLICK);
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, checked, name));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(checked));
        let fill = match (at_cursor || response.hovered(), checked) {
            (true, _) => tokens.color.hover,
            (false, true) => tokens.color.zebra,
            (false, false) => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(rect, CornerRadius::same(tokens.radius.control), fill);
        if at_cursor {
            let edge = Rect::from_min_size(rect.min + Vec2::new(0.0, 7.0), Vec2::new(2.0, rect.height() - 14.0));
            ui.painter().rect_filled(edge, 0, tokens.color.focus);
        }
        let color = if checked { tokens.color.accent } else { tokens.color.text };
        if checked {
            let tick = Rect::from_center_size(rect.left_center() + Vec2::new(15.0, 0.0), Vec2::splat(13.0));
            icons::paint(ui.painter(), tick, Icon::Check, color);
        }
        let room = Rect::from_min_max(rect.min + Vec2::new(28.0, 0.0), rect.max - Vec2::new(8.0, 0.0));
        let galley = paint::line(ui.painter(), name, crate::fonts::text(tokens.font.body), color, room.width());
        paint::place(ui.painter(), room, Align2::LEFT_CENTER, &galley);
        if galley.elided { response.on_hover_text(name) } else { response }
    }
}
