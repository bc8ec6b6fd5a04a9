//! Date field (日期) and date range (日期范围): typed or picked from a calendar.

use egui::{Align, Align2, Id, Key, Layout, Modifiers, Popup, PopupCloseBehavior, Response, RichText, TextEdit, Ui};
use jiff::civil::Date;

use crate::button;
use crate::calendar::{Grid, Limits, Marks};
use crate::field;
use crate::icons::Icon;
use crate::tokens::{Tokens, Tone};

pub use crate::calendar::{CalendarText, parse_date};
use crate::typed_date::Days;
pub use crate::typed_date::parse_days;

const WIDTH: f32 = 150.0;

/// A named range for [`DateRangeField`], for example ("上月", 2026-02-01, 2026-02-28).
pub type Preset<'a> = (&'a str, Date, Date);

/// A date with its label above and its error below.
#[must_use = "draw it with `show`"]
pub struct DateField<'a> {
    label: &'a str,
    value: &'a mut Date,
    text: CalendarText<'a>,
    limits: Limits,
    today: Option<Date>,
    width: f32,
    hide_label: bool,
    show_error: bool,
    /// Of a month or a year that is typed, the last day counts.
    is_end: bool,
    /// The other end, where the field is one of a range.
    other: Option<Date>,
    /// What was typed when the field was left, if it was more than a day.
    span: Option<Days>,
    /// What stands in the field can be read and is allowed.
    valid: bool,
}

/// What became of a [`DateField`] or [`DateRangeField`] in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateOutput {
    /// A date became another one.
    pub changed: bool,
    /// What stands in every field can be read and is allowed. Where it is not, the date is still the one of before.
    pub valid: bool,
}

/// What stands in the field while it is no date, or not left yet.
#[derive(Clone, Default)]
struct Draft {
    text: String,
    shown: Option<Date>,
    problem: Option<Problem>,
    /// Number of the pass in which it was last drawn.
    pass: u64,
}

/// Passes after which a field that was not drawn is out of sight: a frame may take two.
const UNSEEN: u64 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Problem {
    NoDate,
    OutOfRange,
}

impl<'a> DateField<'a> {
    /// Any date from 1900 to 2199. The value changes only to valid dates.
    pub fn new(label: &'a str, value: &'a mut Date, text: CalendarText<'a>) -> Self {
        let limits = Limits { min: Date::constant(1900, 1, 1), max: Date::constant(2199, 12, 31) };
        Self {
            label,
            value,
            text,
            limits,
            today: None,
            width: WIDTH,
            hide_label: false,
            show_error: true,
            is_end: false,
            other: None,
            span: None,
            valid: true,
        }
    }

    /// The first allowed day.
    pub fn min(mut self, min: Date) -> Self {
        self.limits.min = min;
        self
    }

    /// The last allowed day.
    pub fn max(mut self, max: Date) -> Self {
        self.limits.max = max;
        self
    }

    /// The local date; marked in the calendar and offered as a shortcut.
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// The width in points; 150 if not given.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// No visible label; it stays the accessible name.
    pub fn hide_label(mut self) -> Self {
        self.hide_label = true;
        self
    }

    /// Draws the field.
    pub fn show(mut self, ui: &mut Ui) -> DateOutput {
        let changed = self.draw(ui).changed();
        DateOutput { changed, valid: self.valid }
    }

    fn draw(&mut self, ui: &mut Ui) -> Response {
        // Days are clamped to them, which reversed ones would not survive.
        self.limits = self.limits.in_order();
        let tokens = Tokens::of(ui.ctx());
        let id = ui.make_persistent_id(("date", self.label));
        ui.allocate_ui_with_layout(egui::vec2(self.width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(self.width);
            ui.spacing_mut().item_spacing.y = tokens.space.xs;
            let label = (!self.hide_label).then(|| field::label_row(ui, self.label, false, &tokens));
            let (response, problem) = self.body(ui, id, &tokens);
            let response = match label {
                Some(label) => response.labelled_by(label.id),
                None => response.accessible_name(self.label),
            };
            if self.show_error {
                field::below(ui, problem.as_deref(), "", &tokens);
            }
            response
        })
        .inner
    }

    /// The edit line with its calendar, and the error line if there is one.
    fn body(&mut self, ui: &mut Ui, id: Id, tokens: &Tokens) -> (Response, Option<String>) {
        let draft_id = id.with("draft");
        let mut draft: Draft = ui.data(|data| data.get_temp(draft_id)).unwrap_or_default();
        let pass = ui.ctx().cumulative_pass_nr();
        // What was typed holds as long as the field is in sight: a dialog that opens again begins with its date.
        let is_back = pass.saturating_sub(draft.pass) > UNSEEN;
        if is_back || draft.shown != Some(*self.value) {
            // Set from outside (or first shown): the caller's date wins over what was typed.
            draft = Draft { text: self.value.to_string(), shown: Some(*self.value), ..Draft::default() };
        }
        draft.pass = pass;
        let before = *self.value;
        let edit = self.edit(ui, id, &mut draft, tokens);
        // Fresh, because the edit's own response is `changed` with every key.
        let mut response = ui.ctx().read_response(id).unwrap_or(edit);
        if let Some(day) = self.calendar(ui, &response, tokens) {
            draft = Draft { text: day.to_string(), shown: Some(day), problem: None, pass };
            *self.value = day;
        }
        if *self.value != before {
            response.mark_changed();
        }
        let untouched = draft.problem.is_none() && draft.text == self.value.to_string();
        self.valid = untouched || self.read(&draft.text).is_ok();
        let problem = draft.problem.map(|problem| self.problem_text(problem));
        ui.data_mut(|data| data.insert_temp(draft_id, draft));
        (response, problem)
    }

    fn edit(&mut self, ui: &mut Ui, id: Id, draft: &mut Draft, tokens: &Tokens) -> Response {
        let edit = |ui: &mut Ui| {
            if draft.problem.is_some() {
                ui.visuals_mut().widgets.inactive.bg_stroke.color = tokens.tone(Tone::Bad).solid;
            }
            let edit = TextEdit::singleline(&mut draft.text)
                .id(id)
                .char_limit(20)
                .hint_text(RichText::new(self.text.hint).color(tokens.color.text_hint))
                .desired_width(self.width)
                .min_size(egui::vec2(self.width, tokens.height.control))
                .align(Align2::LEFT_CENTER)
                .margin(egui::Margin { left: 9, right: 32, top: 4, bottom: 4 });
            ui.add(edit)
        };
        let response = ui.scope(edit).inner;
        let submitted = field::submitted(&response, ui);
        // A month may become a day with the next key: only whole dates count before the field is left.
        if response.changed()
            && let Some(date) = parse_date(&draft.text).filter(|date| self.limits.contains(*date))
        {
            draft.problem = None;
            if !self.turns_around(date) {
                draft.shown = Some(date);
                *self.value = date;
            }
        }
        if response.lost_focus() || submitted {
            self.left(draft);
        }
        response
    }

    /// Whether the day would move the other end of the range. On the way to 2026-10-25 one types 2026-10-2, which is a day too: what turns
    /// the range around counts only once the field is left.
    fn turns_around(&self, day: Date) -> bool {
        self.other.is_some_and(|other| if self.is_end { day < other } else { day > other })
    }

    /// The days that a text means.
    fn read(&self, text: &str) -> Result<Days, Problem> {
        let (from, to) = parse_days(text, self.today).ok_or(Problem::NoDate)?;
        // What reaches over the limits, as this year does over today, ends there.
        let (from, to) = if from == to { (from, to) } else { (from.max(self.limits.min), to.min(self.limits.max)) };
        let fits = from <= to && self.limits.contains(from) && self.limits.contains(to);
        if fits { Ok((from, to)) } else { Err(Problem::OutOfRange) }
    }

    /// The field was left, or Enter was pressed in it.
    fn left(&mut self, draft: &mut Draft) {
        match self.read(&draft.text) {
            Err(problem) => draft.problem = Some(problem),
            Ok((from, to)) => {
                self.span = (from != to).then_some((from, to));
                *self.value = if self.is_end { to } else { from };
                *draft = Draft { text: self.value.to_string(), shown: Some(*self.value), problem: None, pass: draft.pass };
            }
        }
    }

    fn calendar(&self, ui: &mut Ui, field: &Response, tokens: &Tokens) -> Option<Date> {
        let side = tokens.height.control - 6.0;
        let center = field.rect.right_center() - egui::vec2(side / 2.0 + 3.0, 0.0);
        let rect = egui::Rect::from_center_size(center, egui::Vec2::splat(side));
        let place = egui::UiBuilder::new().id_salt(field.id).max_rect(rect).layout(Layout::left_to_right(Align::Center));
        let name = format!("{} {}", self.label, self.text.open);
        let opener = ui.new_child(place).add(button::icon(Icon::Calendar, &name).small());
        let popup_id = field.id.with("calendar");
        if field.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown)) {
            Popup::open_id(ui.ctx(), popup_id);
            field.surrender_focus();
        }
        let grid_id = field.id.with("grid");
        if opener.clicked() {
            opener.surrender_focus();
        }
        let was_open = Popup::is_id_open(ui.ctx(), popup_id);
        let shown = Popup::from_toggle_button_response(&opener)
            .id(popup_id)
            .anchor(field.rect)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .gap(4.0)
            .show(|ui| {
                let known: Option<Grid> = ui.data(|data| data.get_temp(grid_id));
                let mut grid = known.unwrap_or(Grid { cursor: (*self.value).clamp(self.limits.min, self.limits.max) });
                let marks = Marks { chosen: Some(*self.value), today: self.today, limits: self.limits };
                let picked = grid.show(ui, &marks, &self.text);
                ui.data_mut(|data| data.insert_temp(grid_id, grid));
                if picked.is_some() {
                    ui.close();
                }
                picked
            });
        if !was_open {
            ui.data_mut(|data| data.remove::<Grid>(grid_id));
        }
        let picked = shown?.inner;
        if picked.is_some() {
            field.request_focus();
        }
        picked
    }

    fn problem_text(&self, problem: Problem) -> String {
        match problem {
            Problem::NoDate => self.text.invalid.to_owned(),
            Problem::OutOfRange => {
                self.text.out_of_range.replace("{min}", &self.limits.min.to_string()).replace("{max}", &self.limits.max.to_string())
            }
        }
    }
}

/// The texts of a [`DateRangeField`] besides the calendar's.
#[derive(Clone, Copy, Debug)]
pub struct RangeText<'a> {
    /// Accessible name of the first date: "开票日期起".
    pub from: &'a str,
    /// Accessible name of the last date: "开票日期止".
    pub to: &'a str,
    /// Between the two: "至".
    pub joint: &'a str,
    /// The button of the presets: "常用期间".
    pub presets: &'a str,
}

/// Two dates, first and last day included, with presets.
#[must_use = "draw it with `show`"]
pub struct DateRangeField<'a> {
    label: &'a str,
    from: &'a mut Date,
    to: &'a mut Date,
    presets: &'a [Preset<'a>],
    text: RangeText<'a>,
    calendar: CalendarText<'a>,
    min: Option<Date>,
    max: Option<Date>,
    today: Option<Date>,
    hide_label: bool,
}

impl<'a> DateRangeField<'a> {
    /// `presets` may be empty; then there is no button for them.
    pub fn new(
        label: &'a str,
        (from, to): (&'a mut Date, &'a mut Date),
        presets: &'a [Preset<'a>],
        text: RangeText<'a>,
        calendar: CalendarText<'a>,
    ) -> Self {
        Self { label, from, to, presets, text, calendar, min: None, max: None, today: None, hide_label: false }
    }

    /// The first allowed day.
    pub fn min(mut self, min: Date) -> Self {
        self.min = Some(min);
        self
    }

    /// The last allowed day.
    pub fn max(mut self, max: Date) -> Self {
        self.max = Some(max);
        self
    }

    /// The local date.
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// No visible label above the line.
    pub fn hide_label(mut self) -> Self {
        self.hide_label = true;
        self
    }

    /// Draws the line. The range is never reversed: the other end moves along, once the field is left.
    pub fn show(mut self, ui: &mut Ui) -> DateOutput {
        let tokens = Tokens::of(ui.ctx());
        let before = (*self.from, *self.to);
        let drawn = ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = tokens.space.xs;
            if !self.hide_label {
                field::label_row(ui, self.label, false, &tokens);
            }
            ui.horizontal_top(|ui| self.line(ui, &tokens)).inner
        });
        DateOutput { changed: before != (*self.from, *self.to), valid: drawn.inner }
    }

    /// True when both ends hold a day.
    fn line(&mut self, ui: &mut Ui, tokens: &Tokens) -> bool {
        let (from, to) = (self.text.from, self.text.to);
        let mut field = Self::end(from, self.from, self.calendar, (self.min, self.max), self.today);
        field.other = Some(*self.to);
        let (changed, first) = (field.draw(ui).changed(), field.span);
        let mut valid = field.valid;
        if changed {
            *self.to = (*self.to).max(*self.from);
        }
        ui.allocate_ui_with_layout(egui::vec2(14.0, tokens.height.control), Layout::left_to_right(Align::Center), |ui| {
            ui.label(RichText::new(self.text.joint).color(tokens.color.text_secondary))
        });
        let mut field = Self::end(to, self.to, self.calendar, (self.min, self.max), self.today);
        field.is_end = true;
        field.other = Some(*self.from);
        let (changed, second) = (field.draw(ui).changed(), field.span);
        valid &= field.valid;
        if changed {
            *self.from = (*self.from).min(*self.to);
        }
        // 上月 in either field means the whole month.
        if let Some(span) = first.or(second) {
            (*self.from, *self.to) = span;
        }
        if !self.presets.is_empty() {
            self.preset_menu(ui);
        }
        valid
    }

    fn end<'b>(
        label: &'b str,
        value: &'b mut Date,
        text: CalendarText<'b>,
        (min, max): (Option<Date>, Option<Date>),
        today: Option<Date>,
    ) -> DateField<'b> {
        let mut field = DateField::new(label, value, text).hide_label().width(132.0);
        field.limits.min = min.unwrap_or(field.limits.min);
        field.limits.max = max.unwrap_or(field.limits.max);
        field.today = today;
        field
    }

    fn preset_menu(&mut self, ui: &mut Ui) {
        let opener = ui.add(button::quiet(self.text.presets).icon(Icon::Clock));
        Popup::menu(&opener).gap(4.0).show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.set_min_width(140.0);
            for (label, from, to) in self.presets {
                let chosen = (*self.from, *self.to) == (*from, *to);
                if ui.selectable_label(chosen, *label).clicked() {
                    (*self.from, *self.to) = (*from, *to);
                    ui.close();
                }
            }
        });
    }
}
