//! Which service to work with: 体验, 连接服务 or 直连, a card each. The very first page of a new data folder, and later 换一种方式.

use egui::{Align, Id, Key, Label, Layout, Modifiers, RichText, Ui, vec2};
use piaoxia_engine::ServiceWish;
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::dialog::{self, Choice, Question};
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::{Icon, IconView};
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::{Tokens, Tone};

use super::{ScreenCx, help, words};
use crate::state::State;
use crate::text::{Text, fill, problem_line, thousands};

/// Of the three cards together, points.
const WIDTH: f32 = 1000.0;
const MARK: f32 = 28.0;

/// What a card says.
struct Card<'t> {
    icon: Icon,
    name: &'t str,
    /// Small, beside the name.
    mark: Option<(&'t str, Tone)>,
    /// For whom it is.
    whom: &'t str,
    /// What one needs.
    needs: &'t str,
}

type Action<'a> = &'a mut dyn FnMut(&mut Ui);

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.welcome;
    ui.vertical_centered(|ui| {
        ui.add_space(((ui.available_height() - 520.0) / 2.0).max(10.0));
        ui.label(RichText::new(&cx.text.common.app_name).heading().color(cx.tokens.color.accent));
        let title = if state.welcome.back.is_some() { &words.title_again } else { &words.title };
        ui.label(RichText::new(title).size(cx.tokens.font.title));
        ui.label(RichText::new(&words.note).color(cx.tokens.color.text_secondary));
        ui.add_space(cx.tokens.space.l);
        let width = WIDTH.min(ui.available_width() - 2.0 * cx.tokens.space.l);
        ui.allocate_ui(vec2(width, 0.0), |ui| {
            ui.spacing_mut().item_spacing.x = cx.tokens.space.m;
            ui.columns_const(|[first, second, third]| {
                sandbox(first, state, cx);
                hosted(second, state, cx);
                own(third, state, cx);
            });
        });
        ui.add_space(cx.tokens.space.m);
        help::link(ui, state, cx);
        if state.welcome.back.is_some() {
            let left = ui.add(button::quiet(&cx.text.common.back)).clicked();
            // A dialog over the page has the key first.
            let free = ui.ctx().memory(|memory| memory.top_modal_layer().is_none());
            let escaped = free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
            if left || escaped {
                cx.commands.extend(state.leave_welcome());
            }
        }
    });
}

/// 体验.
fn sandbox(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.welcome;
    let now = state.welcome.back.is_some() && !state.hosted;
    let card = Card {
        icon: Icon::Play,
        name: &words.sandbox,
        mark: now.then_some((&words.now, Tone::Good)),
        whom: &words.sandbox_whom,
        needs: &words.sandbox_needs,
    };
    show(ui, (cx.text, cx.tokens), &card, &mut |ui| {
        let label = if now { &words.stay } else { &words.sandbox_start };
        let wide = ui.available_width();
        let button = ui.add(button::primary(label).width(wide).busy(state.welcome.is_starting_sandbox()));
        // The one of the three that asks nothing has the keyboard first.
        if !std::mem::replace(&mut state.welcome.greeted, true) {
            button.request_focus();
        }
        if button.clicked() {
            let command = if now { state.leave_welcome() } else { state.choose_service(ServiceWish::Sandbox) };
            cx.commands.extend(command);
        }
        below(ui, state, cx, false);
    });
}

/// 连接服务.
fn hosted(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.welcome;
    let card = Card {
        icon: Icon::Link,
        name: &words.hosted,
        mark: (state.welcome.back.is_some() && state.hosted).then_some((&words.now, Tone::Good)),
        whom: &words.hosted_whom,
        needs: &words.hosted_needs,
    };
    show(ui, (cx.text, cx.tokens), &card, &mut |ui| {
        let connecting = state.welcome.is_connecting();
        let field = Field::new(&words.address, &mut state.welcome.address).hint(&words.address_hint).half_width().full_width();
        let typed = field.enabled(!connecting).show(ui);
        if typed.changed {
            state.welcome.problem = None;
        }
        let something = !state.welcome.address.trim().is_empty();
        let wide = ui.available_width();
        if connecting {
            ui.add(button::secondary(&words.connecting).width(wide).busy(true));
            if ui.add(button::link(&cx.text.common.cancel)).clicked() {
                let command = state.stop_choosing();
                cx.send(command);
            }
        } else if ui.add(button::secondary(&words.connect).width(wide).enabled(something)).clicked() || (typed.submitted && something) {
            cx.commands.extend(state.choose_service(ServiceWish::Hosted(state.welcome.address.clone())));
        }
        below(ui, state, cx, true);
    });
}

/// 本机, which this version has no connector for.
fn own(ui: &mut Ui, _: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.welcome;
    let card = Card {
        icon: Icon::Lock,
        name: &words.own,
        mark: Some((&words.not_yet, Tone::Neutral)),
        whom: &words.own_whom,
        needs: &words.own_needs,
    };
    show(ui, (cx.text, cx.tokens), &card, &mut |ui| {
        let wide = ui.available_width();
        ui.add(button::secondary(&words.own_start).width(wide).enabled(false));
        ui.add(Label::new(RichText::new(&words.own_why).small().color(cx.tokens.color.text_secondary)).wrap());
    });
}

/// Why the last choice was not kept, under the card that it was made on.
fn below(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>, hosted: bool) {
    let Some(problem) = state.welcome.problem.as_ref().filter(|_| state.welcome.of_hosted == hosted) else { return };
    let line = RichText::new(problem_line(cx.text, problem)).small().color(cx.tokens.tone(Tone::Bad).text);
    ui.add(Label::new(line).wrap());
}

/// A card whose action stands where the others have theirs, as high as the highest.
fn show(ui: &mut Ui, (text, tokens): (&Text, &Tokens), card: &Card<'_>, action: Action<'_>) {
    let needs = &text.welcome.needs;
    surface::card(ui, |ui| {
        let lower = even(ui, "text", |ui| {
            ui.horizontal(|ui| {
                ui.add(IconView::new(card.icon, "").size(MARK).color(tokens.color.accent));
                ui.label(RichText::new(card.name).heading());
                if let Some((mark, tone)) = card.mark {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(Chip::new(mark, tone)));
                }
            });
            ui.add_space(tokens.space.s);
            ui.add(Label::new(card.whom).wrap());
            ui.add_space(tokens.space.s);
            let needed = words::sentences(text, &[needs, card.needs]);
            ui.add(Label::new(RichText::new(needed).color(tokens.color.text_secondary)).wrap());
        });
        ui.add_space(lower + tokens.space.m);
        let rest = even(ui, "action", |ui| action(ui));
        ui.add_space(rest);
    });
}

/// Draws a part and says how much lower it is than the same part of the highest card.
fn even(ui: &mut Ui, part: &str, content: impl FnOnce(&mut Ui)) -> f32 {
    let id = Id::unique(("height of a welcome card", part));
    let pass = ui.ctx().cumulative_pass_nr();
    let height = ui.scope(content).response.rect.height();
    // Number of the pass, the highest card of it so far, and the highest of the pass before.
    let (of, tallest, before): (u64, f32, f32) = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let (tallest, before) = if of == pass { (tallest.max(height), before) } else { (height, tallest) };
    ui.data_mut(|data| data.insert_temp(id, (pass, tallest, before)));
    if tallest > before {
        ui.ctx().request_discard("a welcome card has a new height");
    }
    (before - height).max(0.0)
}

/// Asks before a folder that is in use works with another service.
pub(super) fn question(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(wish) = state.welcome.asked.clone() else { return };
    let words = &cx.text.welcome;
    let to = match &wish {
        ServiceWish::Hosted(address) => address.trim().to_owned(),
        ServiceWish::Sandbox | ServiceWish::Stop => words.sandbox.clone(),
    };
    let kept = fill(&words.change_kept, &[("n", &thousands(state.ledger.invoices))]);
    let fictional = if !state.hosted && state.ledger.invoices > 0 { words.change_fictional.as_str() } else { "" };
    let text =
        [words.change_body.as_str(), &kept, fictional].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("\n\n");
    let title = fill(&words.change_title, &[("service", &to)]);
    let question = Question { title: &title, text: &text, confirm: &words.change, cancel: &cx.text.common.cancel, danger: false };
    match dialog::confirm(ui.ctx(), "another service", &question) {
        Choice::Open => {}
        Choice::Cancelled => state.welcome.asked = None,
        Choice::Confirmed => cx.commands.extend(state.choose_service(wish)),
    }
}

/// 服务: a card of the settings.
pub(super) fn card(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.welcome;
    surface::titled_card(
        ui,
        &words.card,
        |_| {},
        |ui| {
            let line = if state.hosted { fill(&words.card_hosted, &[("url", &state.service)]) } else { words.card_sandbox.clone() };
            ui.add(Label::new(line).wrap());
            if state.may_choose_service() {
                change(ui, state, cx);
            } else if !state.read_only {
                ui.label(RichText::new(&words.card_named).color(cx.tokens.color.text_secondary));
            }
        },
    );
}

fn change(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    if ui.add(button::secondary(&cx.text.welcome.other).small()).clicked() {
        state.open_welcome();
    }
}

/// The way from the sign-in page: a quiet link.
pub(super) fn link(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    if state.hosted {
        let line = fill(&cx.text.welcome.card_hosted, &[("url", &state.service)]);
        ui.label(RichText::new(line).small().color(cx.tokens.color.text_secondary));
    }
    if state.may_choose_service() && ui.add(button::link(&cx.text.welcome.other)).clicked() {
        state.open_welcome();
    }
}
