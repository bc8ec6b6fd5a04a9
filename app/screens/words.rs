//! The texts that widgets ask for, taken from the text file.

use piaoxia_domain::Status;
use piaoxia_widgets::date_picker::CalendarText;
use piaoxia_widgets::field::Reveal;
use piaoxia_widgets::notice::NoticeText;
use piaoxia_widgets::select::SelectText;
use piaoxia_widgets::tokens::Tone;

use crate::text::{Language, Text, fill};

/// Sentences one after the other, as the language sets them.
pub(super) fn sentences(text: &Text, all: &[&str]) -> String {
    all.join(if text.language == Language::ZhCn { "" } else { " " })
}

/// Points that a column takes for its Chinese words, or for the English ones, which are longer.
pub(super) fn wide(text: &Text, chinese: f32, english: f32) -> f32 {
    match text.language {
        Language::ZhCn => chinese,
        Language::En => english,
    }
}

/// What a status says of its invoice.
pub(super) fn status_tone(status: &Status) -> Tone {
    match status {
        Status::Normal => Tone::Good,
        Status::Void => Tone::Warning,
        Status::RedFull | Status::RedPart => Tone::Bad,
        Status::Other(_) => Tone::Neutral,
    }
}

/// For drop-downs.
pub(super) fn select(text: &Text) -> SelectText<'_> {
    SelectText {
        placeholder: &text.widgets.choose,
        filter: &text.widgets.filter,
        count: &text.widgets.shown,
        nothing: &text.widgets.no_match,
        separator: &text.widgets.separator,
    }
}

/// For password fields.
pub(super) fn reveal(text: &Text) -> Reveal<'_> {
    Reveal { show: &text.widgets.show_password, hide: &text.widgets.hide_password }
}

/// For notices.
pub(super) fn notice(text: &Text) -> NoticeText<'_> {
    NoticeText { close: &text.widgets.close_notice, nothing: &text.frame.no_notices }
}

/// Title of a month, for [`calendar`].
pub(super) fn month_title(text: &Text) -> impl Fn(i16, i8) -> String + '_ {
    |year, month| fill(&text.calendar.month_title, &[("year", &year.to_string()), ("month", &month.to_string())])
}

/// For date fields.
pub(super) fn calendar<'a>(text: &'a Text, month_title: &'a dyn Fn(i16, i8) -> String) -> CalendarText<'a> {
    let words = &text.calendar;
    CalendarText {
        weekdays: [&words.monday, &words.tuesday, &words.wednesday, &words.thursday, &words.friday, &words.saturday, &words.sunday],
        month_title,
        previous_month: &words.previous_month,
        next_month: &words.next_month,
        previous_year: &words.previous_year,
        next_year: &words.next_year,
        today: &words.today,
        open: &words.open,
        hint: &words.hint,
        invalid: &words.invalid,
        out_of_range: &words.out_of_range,
    }
}

/// For drop-downs in which nothing chosen means all.
pub(super) fn select_all(text: &Text) -> SelectText<'_> {
    SelectText { placeholder: &text.common.all, ..select(text) }
}

/// A deduction state.
pub(super) fn deduction(text: &Text, state: piaoxia_domain::Deduction) -> &str {
    use piaoxia_domain::Deduction;
    match state {
        Deduction::Open => &text.ledger.deduction_open,
        Deduction::Ticked => &text.ledger.deduction_ticked,
        Deduction::Confirmed => &text.ledger.deduction_confirmed,
    }
}
