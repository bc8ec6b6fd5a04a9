//! Notices (通知): short messages at the lower right, and their history. Plain data; [`show`] draws them.

use std::collections::VecDeque;
use std::time::Duration;

use egui::{Align, Align2, Area, Context, Frame, Id, Layout, Margin, Order, RichText, Role, Stroke, Ui};

use crate::banner::icon_of;
use crate::button;
use crate::icons::{Icon, IconView};
use crate::tokens::{Tokens, Tone};

/// Notices that are remembered; older ones are forgotten.
const KEPT: usize = 200;
/// Notices on screen at once.
const ON_SCREEN: usize = 4;
const WIDTH: f32 = 360.0;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing; leaves after 5 s.
    Info,
    /// Something is done; leaves after 5 s.
    Done,
    /// Needs attention; leaves after 10 s.
    Warning,
    /// Failed; stays until closed.
    Error,
}

impl Level {
    const fn tone(self) -> Tone {
        match self {
            Self::Info => Tone::Info,
            Self::Done => Tone::Good,
            Self::Warning => Tone::Warning,
            Self::Error => Tone::Bad,
        }
    }

    const fn seconds(self) -> Option<f64> {
        match self {
            Self::Info | Self::Done => Some(5.0),
            Self::Warning => Some(10.0),
            Self::Error => None,
        }
    }
}

/// A message. `A` is what its action means to the caller, for example a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice<A = ()> {
    /// How serious it is.
    pub level: Level,
    /// What happened, in one line.
    pub title: String,
    /// To which company, account or file, and what to do next.
    pub detail: String,
    /// The time for the history, ready-made: "14:05".
    pub time: String,
    /// A link below the text.
    pub action: Option<(String, A)>,
}

impl<A> Notice<A> {
    /// A message without details.
    pub fn new(level: Level, title: impl Into<String>) -> Self {
        Self { level, title: title.into(), detail: String::new(), time: String::new(), action: None }
    }

    /// The second line.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The time for the history.
    #[must_use]
    pub fn time(mut self, time: impl Into<String>) -> Self {
        self.time = time.into();
        self
    }

    /// A link below the text.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, action: A) -> Self {
        self.action = Some((label.into(), action));
        self
    }
}

#[derive(Clone, Debug)]
struct Entry<A> {
    serial: u64,
    notice: Notice<A>,
    on_screen: bool,
    /// Seconds of egui's clock; unknown until it is first drawn, so that a notice that comes while the window is hidden is not missed.
    leaves_at: Option<f64>,
    read: bool,
}

/// All notices, newest last. Belongs to the state.
#[derive(Clone, Debug)]
pub struct Notices<A = ()> {
    entries: VecDeque<Entry<A>>,
    next: u64,
}

impl<A> Default for Notices<A> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), next: 0 }
    }
}

impl<A> Notices<A> {
    /// Adds a notice. The same level, title and detail as one on screen replaces that one instead of piling up.
    pub fn push(&mut self, notice: Notice<A>) {
        let is_same = |entry: &Entry<A>| {
            entry.on_screen
                && entry.notice.level == notice.level
                && entry.notice.title == notice.title
                && entry.notice.detail == notice.detail
        };
        self.entries.retain(|entry| !is_same(entry));
        self.entries.push_back(Entry { serial: self.next, notice, on_screen: true, leaves_at: None, read: false });
        self.next += 1;
        if self.entries.len() > KEPT {
            self.entries.pop_front();
        }
    }

    /// All remembered notices, newest first.
    pub fn history(&self) -> impl Iterator<Item = &Notice<A>> {
        self.entries.iter().rev().map(|entry| &entry.notice)
    }

    /// Notices on screen, oldest first.
    pub fn on_screen(&self) -> impl Iterator<Item = &Notice<A>> {
        self.entries.iter().filter(|entry| entry.on_screen).map(|entry| &entry.notice)
    }

    /// Notices added since [`Self::mark_read`].
    pub fn unread(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.read).count()
    }

    /// The user has seen the history.
    pub fn mark_read(&mut self) {
        for entry in &mut self.entries {
            entry.read = true;
        }
    }

    /// Forgets all notices.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Takes those off the screen whose time has come; seconds until the next one leaves.
    fn expire(&mut self, now: f64) -> Option<f64> {
        let mut next: Option<f64> = None;
        for entry in self.entries.iter_mut().filter(|entry| entry.on_screen) {
            let Some(life) = entry.notice.level.seconds() else { continue };
            let leaves_at = *entry.leaves_at.get_or_insert(now + life);
            if leaves_at <= now {
                entry.on_screen = false;
            } else {
                next = Some(next.map_or(leaves_at - now, |soonest| soonest.min(leaves_at - now)));
            }
        }
        next
    }

    fn close(&mut self, serial: u64) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.serial == serial) {
            entry.on_screen = false;
            entry.read = true;
        }
    }

    /// The pointer rests on a notice: it stays at least a moment longer.
    fn hold(&mut self, serial: u64, now: f64) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.serial == serial)
            && let Some(leaves_at) = &mut entry.leaves_at
        {
            *leaves_at = leaves_at.max(now + 2.0);
        }
    }
}

/// The texts around notices.
#[derive(Clone, Copy, Debug)]
pub struct NoticeText<'a> {
    /// Accessible name of the cross: "关闭通知".
    pub close: &'a str,
    /// When the history is empty: "还没有通知".
    pub nothing: &'a str,
}

/// What the user did with a notice.
enum Pressed {
    Nothing,
    Close,
    Action,
}

/// Draws the newest notices above everything; the action that was pressed. Asks for a frame only when one leaves.
pub fn show<A: Clone>(ctx: &Context, notices: &mut Notices<A>, text: &NoticeText<'_>) -> Option<A> {
    let now = ctx.input(|input| input.time);
    if let Some(wait) = notices.expire(now) {
        ctx.request_repaint_after(Duration::from_secs_f64(wait + 0.01));
    }
    let shown: Vec<u64> = notices.entries.iter().rev().filter(|entry| entry.on_screen).take(ON_SCREEN).map(|entry| entry.serial).collect();
    if shown.is_empty() {
        return None;
    }
    let area = Area::new(Id::unique("piaoxia notices")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, egui::vec2(-16.0, -16.0));
    area.show(ctx, |ui| {
        ui.set_width(WIDTH);
        let mut chosen = None;
        for serial in shown.into_iter().rev() {
            let Some(entry) = notices.entries.iter().find(|entry| entry.serial == serial) else { continue };
            let (pressed, hovered) = toast(ui, &entry.notice, serial, text);
            match pressed {
                Pressed::Nothing => {}
                Pressed::Close => notices.close(serial),
                Pressed::Action => {
                    chosen = entry.notice.action.as_ref().map(|(_, action)| action.clone());
                    notices.close(serial);
                }
            }
            if hovered {
                notices.hold(serial, now);
            }
        }
        chosen
    })
    .inner
}

fn toast<A>(ui: &mut Ui, notice: &Notice<A>, serial: u64, text: &NoticeText<'_>) -> (Pressed, bool) {
    let tokens = Tokens::of(ui.ctx());
    let colors = tokens.tone(notice.level.tone());
    let frame = Frame::new()
        .fill(tokens.color.surface)
        .stroke(Stroke::new(1.0, colors.border))
        .corner_radius(tokens.radius.card)
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(Margin { left: 14, right: 8, top: 8, bottom: 10 });
    let builder = egui::UiBuilder::new().id_salt(serial).accessibility_role(Role::Alert);
    let shown = ui.scope_builder(builder, |ui| {
        let alert = ui.unique_id();
        frame.show(ui, |ui| content(ui, notice, alert, text, &tokens))
    });
    let rect = shown.response.rect;
    let edge = egui::Rect::from_min_size(rect.min + egui::vec2(0.0, 6.0), egui::vec2(3.0, rect.height() - 12.0));
    ui.painter().rect_filled(edge, 1, colors.solid);
    (shown.inner.inner, ui.rect_contains_pointer(rect))
}

fn content<A>(ui: &mut Ui, notice: &Notice<A>, alert: Id, text: &NoticeText<'_>, tokens: &Tokens) -> Pressed {
    ui.set_width(ui.available_width());
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut pressed = Pressed::Nothing;
    ui.horizontal(|ui| {
        let tone = notice.level.tone();
        ui.add(IconView::new(icon_of(tone), "").color(tokens.tone(tone).text));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(button::icon(Icon::Close, text.close).small()).clicked() {
                pressed = Pressed::Close;
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let title = ui.add(egui::Label::new(&notice.title).wrap());
                ui.ctx().accesskit_node_builder(alert, |node| node.push_labelled_by(title.id.accesskit_id()));
            });
        });
    });
    ui.horizontal(|ui| {
        ui.add_space(24.0);
        ui.vertical(|ui| {
            if !notice.detail.is_empty() {
                let detail = RichText::new(&notice.detail).small().color(tokens.color.text_secondary);
                ui.add(egui::Label::new(detail).wrap());
            }
            if let Some((label, _)) = &notice.action
                && ui.add(button::link(label).small()).clicked()
            {
                pressed = Pressed::Action;
            }
        });
    });
    pressed
}

/// Draws the history, newest first, into a panel or popup; the action that was pressed.
pub fn history<A: Clone>(ui: &mut Ui, notices: &Notices<A>, text: &NoticeText<'_>) -> Option<A> {
    let tokens = Tokens::of(ui.ctx());
    if notices.entries.is_empty() {
        ui.label(RichText::new(text.nothing).color(tokens.color.text_hint));
        return None;
    }
    let mut chosen = None;
    egui::ScrollArea::vertical().show(ui, |ui| {
        for (place, notice) in notices.history().enumerate() {
            if place > 0 {
                ui.separator();
            }
            let colors = tokens.tone(notice.level.tone());
            ui.horizontal_top(|ui| {
                ui.add(IconView::new(icon_of(notice.level.tone()), "").color(colors.text));
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.add(egui::Label::new(&notice.title).wrap());
                    let line = [notice.time.as_str(), notice.detail.as_str()].join("  ");
                    ui.add(egui::Label::new(RichText::new(line.trim()).small().color(tokens.color.text_secondary)).wrap());
                    if let Some((label, action)) = &notice.action
                        && ui.add(button::link(label).small()).clicked()
                    {
                        chosen = Some(action.clone());
                    }
                });
            });
        }
    });
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles<A>(notices: &Notices<A>) -> Vec<&str> {
        notices.on_screen().map(|notice| notice.title.as_str()).collect()
    }

    #[test]
    fn errors_stay_and_the_rest_leaves() {
        let mut notices: Notices = Notices::default();
        notices.push(Notice::new(Level::Info, "info"));
        notices.push(Notice::new(Level::Warning, "warning"));
        notices.push(Notice::new(Level::Error, "error"));
        assert_eq!(notices.expire(100.0), Some(5.0));
        assert_eq!(notices.expire(105.0), Some(5.0));
        assert_eq!(titles(&notices), ["warning", "error"]);
        assert_eq!(notices.expire(111.0), None);
        assert_eq!(titles(&notices), ["error"]);
        assert_eq!(notices.history().count(), 3);
        notices.close(2);
        assert!(titles(&notices).is_empty());
    }

    #[test]
    fn repetitions_do_not_pile_up_and_history_is_bounded() {
        let mut notices: Notices = Notices::default();
        for _ in 0..3 {
            notices.push(Notice::new(Level::Error, "same").detail("company"));
        }
        assert_eq!(notices.unread(), 1);
        for number in 0..(KEPT + 50) {
            notices.push(Notice::new(Level::Info, number.to_string()));
        }
        assert_eq!(notices.history().count(), KEPT);
        notices.mark_read();
        assert_eq!(notices.unread(), 0);
    }
}
