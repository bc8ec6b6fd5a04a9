//! 票面: an invoice in the layout that clerks know, drawn from the record alone, whether there is an original or not.

mod canvas;
mod goods;
mod plain;
mod ticket;

use egui::{Sense, Ui, Vec2, WidgetInfo, vec2};
use jiff::civil::Date;
use piaoxia_domain::{Invoice, Kind};
use piaoxia_widgets::tokens::Tokens;

use crate::text::{Paper as Words, Text, fill};
use canvas::Canvas;

/// Width of every form, mm.
const WIDTH: f32 = 210.0;

/// Draws the invoice as wide as there is room.
pub(super) fn show(ui: &mut Ui, text: &Text, invoice: &Invoice) {
    let tokens = Tokens::of(ui.ctx());
    let form = Form::of(&invoice.kind);
    let scale = ui.available_width() / WIDTH;
    let size: Vec2 = vec2(WIDTH, form.height(invoice)) * scale;
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let title = title(text, &invoice.kind);
    let name = format!("{title} {}", invoice.key);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &name));
    let canvas = Canvas::new(ui, rect, scale, &tokens);
    canvas.sheet();
    canvas.title(&title, 12.0);
    match form {
        Form::Goods => goods::draw(&canvas, &text.paper, invoice),
        Form::Rail => ticket::rail(&canvas, &text.paper, invoice),
        Form::Air => ticket::air(&canvas, &text.paper, &text.common.gross, invoice),
        Form::TaxControl => plain::draw(&canvas, &text.paper, invoice),
    }
    canvas.foot(&text.paper.made_from_record);
}

/// Layouts of forms.
#[derive(Clone, Copy)]
enum Form {
    /// 数电 invoices with goods lines.
    Goods,
    /// 铁路电子客票.
    Rail,
    /// 航空运输电子客票行程单.
    Air,
    /// 税控: with code, check code, addresses and banks.
    TaxControl,
}

impl Form {
    fn of(kind: &Kind) -> Self {
        match kind.code() {
            "51" => Self::Rail,
            "61" => Self::Air,
            _ if kind.info().is_some_and(|info| info.digital) => Self::Goods,
            // Without a known kind the plainer form, which leaves nothing out.
            _ => Self::TaxControl,
        }
    }

    /// Height, mm.
    fn height(self, invoice: &Invoice) -> f32 {
        match self {
            Self::Goods => goods::height(invoice),
            Self::Rail => ticket::RAIL_HEIGHT,
            Self::Air => ticket::AIR_HEIGHT,
            Self::TaxControl => plain::height(invoice),
        }
    }
}

/// What stands at the head: 电子发票（普通发票） for the 数电 kind 数电票（普通发票）, the kind's own name for others.
fn title(text: &Text, kind: &Kind) -> String {
    let name = text.kind(kind);
    match name.strip_prefix("数电票（") {
        Some(rest) => format!("电子发票（{rest}"),
        None => name.to_owned(),
    }
}

/// The day as the form writes it: 2026年01月31日.
fn day(words: &Words, day: Date) -> String {
    let (year, month, day) = (day.year().to_string(), format!("{:02}", day.month()), format!("{:02}", day.day()));
    fill(&words.day, &[("year", &year), ("month", &month), ("day", &day)])
}
