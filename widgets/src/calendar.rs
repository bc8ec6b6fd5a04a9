//! The month grid of the date picker, and what can be typed for a date.

use egui::{Align2, Color32, CornerRadius, Key, Modifiers, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};
use jiff::civil::Date;
use jiff::{Span, ToSpan};

use crate::button;
use crate::field::half_width;
use crate::icons::Icon;
use crate::paint;
use crate::tokens::Tokens;

/// The texts of a calendar.
#[derive(Clone, Copy)]
pub struct CalendarText<'a> {
    /// Monday to Sunday: "一" to "日".
    pub weekdays: [&'a str; 7],
    /// The title of a month: (2026, 3) is "2026年3月".
    pub month_title: &'a dyn Fn(i16, i8) -> String,
    /// "上个月"
    pub previous_month: &'a str,
    /// "下个月"
    pub next_month: &'a str,
    /// "上一年"
    pub previous_year: &'a str,
    /// "下一年"
    pub next_year: &'a str,
    /// "今天"
    pub today: &'a str,
    /// Accessible name of the button that opens the calendar: "打开日历".
    pub open: &'a str,
    /// Hint of the empty field: "年-月-日".
    pub hint: &'a str,
    /// Error line for what is no date: "请输入日期，如 2026-03-01".
    pub invalid: &'a str,
    /// Error line for a date before `min` or after `max`: "日期须在 {min} 与 {max} 之间".
    pub out_of_range: &'a str,
}

/// Reads a typed date: `2026-03-01`, `2026/3/1`, `2026.3.1`, `20260301`, `2026年3月1日`, all also in full-width characters.
///
/// None if it is no date of the calendar (2026-02-30), or a year before 1900.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = half_width(text);
    let parts: Vec<&str> = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        vec![text.get(..4)?, text.get(4..6)?, text.get(6..)?]
    } else {
        let is_separator = |ch: char| matches!(ch, '-' | '/' | '.' | '年' | '月' | '－');
        text.trim_end_matches('日').split(is_separator).map(str::trim).collect()
    };
    let [year, month, day] = parts.as_slice() else { return None };
    if year.len() != 4 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (date.year() >= 1900).then_some(date)
}

/// The month grid: which month it shows and which day the keyboard is on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    pub cursor: Date,
}

/// The allowed days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub min: Date,
    pub max: Date,
}

impl Limits {
    /// Limits in order, whatever the caller made them from: a PC whose clock was reset says that yesterday was long before the
    /// first allowed day, which then is the only one.
    pub(crate) fn in_order(self) -> Self {
        Self { min: self.min, max: self.max.max(self.min) }
    }

    pub(crate) fn contains(&self, date: Date) -> bool {
        self.min <= date && date <= self.max
    }
}

/// What the grid marks.
pub(crate) struct Marks {
    pub chosen: Option<Date>,
    pub today: Option<Date>,
    pub limits: Limits,
}

const CELL: Vec2 = Vec2::new(34.0, 29.0);

impl Grid {
    /// Draws the grid with its head and foot; the day that was picked.
    pub(crate) fn show(&mut self, ui: &mut Ui, marks: &Marks, text: &CalendarText<'_>) -> Option<Date> {
        let tokens = Tokens::of(ui.ctx());
        ui.set_width(CELL.x * 7.0);
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        ui.spacing_mut().interact_size = CELL;
        let entered = self.keys(ui, marks.limits);
        self.head(ui, marks.limits, text);
        ui.horizontal(|ui| {
            for name in text.weekdays {
                let (rect, _) = ui.allocate_exact_size(CELL, Sense::hover());
                let galley = paint::whole_line(ui.painter(), name, crate::fonts::text(tokens.font.small), tokens.color.text_hint);
                paint::place(ui.painter(), rect, Align2::CENTER_CENTER, &galley);
            }
        });
        let mut picked = entered.then_some(self.cursor);
        for week in weeks(self.cursor) {
            ui.horizontal(|ui| {
                for day in week {
                    if self.day(ui, day, marks, &tokens) {
                        picked = Some(day);
                    }
                }
            });
        }
        if let Some(today) = marks.today.filter(|today| marks.limits.contains(*today)) {
            ui.add_space(tokens.space.xs);
            ui.vertical_centered(|ui| {
                if ui.add(button::link(text.today).small()).clicked() {
                    picked = Some(today);
                }
            });
        }
        if let Some(day) = picked {
            self.cursor = day;
        }
        picked
    }

    fn head(&mut self, ui: &mut Ui, limits: Limits, text: &CalendarText<'_>) {
        let title = (text.month_title)(self.cursor.year(), self.cursor.month());
        ui.horizontal(|ui| {
            let steps = [
                (Icon::ChevronsLeft, text.previous_year, -12),
                (Icon::ChevronLeft, text.previous_month, -1),
                (Icon::ChevronRight, text.next_month, 1),
                (Icon::ChevronsRight, text.next_year, 12),
            ];
            for (place, (icon, name, months)) in steps.into_iter().enumerate() {
                if place == 2 {
                    let tokens = Tokens::of(ui.ctx());
                    let room = Vec2::new(CELL.x * 7.0 - 4.0 * tokens.height.small_control, tokens.height.small_control);
                    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
                    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &title));
                    let galley = paint::whole_line(ui.painter(), &title, crate::fonts::text(tokens.font.body), tokens.color.text);
                    paint::place(ui.painter(), rect, Align2::CENTER_CENTER, &galley);
                }
                if ui.add(button::icon(icon, name).small()).clicked() {
                    self.go(months.months(), limits);
                }
            }
        });
    }

    /// Arrow keys move by day and week, Page keys by month; true when Enter picks the day.
    fn keys(&mut self, ui: &Ui, limits: Limits) -> bool {
        let moves = [
            (Key::ArrowLeft, (-1).days()),
            (Key::ArrowRight, 1.days()),
            (Key::ArrowUp, (-7).days()),
            (Key::ArrowDown, 7.days()),
            (Key::PageUp, (-1).months()),
            (Key::PageDown, 1.months()),
        ];
        for (key, span) in moves {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
                self.go(span, limits);
            }
        }
        // Enter belongs to a button of the head while it has the focus.
        let free = ui.memory(|memory| memory.focused().is_none());
        free && limits.contains(self.cursor) && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
    }

    fn go(&mut self, span: Span, limits: Limits) {
        if let Ok(date) = self.cursor.checked_add(span) {
            self.cursor = date.clamp(limits.min, limits.max);
        }
    }

    fn day(&self, ui: &mut Ui, day: Date, marks: &Marks, tokens: &Tokens) -> bool {
        let allowed = marks.limits.contains(day);
        let (rect, response) = ui.allocate_exact_size(CELL, if allowed { Sense::CLICK } else { Sense::hover() });
        let chosen = marks.chosen == Some(day);
        response.widget_info(|| WidgetInfo::selected(Role::Button, allowed, chosen, day));
        let ground = rect.shrink2(Vec2::new(3.0, 2.0));
        let radius = CornerRadius::same(tokens.radius.control);
        let fill = match (chosen, allowed && response.hovered()) {
            (true, _) => tokens.color.accent,
            (false, true) => tokens.color.hover,
            (false, false) => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(ground, radius, fill);
        let outline = if day == self.cursor && !chosen {
            Some(tokens.color.focus)
        } else if marks.today == Some(day) {
            Some(tokens.color.outline)
        } else {
            None
        };
        if let Some(color) = outline {
            ui.painter().rect_stroke(ground, radius, Stroke::new(1.0, color), StrokeKind::Inside);
        }
        let color = if chosen {
            tokens.color.on_solid
        } else if !allowed {
            tokens.color.outline
        } else if day.month() == self.cursor.month() {
            tokens.color.text
        } else {
            tokens.color.text_hint
        };
        let galley = paint::whole_line(ui.painter(), &day.day().to_string(), crate::fonts::text(tokens.font.small), color);
        paint::place(ui.painter(), rect, Align2::CENTER_CENTER, &galley);
        allowed && response.clicked()
    }
}

/// Six weeks from Monday to Sunday that contain the month of `date`.
fn weeks(date: Date) -> Vec<Vec<Date>> {
    let first = date.first_of_month();
    let lead = i64::from(first.weekday().to_monday_zero_offset());
    (0..6).map(|week| (0..7).filter_map(|day| first.checked_add((week * 7 + day - lead).days()).ok()).collect()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

    use jiff::civil::date;

    use super::*;

    #[test]
    fn typed_dates() {
        let first = Some(date(2026, 3, 1));
        for text in [
            "2026-03-01",
            "2026/3/1",
            "2026.3.1",
            "20260301",
            "2026年3月1日",
            "２０２６－０３－０１",
            "２０２６０３０１",
            "　2026-3-1 ",
            "2026。3。1",
        ] {
            assert_eq!(parse_date(text), first, "{text}");
        }
        for text in ["", "2026-02-30", "2026-3", "26-3-1", "2026-13-01", "20260230", "1899-12-31", "2026-3-1-1", "昨天", "2026-03-01x"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_starts_on_monday() {
        // 1 March 2026 is a Sunday.
        let weeks = weeks(date(2026, 3, 15));
        assert_eq!(weeks[0][0], date(2026, 2, 23));
        assert_eq!(weeks[0][6], date(2026, 3, 1));
        assert_eq!(weeks.len(), 6);
    }
}
