//! The sheet of an invoice without an original: what the ledger knows, in the order of the printed form, with further pages
//! for many lines. It says at its foot that it is no original.

use std::sync::Arc;

use piaoxia_domain::amount_words::in_words;
use piaoxia_domain::{Invoice, InvoiceLine, Party};
use piaoxia_preview::font::FontFile;
use piaoxia_preview::kurbo::{Affine, BezPath};
use piaoxia_preview::scene::{Cap, Colour, Glyph, Join, Mark, Pen, Scene, TextRun};

const WIDTH: f64 = 210.0;
const HEIGHT: f64 = 140.0;
const LEFT: f64 = 5.0;
const RIGHT: f64 = 205.0;
/// Size of a text, mm.
const SIZE: f64 = 3.2;
/// Distance of two rows, mm.
const PITCH: f64 = 4.4;
/// Where the table's first row stands, mm: on the first page, and on later ones.
const FIRST_ROW: f64 = 59.0;
const LATER_FIRST_ROW: f64 = 38.2;
/// Where its last row may stand when totals follow, and when a further page does.
const LAST_ROW: f64 = 93.0;
const LATER_LAST_ROW: f64 = 126.0;

/// Columns of the table: heading, left edge, width, whether numbers.
const COLUMNS: [(&str, f64, f64, bool); 8] = [
    ("项目名称", 6.0, 58.0, false),
    ("规格型号", 65.0, 25.0, false),
    ("单位", 91.0, 11.0, false),
    ("数量", 103.0, 21.0, true),
    ("单价", 125.0, 22.0, true),
    ("金额", 148.0, 23.0, true),
    ("税率", 172.0, 11.0, true),
    ("税额", 184.0, 20.5, true),
];

/// A row of the table, a text a column.
type Row = [String; 8];

/// The pages of an invoice. `note` stands at the foot of each.
pub(super) fn scenes(invoice: &Invoice, note: &str) -> Vec<Scene> {
    let Some(font) = FontFile::compiled_in() else { return Vec::new() };
    let rows: Vec<Row> = invoice.lines.iter().flat_map(|line| rows(line, &font)).collect();
    let parts = paginate(rows);
    let count = parts.len();
    parts.into_iter().enumerate().map(|(at, part)| page(invoice, &font, part, (at, count), note)).collect()
}

/// Cuts the rows into pages; the totals need room on the last.
fn paginate(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let room = |first: f64, last: f64| ((last - first) / PITCH) as usize + 1;
    let mut parts = Vec::new();
    let mut rest = rows.into_iter().peekable();
    let mut first = FIRST_ROW;
    loop {
        let left = rest.len();
        if left <= room(first, LAST_ROW) {
            parts.push(rest.collect());
            return parts;
        }
        parts.push(rest.by_ref().take(room(first, LATER_LAST_ROW).min(left)).collect());
        first = LATER_FIRST_ROW;
    }
}

/// A goods line in as many rows as its name needs.
fn rows(line: &InvoiceLine, font: &FontFile) -> Vec<Row> {
    let [(_, _, name_width, _), (_, _, spec_width, _), ..] = COLUMNS;
    let (names, specs) = (wrap(&line.name, name_width / SIZE, font), wrap(&line.spec, spec_width / SIZE, font));
    let amount = |number: Option<rust_decimal::Decimal>| number.map(|number| number.normalize().to_string()).unwrap_or_default();
    let of = |texts: &[String], at: usize| texts.get(at).cloned().unwrap_or_default();
    let row = |at: usize| {
        let mut row =
            [of(&names, at), of(&specs, at), String::new(), String::new(), String::new(), String::new(), String::new(), String::new()];
        if at == 0 {
            let values = [
                line.unit.clone(),
                amount(line.quantity),
                amount(line.price),
                line.net.to_string(),
                line.rate.clone(),
                line.tax.to_string(),
            ];
            row.iter_mut().skip(2).zip(values).for_each(|(cell, value)| *cell = value);
        }
        row
    };
    (0..names.len().max(specs.len()).max(1)).map(row).collect()
}

/// Cuts a text into lines of at most so many em.
fn wrap(text: &str, width: f64, font: &FontFile) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0.0);
    for character in text.chars().map(|character| if character.is_control() { ' ' } else { character }) {
        let wide = font.advance(font.glyph(character));
        if used + wide > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        used += wide;
        line.push(character);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn page(invoice: &Invoice, font: &Arc<FontFile>, rows: Vec<Row>, (at, count): (usize, usize), note: &str) -> Scene {
    let mut form = Form { font, scene: Scene { width: WIDTH, height: HEIGHT, marks: Vec::new() } };
    form.head(invoice);
    if count > 1 {
        form.text(&format!("共 {count} 页  第 {} 页", at + 1), RIGHT, 27.0, Align::Right, 60.0);
    }
    let mut y = if at == 0 { FIRST_ROW } else { LATER_FIRST_ROW };
    if at == 0 {
        form.parties(invoice);
    }
    let top = if at == 0 { 51.0 } else { 29.5 };
    form.headings(y - 4.2);
    for row in &rows {
        form.row(row, y);
        y += PITCH;
    }
    let last = at + 1 == count;
    if last {
        form.foot(invoice);
    }
    form.frame(top, if last { 130.0 } else { 133.0 });
    form.sized(note, WIDTH / 2.0, 136.5, Align::Middle, 190.0, 2.6);
    form.scene
}

/// Which point of a text stands at its x.
#[derive(Clone, Copy)]
enum Align {
    Left,
    Middle,
    Right,
}

/// A page under construction.
struct Form<'a> {
    font: &'a Arc<FontFile>,
    scene: Scene,
}

impl Form<'_> {
    fn head(&mut self, invoice: &Invoice) {
        self.sized(invoice.kind.name(), WIDTH / 2.0, 14.0, Align::Middle, 100.0, 6.0);
        if let Some(code) = invoice.key.code() {
            self.text(&format!("发票代码：{code}"), 150.0, 9.0, Align::Left, 55.0);
        }
        self.text(&format!("发票号码：{}", invoice.key.number()), 150.0, 14.0, Align::Left, 55.0);
        self.text(&format!("开票日期：{}", invoice.issued_on().strftime("%Y年%m月%d日")), 150.0, 19.0, Align::Left, 55.0);
        if !invoice.check_code.is_empty() {
            self.text(&format!("校验码：{}", invoice.check_code), LEFT, 19.0, Align::Left, 60.0);
        }
        self.text(&format!("发票状态：{}", invoice.status.word()), LEFT, 14.0, Align::Left, 60.0);
        if let Some(blue) = &invoice.red_of {
            self.text(&format!("被红冲蓝字发票号码：{blue}"), LEFT, 24.0, Align::Left, 110.0);
        }
    }

    fn parties(&mut self, invoice: &Invoice) {
        self.party("购买方", &invoice.buyer, 6.0);
        self.party("销售方", &invoice.seller, 106.0);
        self.line((105.0, 29.5), (105.0, 51.0));
    }

    fn party(&mut self, role: &str, party: &Party, x: f64) {
        let texts = [
            format!("{role}名称：{}", party.name),
            format!("纳税人识别号：{}", party.tax_no),
            format!("地址、电话：{}", party.contact),
            format!("开户行及账号：{}", party.bank),
        ];
        for (text, y) in texts.iter().zip([34.0, 38.8, 43.6, 48.4]) {
            self.text(text, x, y, Align::Left, 98.0);
        }
    }

    fn headings(&mut self, y: f64) {
        for (heading, x, width, is_number) in COLUMNS {
            let (x, align) = if is_number { (x + width, Align::Right) } else { (x, Align::Left) };
            self.text(heading, x, y, align, width);
        }
    }

    fn row(&mut self, row: &Row, y: f64) {
        for (text, (_, x, width, is_number)) in row.iter().zip(COLUMNS) {
            let (x, align) = if is_number { (x + width, Align::Right) } else { (x, Align::Left) };
            self.text(text, x, y, align, width);
        }
    }

    /// Sums, remark and drawer.
    fn foot(&mut self, invoice: &Invoice) {
        self.line((LEFT, 96.0), (RIGHT, 96.0));
        self.text("合计", 6.0, 100.5, Align::Left, 50.0);
        self.text(&format!("¥{}", invoice.net), 171.0, 100.5, Align::Right, 40.0);
        self.text(&format!("¥{}", invoice.tax), 204.5, 100.5, Align::Right, 30.0);
        self.line((LEFT, 102.5), (RIGHT, 102.5));
        self.text(&format!("价税合计（大写）：{}", in_words(invoice.gross)), 6.0, 107.5, Align::Left, 130.0);
        self.text(&format!("（小写）¥{}", invoice.gross), 204.5, 107.5, Align::Right, 60.0);
        self.line((LEFT, 110.0), (RIGHT, 110.0));
        let font = Arc::clone(self.font);
        for (text, y) in wrap(&format!("备注：{}", invoice.remark), 196.0 / SIZE, &font).iter().zip([114.5, 118.7, 122.9, 127.1]) {
            self.text(text, 6.0, y, Align::Left, 198.0);
        }
        if !invoice.drawer.is_empty() {
            self.text(&format!("开票人：{}", invoice.drawer), 6.0, 134.0, Align::Left, 60.0);
        }
    }

    fn frame(&mut self, headings: f64, bottom: f64) {
        for y in [29.5, headings, bottom] {
            self.line((LEFT, y), (RIGHT, y));
        }
        for x in [LEFT, RIGHT] {
            self.line((x, 29.5), (x, bottom));
        }
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.scene.marks.push(line(from, to, Vec::new()));
    }

    fn text(&mut self, text: &str, x: f64, y: f64, align: Align, fit: f64) {
        self.sized(text, x, y, align, fit, SIZE);
    }

    fn sized(&mut self, text: &str, x: f64, y: f64, align: Align, fit: f64, size: f64) {
        self.scene.marks.extend(line_of_text(self.font, text, (x, y), align, fit, size));
    }
}

/// A line of a quarter mm.
pub(super) fn line(from: (f64, f64), to: (f64, f64), dashes: Vec<f64>) -> Mark {
    let mut path = BezPath::new();
    path.move_to(from);
    path.line_to(to);
    let pen = Pen { width: 0.2, join: Join::Miter, cap: Cap::Butt, miter: 10.0, dashes, dash_offset: 0.0 };
    Mark::Stroke { path, transform: Affine::IDENTITY, pen, colour: Colour([110, 110, 110, 255]) }
}

/// A text in the middle of a sheet, no wider than `fit` mm.
pub(super) fn centred(text: &str, at: (f64, f64), fit: f64) -> Option<Mark> {
    line_of_text(&FontFile::compiled_in()?, text, at, Align::Middle, fit, SIZE)
}

/// Characters on a line, made smaller until they fit.
fn line_of_text(font: &Arc<FontFile>, text: &str, (x, y): (f64, f64), align: Align, fit: f64, size: f64) -> Option<Mark> {
    let text: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let wide = font.width(&text);
    if wide <= 0.0 {
        return None;
    }
    let size = size.min(fit / wide);
    let mut x = match align {
        Align::Left => x,
        Align::Middle => x - wide * size / 2.0,
        Align::Right => x - wide * size,
    };
    let glyph = |character: char| {
        let id = font.glyph(character);
        let transform = Affine::new([size, 0.0, 0.0, -size, x, y]);
        x += font.advance(id) * size;
        Glyph { character, id, transform }
    };
    let glyphs = text.chars().map(glyph).collect();
    Some(Mark::Text(TextRun { font: Arc::clone(font), glyphs, colour: Colour::BLACK, embolden: 0.0 }))
}
