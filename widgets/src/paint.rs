//! What several widgets paint alike: one-line text, the focus ring, the spinner.

use std::sync::Arc;
use std::time::Duration;

use egui::epaint::CircleShape;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Context, CornerRadius, FontId, Galley, Painter, Pos2, Rect, Response, Stroke, StrokeKind, Ui, Vec2};

use crate::foreign::visible;
use crate::tokens::Tokens;

/// One line, what is hidden in it marked, cut with "…" at `width` points.
pub(crate) fn line(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(visible(text).into_owned(), TextFormat::simple(font, color));
    job.wrap = TextWrapping { max_width: width.max(0.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    // Line breaks in foreign text would add rows that nobody sees.
    job.break_on_newline = false;
    painter.layout_job(job)
}

/// One line of any length.
pub(crate) fn whole_line(painter: &Painter, text: &str, font: FontId, color: Color32) -> Arc<Galley> {
    line(painter, text, font, color, f32::INFINITY)
}

/// Paints a galley aligned inside a rectangle, on whole pixels so that the glyphs stay sharp.
pub(crate) fn place(painter: &Painter, rect: Rect, align: Align2, galley: &Arc<Galley>) -> Rect {
    let target = align.align_size_within_rect(galley.size(), rect);
    let scale = painter.pixels_per_point();
    let snap = |value: f32| (value * scale).round() / scale;
    let at = Pos2::new(snap(target.min.x), snap(target.min.y));
    painter.galley(at, galley.clone(), Color32::PLACEHOLDER);
    Rect::from_min_size(at, galley.size())
}

/// Shows where the keyboard is. Nothing is painted for a pointer click alone.
pub(crate) fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: u8, tokens: &Tokens) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, tokens.color.focus);
        ui.painter().rect_stroke(rect, CornerRadius::same(radius), stroke, StrokeKind::Inside);
    }
}

/// Eight dots, one step every 100 ms: enough to say "busy" and cheap on a PC without a GPU.
pub(crate) fn spinner(painter: &Painter, center: Pos2, radius: f32, color: Color32) {
    const DOTS: u8 = 8;
    let step = tenths(painter.ctx());
    for dot in 0..DOTS {
        let angle = std::f32::consts::TAU * f32::from(dot) / f32::from(DOTS);
        let age = (step + u64::from(DOTS - dot)) % u64::from(DOTS);
        let strength = 1.0 - 0.11 * f32::from(u8::try_from(age).unwrap_or(0));
        let at = center + Vec2::angled(angle) * radius * 0.78;
        painter.add(CircleShape::filled(at, radius * 0.2, color.gamma_multiply(strength)));
    }
}

/// The time in tenths of a second; asks for the next frame when it changes.
pub(crate) fn tenths(ctx: &Context) -> u64 {
    ctx.request_repaint_after(Duration::from_millis(100));
    // A negative or absurd clock only moves the animation, so saturation is fine.
    (ctx.input(|input| input.time) * 10.0) as u64
}
