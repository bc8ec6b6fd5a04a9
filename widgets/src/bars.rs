//! Bar chart (柱状图): bars in groups, a colour a series, a legend above. It stands still: nothing to drag or zoom by mistake.

use egui::{Color32, CornerRadius, CursorIcon, FontId, Painter, Rangef, RichText, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo};
use egui_plot::{Axis, AxisHints, Bar as PlotBar, BarChart, GridInput, GridMark, Plot, PlotPoint};

use crate::elide::Elided;
use crate::foreign::visible;
use crate::paint;
use crate::tokens::Tokens;

/// Share of a group's room that its bars take.
const FILLED: f64 = 0.72;
/// 汉字 of a group's name below the axis at most; the tooltip has all of it.
const NAME: f32 = 12.0;
/// Room that a name below the axis wants, points.
const NAME_ROOM: f32 = 56.0;
/// Between two names.
const NAME_GAP: f32 = 6.0;
/// Room for the numbers beside the chart.
const NUMBERS: f32 = 80.0;
/// Lines of the grid that are aimed at.
const LINES: f64 = 4.0;

/// A bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Place among the groups.
    pub group: usize,
    /// Place among the series.
    pub series: usize,
    /// Height, in the unit of the caption.
    pub value: f64,
}

/// A bar chart.
#[must_use = "draw it with `show`"]
pub struct Bars<'a> {
    id: &'a str,
    caption: &'a str,
    series: &'a [String],
    groups: &'a [String],
    height: f32,
    abreast: bool,
}

impl<'a> Bars<'a> {
    /// `caption` says what the bars are, with the unit: "价税合计（万元）"; it is the accessible name, too.
    pub fn new(id: &'a str, caption: &'a str, series: &'a [String], groups: &'a [String]) -> Self {
        Self { id, caption, series, groups, height: 180.0, abreast: true }
    }

    /// Height without the legend, points.
    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// No group has bars of two series: each bar takes the whole room of its group.
    pub fn alone(mut self) -> Self {
        self.abreast = false;
        self
    }

    /// Draws it; the place of the bar that was pressed. `tip` is told the place of the bar under the pointer.
    pub fn show(self, ui: &mut Ui, bars: &[Bar], tip: impl Fn(usize) -> String) -> Option<usize> {
        let tokens = Tokens::of(ui.ctx());
        self.legend(ui, &tokens);
        let across = self.groups.iter().map(|_| 1.0).sum::<f64>();
        let room = (ui.available_width() - NUMBERS).max(1.0) / (across as f32).max(1.0);
        // As many names as there is room for: one that is wider than its room is not drawn at all.
        let every = (NAME_ROOM / room).ceil().max(1.0);
        let longest = (every * room - NAME_GAP).min(NAME * tokens.font.body);
        let (painter, font) = (ui.painter().clone(), TextStyle::Body.resolve(ui.style()));
        let name = |mark: GridMark| cut(&painter, &self.name(mark.value), &font, longest);
        let axis = AxisHints::new(Axis::X).formatter(move |mark, _| name(mark)).tick_label_color(tokens.color.text_secondary);
        let values = AxisHints::new(Axis::Y).formatter(|mark, _| short(mark)).tick_label_color(tokens.color.text_secondary);
        // Few and readable, where egui_plot would fade what stands closer than thirty points, or eighty below the axis.
        let (axis, values) = (axis.label_spacing(Rangef::new(10.0, 14.0)), values.label_spacing(Rangef::new(10.0, 14.0)));
        let plot = Plot::new(self.id)
            .height(self.height)
            .sense(Sense::CLICK)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .show_x(false)
            .show_y(false)
            .show_grid([false, true])
            .grid_color(tokens.color.hairline)
            .custom_x_axes(vec![axis])
            .custom_y_axes(vec![values])
            .x_grid_spacer(move |input| whole_marks(&input, f64::from(every)))
            .y_grid_spacer(|input| round_marks(&input))
            .set_margin_fraction(Vec2::new(0.0, 0.05))
            .include_x(-0.5)
            .include_x(across - 0.5)
            .include_y(0.0);
        let drawn = plot.show(ui, |plot| {
            let over = plot.response().hovered().then(|| plot.pointer_coordinate()).flatten();
            let spans = self.spans(bars);
            let over = over.and_then(|point| hit(&spans, point));
            let shapes = bars.iter().zip(spans).enumerate();
            let shapes = shapes.map(|(place, (bar, span))| shape(bar, span, over == Some(place), &tokens));
            plot.bar_chart(BarChart::new(self.caption, shapes.collect()).allow_hover(false));
            over
        });
        drawn.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.caption));
        let over = drawn.inner?;
        let response = drawn.response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text_at_pointer(tip(over));
        response.clicked().then_some(over)
    }

    fn legend(&self, ui: &mut Ui, tokens: &Tokens) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(visible(self.caption)).size(tokens.font.small).color(tokens.color.text_secondary));
            for (place, name) in self.series.iter().enumerate() {
                ui.add_space(tokens.space.s);
                let (square, _) = ui.allocate_exact_size(Vec2::splat(tokens.space.m), Sense::hover());
                ui.painter().rect_filled(square.shrink(1.0), CornerRadius::same(2), tokens.series(place));
                let width = ui.available_width();
                ui.add(Elided::new(name).width(width));
            }
        });
    }

    /// The name of the group that stands there; empty where none does.
    fn name(&self, value: f64) -> String {
        let name = self.groups.iter().zip(0_u32..).find(|(_, place)| (f64::from(*place) - value).abs() < 0.01).map(|(name, _)| name);
        name.map(|name| visible(name).into_owned()).unwrap_or_default()
    }

    /// Middle and width of each bar: those of a group stand together in its middle, all bars are equally wide.
    fn spans(&self, bars: &[Bar]) -> Vec<(f64, f64)> {
        if !self.abreast {
            return bars.iter().map(|bar| (whole(bar.group), FILLED)).collect();
        }
        let mut series_of = vec![Vec::new(); self.groups.len()];
        for bar in bars {
            if let Some(series) = series_of.get_mut(bar.group) {
                series.push(bar.series);
            }
        }
        let most = series_of.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let width = FILLED / whole(most);
        let span = |bar: &Bar| {
            let series = series_of.get(bar.group).map(Vec::as_slice).unwrap_or_default();
            let before = series.iter().filter(|other| **other < bar.series).count();
            (whole(bar.group) + (whole(before) + 0.5 - whole(series.len()) / 2.0) * width, width)
        };
        bars.iter().map(span).collect()
    }
}

/// As much of a name as is at most `room` points wide, "…" in place of the rest.
fn cut(painter: &Painter, name: &str, font: &FontId, room: f32) -> String {
    let line = |text: &str| paint::whole_line(painter, text, font.clone(), Color32::PLACEHOLDER);
    let whole = line(name);
    if whole.size().x <= room {
        return name.to_owned();
    }
    // A point for what the widths of single characters do not say.
    let mut left = room - line("…").size().x - 1.0;
    let advances = whole.rows.iter().flat_map(|row| row.glyphs.iter().map(|glyph| glyph.advance_width));
    let fits = |(letter, width): (char, f32)| {
        left -= width;
        (left >= 0.0).then_some(letter)
    };
    name.chars().zip(advances).map_while(fits).chain(['…']).collect()
}

/// The bar in whose column the pointer is: a low bar is as easily met as a high one.
fn hit(spans: &[(f64, f64)], point: PlotPoint) -> Option<usize> {
    spans.iter().position(|(middle, width)| (point.x - middle).abs() <= width / 2.0)
}

fn shape(bar: &Bar, (middle, width): (f64, f64), over: bool, tokens: &Tokens) -> PlotBar {
    let color = tokens.series(bar.series);
    let edge = if over { tokens.color.text } else { color };
    PlotBar::new(middle, bar.value).width(width * 0.92).fill(color).stroke(Stroke::new(1.0, edge))
}

/// A small number as a place on the axis.
fn whole(number: usize) -> f64 {
    u32::try_from(number).map_or(0.0, f64::from)
}

/// A mark in the middle of every group, or of every so many.
fn whole_marks(input: &GridInput, every: f64) -> Vec<GridMark> {
    let first = (input.bounds.0.max(0.0) / every).ceil() * every;
    let marks = std::iter::successors(Some(first), |value| Some(value + every)).take_while(|value| *value <= input.bounds.1);
    marks.map(|value| GridMark { value, step_size: every }).take(1_000).collect()
}

/// Marks at round numbers: 1, 2 or 5 times a power of ten apart.
fn round_marks(input: &GridInput) -> Vec<GridMark> {
    let (from, to) = input.bounds;
    let rough = (to - from) / LINES;
    if !rough.is_finite() || rough <= 0.0 {
        return Vec::new();
    }
    let power = 10_f64.powf(rough.log10().floor());
    let step_size = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough).unwrap_or(rough);
    let first = (from / step_size).ceil();
    let marks = std::iter::successors(Some(first), |mark| Some(mark + 1.0)).map(|mark| mark * step_size);
    marks.take_while(|value| *value <= to).map(|value| GridMark { value, step_size }).take(50).collect()
}

/// A number of the axis: as many decimals as its step needs, thousands apart.
fn short(mark: GridMark) -> String {
    let decimals = if mark.step_size >= 1.0 { 0 } else { (-mark.step_size.log10().floor()).clamp(0.0, 6.0) as usize };
    let plain = format!("{:.decimals$}", mark.value.abs());
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::new();
    if mark.value < 0.0 {
        out.push('-');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_at_round_numbers() {
        let marks =
            |from, to| round_marks(&GridInput { bounds: (from, to), base_step_size: 1.0 }).into_iter().map(short).collect::<Vec<_>>();
        assert_eq!(marks(0.0, 2_100.0), ["0", "1,000", "2,000"]);
        assert_eq!(marks(-1.1, 0.4), ["-1.0", "-0.5", "0.0"]);
        assert!(marks(0.0, 0.0).is_empty() && marks(f64::NEG_INFINITY, 1.0).is_empty());
    }

    #[test]
    fn every_group_or_every_so_many_has_its_name() {
        let marks = |every| whole_marks(&GridInput { bounds: (-0.7, 4.7), base_step_size: 1.0 }, every).into_iter().map(|mark| mark.value);
        assert_eq!(marks(1.0).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(marks(3.0).collect::<Vec<_>>(), [0.0, 3.0]);
    }

    #[test]
    fn every_name_is_cut_to_its_room() {
        // With egui's own fonts: what a test of egui draws with has none.
        let drawn = egui::Context::default().run_ui(egui::RawInput::default(), |ui| {
            let font = TextStyle::Body.resolve(ui.style());
            for name in ["91320500MA1X20004R", "WWWWWWWWWWWWWWWW", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiii", "Example Trading Ltd."] {
                let short = cut(ui.painter(), name, &font, 58.0);
                let width = paint::whole_line(ui.painter(), &short, font.clone(), Color32::PLACEHOLDER).size().x;
                assert!(width <= 58.0 && short.ends_with('…') && short.chars().count() > 3, "{short} is {width} wide");
            }
            assert_eq!(cut(ui.painter(), "Li", &font, 58.0), "Li");
        });
        drawn.drop_without_applying_deltas();
    }

    #[test]
    fn bars_of_a_group_stand_side_by_side_and_the_whole_column_is_met() {
        let (series, groups) = (["甲".to_owned(), "乙".to_owned()], ["一".to_owned(), "二".to_owned()]);
        let bars = [0, 1].map(|series| Bar { group: 1, series, value: 1.0 });
        let chart = Bars::new("chart", "元", &series, &groups);
        let at = |x| hit(&chart.spans(&bars), PlotPoint::new(x, 99.0));
        assert_eq!((at(0.9), at(1.1), at(0.5), at(1.9)), (Some(0), Some(1), None, None));
        // A bar that is alone in its group stands in the middle of it, as wide as the others.
        let bars = [Bar { group: 0, series: 1, value: 1.0 }, bars[0], bars[1]];
        assert_eq!(chart.spans(&bars).first(), Some(&(0.0, FILLED / 2.0)));
        let chart = Bars::new("chart", "元", &series, &groups).alone();
        assert_eq!(hit(&chart.spans(&bars), PlotPoint::new(1.3, 0.0)), Some(1));
    }
}
