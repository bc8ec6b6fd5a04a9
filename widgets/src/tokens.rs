//! Design tokens: the only place where colours, sizes and distances are decided.

use egui::style::{ScrollStyle, WidgetVisuals};
use egui::{Color32, Context, CornerRadius, Id, Margin, Shadow, Stroke, Style, Theme, Visuals};

use crate::{fonts, palette};

/// Every colour of the product. Text colours reach a contrast of 4.5:1 on the surfaces they are meant for (WCAG 2.2, 1.4.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colors {
    /// Behind everything: the window.
    pub window: Color32,
    /// Cards, tables, fields, dialogs.
    pub surface: Color32,
    /// Table headers, the navigation rail, disabled fields.
    pub sunken: Color32,
    /// Every second table row.
    pub zebra: Color32,
    /// Under the pointer.
    pub hover: Color32,
    /// Separators, card borders.
    pub hairline: Color32,
    /// Outline of things one can press or type into; 3:1 against the ground (WCAG 2.2, 1.4.11).
    pub outline: Color32,
    /// Main text.
    pub text: Color32,
    /// Labels, captions, secondary lines.
    pub text_secondary: Color32,
    /// Hints and disabled text.
    pub text_hint: Color32,
    /// Text on a solid accent or danger ground.
    pub on_solid: Color32,
    /// The one accent: primary buttons, selection, focus.
    pub accent: Color32,
    /// The accent under the pointer.
    pub accent_hover: Color32,
    /// The accent while pressed.
    pub accent_pressed: Color32,
    /// A selected row, a chosen navigation entry.
    pub selected: Color32,
    /// Keyboard focus ring.
    pub focus: Color32,
    /// The printed form of an invoice: its lines and labels (票面的印刷部分).
    pub form: Color32,
    /// What lies behind a dialog.
    pub veil: Color32,
    /// Bars of a chart, a colour a series; 3:1 against the surface (WCAG 2.2, 1.4.11), orange and blue for who sees no red or green.
    pub series: [Color32; 4],
    /// By [`Tone`].
    pub tones: [ToneColors; 6],
}

/// What a message, chip or figure says about its subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Neutral,
    /// Chosen, in focus.
    Accent,
    /// Something is going on.
    Info,
    /// Done, valid (完成).
    Good,
    /// Needs attention (注意).
    Warning,
    /// Failed, or a red invoice (失败、红字).
    Bad,
}

/// The colours of one [`Tone`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneColors {
    /// Text and icons, readable on `soft` and on a surface.
    pub text: Color32,
    /// A quiet ground.
    pub soft: Color32,
    /// The border of a `soft` ground.
    pub border: Color32,
    /// Bars, dots, solid buttons.
    pub solid: Color32,
}

/// Text sizes in points. Few on purpose: each size has its own glyphs in the atlas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FontSizes {
    /// Chips, captions, table footers.
    pub small: f32,
    /// Everything else.
    pub body: f32,
    /// Titles of cards and dialogs.
    pub title: f32,
    /// Titles of pages.
    pub heading: f32,
    /// Big numbers of a tile.
    pub figure: f32,
}

/// Distances in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spaces {
    /// Between an icon and its text.
    pub xs: f32,
    /// Between controls that belong together.
    pub s: f32,
    /// Between fields, and inside small blocks.
    pub m: f32,
    /// Inside cards and dialogs.
    pub l: f32,
    /// Between blocks of a page.
    pub xl: f32,
}

/// Corner radii in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Radii {
    /// Buttons, fields, chips.
    pub control: u8,
    /// Cards, dialogs, popups.
    pub card: u8,
}

/// Heights in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heights {
    /// Buttons and fields.
    pub control: f32,
    /// Small buttons, chips with a cross.
    pub small_control: f32,
    /// A table row: body size times 1.6, and air.
    pub row: f32,
    /// A table header.
    pub header: f32,
    /// An entry of the navigation rail.
    pub nav: f32,
}

/// All design tokens. Widgets read them from the context; see [`apply`] and [`Tokens::of`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tokens {
    /// Whether the colours are dark on light or light on dark.
    pub theme: Theme,
    /// Colours.
    pub color: Colors,
    /// Text sizes.
    pub font: FontSizes,
    /// Distances.
    pub space: Spaces,
    /// Corner radii.
    pub radius: Radii,
    /// Heights.
    pub height: Heights,
}

impl Default for Tokens {
    fn default() -> Self {
        Self::light()
    }
}

impl Tokens {
    /// Dark on light, as paper: the users work in bright offices next to it.
    #[must_use]
    pub const fn light() -> Self {
        Self::of_colors(Theme::Light, palette::LIGHT)
    }

    /// Light on dark, for evenings and for eyes that glare hurts.
    #[must_use]
    pub const fn dark() -> Self {
        Self::of_colors(Theme::Dark, palette::DARK)
    }

    const fn of_colors(theme: Theme, color: Colors) -> Self {
        Self {
            theme,
            color,
            font: FontSizes { small: 12.0, body: 14.0, title: 16.0, heading: 20.0, figure: 24.0 },
            space: Spaces { xs: 4.0, s: 8.0, m: 12.0, l: 16.0, xl: 24.0 },
            radius: Radii { control: 4, card: 6 },
            height: Heights { control: 32.0, small_control: 26.0, row: 30.0, header: 34.0, nav: 36.0 },
        }
    }

    /// The colour of a series of a chart, by its place.
    #[must_use]
    pub fn series(&self, place: usize) -> Color32 {
        let colors = &self.color.series;
        colors.get(place % colors.len()).copied().unwrap_or(self.color.accent)
    }

    /// The tokens that [`apply`] put into this context, else the light ones.
    pub fn of(ctx: &Context) -> Self {
        ctx.data(|data| data.get_temp(store_id())).unwrap_or_default()
    }

    /// The colours of a tone.
    #[must_use]
    pub const fn tone(&self, tone: Tone) -> ToneColors {
        let [neutral, accent, info, good, warning, bad] = self.color.tones;
        match tone {
            Tone::Neutral => neutral,
            Tone::Accent => accent,
            Tone::Info => info,
            Tone::Good => good,
            Tone::Warning => warning,
            Tone::Bad => bad,
        }
    }
}

fn store_id() -> Id {
    Id::unique("piaoxia design tokens")
}

/// Sets egui's style from the tokens and keeps the tokens in the context for the widgets.
pub fn apply(ctx: &Context, tokens: &Tokens) {
    ctx.set_theme(tokens.theme);
    // Both of egui's themes get the same look, so that a switch of the system never mixes the two.
    ctx.all_styles_mut(|style| set_style(style, tokens));
    ctx.data_mut(|data| data.insert_temp(store_id(), *tokens));
}

fn set_style(style: &mut Style, tokens: &Tokens) {
    style.text_styles = fonts::text_styles(tokens);
    style.visuals = visuals(tokens);
    style.animation_time = 0.08;
    let space = &mut style.spacing;
    space.item_spacing = egui::vec2(tokens.space.s, tokens.space.s);
    space.button_padding = egui::vec2(10.0, 5.0);
    space.interact_size = egui::vec2(40.0, tokens.height.control);
    space.window_margin = Margin::same(16);
    space.menu_margin = Margin::same(6);
    space.icon_width = 16.0;
    space.icon_width_inner = 8.0;
    space.icon_spacing = 6.0;
    space.combo_width = 160.0;
    space.tooltip_width = 420.0;
    space.scroll = scroll_bars();
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.interaction.multi_widget_text_select = false;
}

/// Bars that are always there: a bar that only appears under the pointer hides that there is more. Their handles are of the text's
/// colour, as opaque as 3:1 against the ground wants in both themes (WCAG 2.2, 1.4.11).
fn scroll_bars() -> ScrollStyle {
    let mut bars = ScrollStyle::thin();
    bars.foreground_color = true;
    bars.floating_width = 4.0;
    bars.handle_min_length = 24.0;
    bars.dormant_background_opacity = 0.0;
    bars.active_background_opacity = 0.0;
    bars.interact_background_opacity = 0.0;
    bars.dormant_handle_opacity = 0.55;
    bars.active_handle_opacity = 0.6;
    bars.interact_handle_opacity = 0.75;
    bars.fade.strength = 0.0;
    bars
}

fn visuals(tokens: &Tokens) -> Visuals {
    let color = &tokens.color;
    let control = CornerRadius::same(tokens.radius.control);
    let card = CornerRadius::same(tokens.radius.card);
    let shadow = Shadow { offset: [0, 2], blur: 8, spread: 0, color: Color32::from_black_alpha(24) };
    let mut visuals = if tokens.theme == Theme::Dark { Visuals::dark() } else { Visuals::light() };
    visuals.widgets.noninteractive = widget(color.surface, color.hairline, color.text, control);
    visuals.widgets.inactive = widget(color.surface, color.outline, color.text, control);
    visuals.widgets.hovered = widget(color.hover, color.accent, color.text, control);
    visuals.widgets.active = widget(color.selected, color.accent, color.text, control);
    visuals.widgets.open = widget(color.surface, color.accent, color.text, control);
    visuals.selection.bg_fill = color.selected;
    visuals.selection.stroke = Stroke::new(1.0, color.accent);
    visuals.weak_text_color = Some(color.text_hint);
    visuals.hyperlink_color = color.accent;
    visuals.faint_bg_color = color.zebra;
    visuals.extreme_bg_color = color.surface;
    visuals.code_bg_color = color.sunken;
    visuals.warn_fg_color = tokens.tone(Tone::Warning).text;
    visuals.error_fg_color = tokens.tone(Tone::Bad).text;
    visuals.window_fill = color.surface;
    visuals.panel_fill = color.window;
    visuals.window_stroke = Stroke::new(1.0, color.hairline);
    visuals.window_corner_radius = card;
    visuals.menu_corner_radius = card;
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.text_cursor.stroke = Stroke::new(1.5, color.accent);
    visuals.disabled_alpha = 0.55;
    visuals
}

fn widget(fill: Color32, outline: Color32, text: Color32, corner_radius: CornerRadius) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test may panic")]

    use super::*;

    fn luminance(color: Color32) -> f64 {
        let channel = |value: u8| {
            let x = f64::from(value) / 255.0;
            if x <= 0.040_45 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_readable_on_every_ground() {
        for tokens in [Tokens::light(), Tokens::dark()] {
            text_is_readable(&tokens);
        }
    }

    fn text_is_readable(tokens: &Tokens) {
        let color = tokens.color;
        for ground in [color.window, color.surface, color.sunken, color.zebra, color.hover, color.selected] {
            assert!(contrast(color.text, ground) >= 4.5);
            assert!(contrast(color.text_secondary, ground) >= 4.5, "secondary on {ground:?}");
        }
        for ground in [color.window, color.surface, color.zebra] {
            assert!(contrast(color.text_hint, ground) >= 4.5, "hint on {ground:?}: {}", contrast(color.text_hint, ground));
        }
        for solid in [color.accent, color.accent_hover, color.accent_pressed, tokens.tone(Tone::Bad).solid] {
            assert!(contrast(color.on_solid, solid) >= 4.5, "white on {solid:?}");
        }
    }

    #[test]
    fn bars_stand_out_from_the_ground() {
        for tokens in [Tokens::light(), Tokens::dark()] {
            for place in 0..tokens.color.series.len() {
                assert!(contrast(tokens.series(place), tokens.color.surface) >= 3.0, "series {place}");
            }
            for ground in [tokens.color.window, tokens.color.surface] {
                assert!(contrast(tokens.color.focus, ground) >= 3.0, "{:?}: focus on {ground:?}", tokens.theme);
                assert!(contrast(tokens.color.outline, ground) >= 3.0, "{:?}: outline on {ground:?}", tokens.theme);
            }
        }
    }

    #[test]
    fn scroll_bars_stand_out_from_the_ground() {
        let bars = scroll_bars();
        assert!(bars.floating_width >= 4.0 && bars.handle_min_length >= 24.0);
        for tokens in [Tokens::light(), Tokens::dark()] {
            for ground in [tokens.color.window, tokens.color.surface] {
                for opacity in [bars.dormant_handle_opacity, bars.active_handle_opacity, bars.interact_handle_opacity] {
                    let handle = ground.blend(tokens.color.text.gamma_multiply(opacity));
                    assert!(contrast(handle, ground) >= 3.0, "{:?}: {opacity} on {ground:?}", tokens.theme);
                }
            }
        }
    }

    #[test]
    fn tones_are_readable() {
        const TONES: [Tone; 6] = [Tone::Neutral, Tone::Accent, Tone::Info, Tone::Good, Tone::Warning, Tone::Bad];
        for (tokens, tone) in [Tokens::light(), Tokens::dark()].into_iter().flat_map(|tokens| TONES.map(|tone| (tokens, tone))) {
            let colors = tokens.tone(tone);
            for ground in [colors.soft, tokens.color.surface, tokens.color.zebra, tokens.color.selected] {
                let found = contrast(colors.text, ground);
                assert!(found >= 4.5, "{:?} {tone:?} on {ground:?}: {found}", tokens.theme);
            }
        }
    }

    #[test]
    fn tokens_travel_in_the_context() {
        let ctx = Context::default();
        let mut tokens = Tokens::light();
        tokens.height.row = 41.0;
        apply(&ctx, &tokens);
        assert_eq!(Tokens::of(&ctx), tokens);
    }
}
