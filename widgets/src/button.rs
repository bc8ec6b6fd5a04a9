//! Buttons: primary, secondary, danger, link, and icon-only ones; each with a busy state. [`at_right`] puts them at the end of a row.

use std::sync::Arc;

use egui::{
    Align, Align2, Color32, CornerRadius, Galley, Layout, Painter, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, Widget,
    WidgetInfo,
};

use crate::foreign::visible;
use crate::icons::{self, Icon};
use crate::paint;
use crate::tokens::{Tokens, Tone};

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// Everything else.
    Secondary,
    /// Destroys or withdraws something.
    Danger,
    /// Looks like a link; for side ways.
    Link,
    /// An icon or quiet text without an outline; for tool bars.
    Quiet,
}

/// A button. Made by [`primary`], [`secondary`], [`danger`], [`link`], [`quiet`] and [`icon`].
#[must_use = "put it into the ui with `ui.add(..)`"]
pub struct ActionButton<'a> {
    kind: ButtonKind,
    text: &'a str,
    about: &'a str,
    icon: Option<Icon>,
    icon_only: bool,
    enabled: bool,
    busy: bool,
    small: bool,
    width: Option<f32>,
    is_entry: bool,
}

/// The main action of a page or dialog.
pub fn primary(text: &str) -> ActionButton<'_> {
    ActionButton::new(ButtonKind::Primary, text)
}

/// Any other action.
pub fn secondary(text: &str) -> ActionButton<'_> {
    ActionButton::new(ButtonKind::Secondary, text)
}

/// An action that destroys or withdraws something.
pub fn danger(text: &str) -> ActionButton<'_> {
    ActionButton::new(ButtonKind::Danger, text)
}

/// An action that reads like a link.
pub fn link(text: &str) -> ActionButton<'_> {
    ActionButton::new(ButtonKind::Link, text)
}

/// An action without an outline, for tool bars and rows.
pub fn quiet(text: &str) -> ActionButton<'_> {
    ActionButton::new(ButtonKind::Quiet, text)
}

/// A glyph alone; `name` is its accessible name and its tooltip.
pub fn icon(icon: Icon, name: &str) -> ActionButton<'_> {
    let mut button = ActionButton::new(ButtonKind::Quiet, name).icon(icon);
    button.icon_only = true;
    button
}

/// Draws buttons at the right end of a row, each with what it stands for, in the order in which they are read: the last one is outermost.
///
/// A layout from right to left looks the same, but the Tab key and a screen reader begin with the last one there.
pub fn at_right<T>(ui: &mut Ui, buttons: Vec<(ActionButton<'_>, T)>) -> Vec<(Response, T)> {
    let tokens = Tokens::of(ui.ctx());
    let row = |ui: &mut Ui| {
        let mut places = Vec::with_capacity(buttons.len());
        for (button, _) in buttons.iter().rev() {
            let size = button.measure(ui, &tokens).size;
            places.push(ui.allocate_space(size).1);
        }
        let placed = buttons.into_iter().zip(places.into_iter().rev());
        placed.map(|((button, what), place)| (ui.place(place, button), what)).collect::<Vec<_>>()
    };
    ui.with_layout(Layout::right_to_left(Align::Center), row).inner
}

struct Look {
    fill: Color32,
    outline: Color32,
    text: Color32,
}

/// What a button takes, points.
struct Measured {
    /// Its words.
    words: Arc<Galley>,
    /// Height of the words.
    font: f32,
    /// Room of the glyph with the gap behind it; none without a glyph.
    glyph: f32,
    /// The whole button.
    size: Vec2,
}

impl<'a> ActionButton<'a> {
    /// A button of the given kind.
    pub fn new(kind: ButtonKind, text: &'a str) -> Self {
        Self { kind, text, about: "", icon: None, icon_only: false, enabled: true, busy: false, small: false, width: None, is_entry: false }
    }

    /// What it is about, for a screen reader that hears the same button in every row: a name, a task.
    pub fn about(mut self, about: &'a str) -> Self {
        self.about = about;
        self
    }

    /// A glyph before the text.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// A disabled button is grey and does nothing.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// A busy button turns a spinner and does nothing.
    pub fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    /// The small size, for rows and cards.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// A fixed width in points instead of the text's.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// An entry of a menu: as wide as the menu, its words at the left.
    pub fn entry(mut self, width: f32) -> Self {
        (self.width, self.is_entry) = (Some(width), true);
        self
    }

    fn look(&self, response: &Response, tokens: &Tokens) -> Look {
        let color = &tokens.color;
        let pressed = response.is_pointer_button_down_on();
        let hovered = response.hovered();
        let solid = |rest, over, down| {
            if pressed {
                down
            } else if hovered {
                over
            } else {
                rest
            }
        };
        let bad = tokens.tone(Tone::Bad);
        match self.kind {
            // Its words stay readable on an old screen: what cannot be pressed yet is read, too.
            ButtonKind::Primary | ButtonKind::Secondary | ButtonKind::Danger if !response.enabled() => {
                Look { fill: color.sunken, outline: color.hairline, text: color.text_secondary }
            }
            _ if !response.enabled() => Look { fill: Color32::TRANSPARENT, outline: Color32::TRANSPARENT, text: color.text_hint },
            ButtonKind::Primary => {
                let fill = solid(color.accent, color.accent_hover, color.accent_pressed);
                Look { fill, outline: fill, text: color.on_solid }
            }
            ButtonKind::Secondary => Look {
                fill: solid(color.surface, color.hover, color.selected),
                outline: if hovered { color.accent } else { color.outline },
                text: color.text,
            },
            ButtonKind::Danger => Look {
                fill: solid(color.surface, bad.soft, bad.border),
                outline: if hovered { bad.solid } else { bad.border },
                text: bad.text,
            },
            ButtonKind::Link => Look {
                fill: Color32::TRANSPARENT,
                outline: Color32::TRANSPARENT,
                text: solid(color.accent, color.accent_hover, color.accent_pressed),
            },
            ButtonKind::Quiet => Look {
                fill: solid(Color32::TRANSPARENT, color.hover, color.selected),
                outline: Color32::TRANSPARENT,
                text: if self.icon_only { color.text_secondary } else { color.text },
            },
        }
    }

    fn padding(&self, small: bool) -> f32 {
        match self.kind {
            ButtonKind::Link => 2.0,
            _ if self.icon_only => 0.0,
            _ if small => 10.0,
            _ => 14.0,
        }
    }

    fn measure(&self, ui: &Ui, tokens: &Tokens) -> Measured {
        let height = if self.small { tokens.height.small_control } else { tokens.height.control };
        let font = if self.small { tokens.font.small } else { tokens.font.body };
        let text = if self.icon_only { "" } else { self.text };
        let words = paint::whole_line(ui.painter(), text, crate::fonts::text(font), Color32::PLACEHOLDER);
        let has_glyph = self.icon.is_some() || self.busy;
        let glyph = match (has_glyph, text.is_empty()) {
            (false, _) => 0.0,
            (true, true) => glyph_side(font),
            (true, false) => glyph_side(font) + 6.0,
        };
        let natural = if self.icon_only { height } else { words.size().x + glyph + 2.0 * self.padding(self.small) };
        Measured { words, font, glyph, size: Vec2::new(self.width.unwrap_or(natural), height) }
    }

    fn show(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let Measured { words, font, glyph, size } = self.measure(ui, &tokens);
        let content = words.size().x + glyph;
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.text));
        if !self.about.is_empty() {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(&*visible(self.about)));
        }
        if ui.is_rect_visible(rect) {
            let look = self.look(&response, &tokens);
            let radius = CornerRadius::same(tokens.radius.control);
            // What is disabled is faded by egui as a rule, which would fade its words below what can be read.
            let painter = Painter::new(ui.ctx().clone(), ui.layer_id(), ui.clip_rect());
            painter.rect(rect, radius, look.fill, Stroke::new(1.0, look.outline), StrokeKind::Inside);
            let start = if self.is_entry { rect.left() + self.padding(true) } else { rect.center().x - content / 2.0 };
            let side = glyph_side(font);
            let glyph_rect = Rect::from_center_size(egui::pos2(start + side / 2.0, rect.center().y), Vec2::splat(side));
            if self.busy {
                paint::spinner(&painter, glyph_rect.center(), side / 2.0, look.text);
            } else if let Some(icon) = self.icon {
                icons::paint(&painter, glyph_rect, icon, look.text);
            }
            let text_rect = Rect::from_min_max(egui::pos2(start + glyph, rect.top()), rect.max);
            let at = Align2::LEFT_CENTER.align_size_within_rect(words.size(), text_rect).min;
            painter.galley(at, words, look.text);
            if self.kind == ButtonKind::Link && response.hovered() {
                let line = rect.center().y + font * 0.62;
                painter.hline(text_rect.left()..=start + content, line, Stroke::new(1.0, look.text));
            }
            paint::focus_ring(ui, &response, rect, tokens.radius.control, &tokens);
        }
        response
    }
}

/// Width and height of the glyph beside words of this height.
fn glyph_side(font: f32) -> f32 {
    font + 2.0
}

impl Widget for ActionButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let usable = self.enabled && !self.busy;
        let tooltip = self.icon_only.then_some(self.text);
        // An area of its own would not be wrapped onto the next line.
        let response = if usable { self.show(ui) } else { ui.add_enabled_ui(false, |ui| self.show(ui)).inner };
        match tooltip {
            // Not as a description beside the name: a screen reader would say it twice.
            Some(name) => response.on_hover_ui(|ui| {
                ui.label(name);
            }),
            None => response,
        }
    }
}
