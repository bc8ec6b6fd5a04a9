//! The page of an original as texts, lines and marks in mm from its upper left corner. OFD and PDF are written from the
//! same description, so that they show the same.

pub(super) mod digital;
mod list;
mod table;
pub(super) mod tax_control;

/// Text size of labels and values.
const SIZE: f64 = 3.175;
/// Says on every page what it is; stands at the foot, outside the frame.
const MARK: &str = "票匣沙箱测试文件，不是真实发票";

/// All pages of an original.
pub(super) struct Sheet {
    /// Printed forms (模板), each used by one or more pages.
    pub(super) forms: Vec<Form>,
    /// Pages in order.
    pub(super) pages: Vec<Page>,
    /// Where the seal stands.
    pub(super) stamps: Vec<Stamp>,
}

/// A printed form.
pub(super) struct Form {
    /// Page width, mm.
    pub(super) width: f64,
    /// Page height, mm.
    pub(super) height: f64,
    /// What is printed on it.
    pub(super) items: Vec<Item>,
}

/// A page: a form, filled in.
pub(super) struct Page {
    /// Index of its form.
    pub(super) form: usize,
    /// What is filled in.
    pub(super) items: Vec<Item>,
}

/// A place for the seal.
pub(super) struct Stamp {
    /// Index of the page.
    pub(super) page: usize,
    /// Left edge, mm.
    pub(super) x: f64,
    /// Upper edge, mm.
    pub(super) y: f64,
}

/// Something on a page.
pub(super) enum Item {
    /// Characters on a line.
    Text(Text),
    /// A ruled line.
    Line(Line),
    /// ⊗ in front of the amount in words: a circle with a cross, centre and radius in mm.
    Cross { x: f64, y: f64, radius: f64 },
    /// The QR code with its quiet zone, upper left corner and side in mm.
    Qr { x: f64, y: f64, side: f64 },
}

/// A ruled line.
pub(super) struct Line {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
}

/// Characters on a line.
pub(super) struct Text {
    pub(super) text: String,
    /// Where the anchor stands, mm.
    pub(super) x: f64,
    /// Baseline, mm.
    pub(super) y: f64,
    /// Size of a em, mm.
    pub(super) size: f64,
    pub(super) face: Face,
    pub(super) ink: Ink,
    pub(super) anchor: Anchor,
    /// The text is made smaller until it is no wider than this, mm; infinite where nothing is in its way.
    pub(super) fit: f64,
    /// A ¥ stands in front; OFD readers expect it in a text of its own.
    pub(super) yuan: bool,
    /// Which fact of the invoice it states.
    pub(super) field: Option<Field>,
}

/// Typefaces of the real forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// 宋体, for values.
    Song,
    /// 楷体, for labels.
    Kai,
    /// Courier New, for tax numbers.
    Courier,
}

/// Colours of the real forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Values.
    Black,
    /// Labels and lines.
    Brown,
    /// The mark of the sandbox.
    Grey,
}

impl Ink {
    /// Red, green, blue.
    pub(super) fn rgb(self) -> [u8; 3] {
        match self {
            Self::Black => [0, 0, 0],
            Self::Brown => [128, 0, 0],
            Self::Grey => [150, 150, 150],
        }
    }
}

/// Which point of a text stands at its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A fact of the invoice that a text states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Code,
    Number,
    IssuedOn,
    CheckCode,
    MachineNo,
    BuyerName,
    BuyerTaxNo,
    BuyerContact,
    BuyerBank,
    SellerName,
    SellerTaxNo,
    SellerContact,
    SellerBank,
    Net,
    Tax,
    Gross,
    Drawer,
    Payee,
    Checker,
    Remark,
    /// A cell of the goods line with this index.
    Cell(usize, Part),
}

/// Columns of a goods line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Index,
    Name,
    Spec,
    Unit,
    Quantity,
    Price,
    Net,
    Rate,
    Tax,
}

impl Text {
    /// A value in 宋体, black, starting at x.
    fn value(text: impl Into<String>, x: f64, y: f64) -> Self {
        Self {
            text: one_line(&text.into()),
            x,
            y,
            size: SIZE,
            face: Face::Song,
            ink: Ink::Black,
            anchor: Anchor::Left,
            fit: f64::INFINITY,
            yuan: false,
            field: None,
        }
    }

    /// A label in 楷体, brown, starting at x.
    fn label(text: &str, x: f64, y: f64) -> Self {
        Self { face: Face::Kai, ink: Ink::Brown, ..Self::value(text, x, y) }
    }

    fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    fn size(self, size: f64) -> Self {
        Self { size, ..self }
    }

    fn face(self, face: Face) -> Self {
        Self { face, ..self }
    }

    fn fit(self, fit: f64) -> Self {
        Self { fit, ..self }
    }

    fn yuan(self) -> Self {
        Self { yuan: true, ..self }
    }

    fn field(self, field: Field) -> Self {
        Self { field: Some(field), ..self }
    }
}

/// A line from left to right.
fn across(x: f64, y: f64, length: f64) -> Item {
    Item::Line(Line { from: (x, y), to: (x + length, y) })
}

/// A line downwards.
fn down(x: f64, y: f64, length: f64) -> Item {
    Item::Line(Line { from: (x, y), to: (x, y + length) })
}

/// A label with one character under the other.
fn upright(text: &str, x: f64, y: f64, pitch: f64) -> impl Iterator<Item = Item> {
    text.chars().enumerate().map(move |(at, character)| {
        Item::Text(Text::label(character.encode_utf8(&mut [0; 4]), x, y + pitch * at as f64).anchor(Anchor::Middle))
    })
}

/// The sandbox's mark in the middle of the foot.
fn mark(y: f64) -> Item {
    Item::Text(Text { ink: Ink::Grey, ..Text::label(MARK, 105.0, y).size(2.6).anchor(Anchor::Middle) })
}

/// Width in em of a character in 宋体: half for ASCII and ¥, else one. Courier is 0.6 throughout.
pub(super) fn em(character: char) -> f64 {
    if character.is_ascii() || ('\u{A0}'..='\u{FF}').contains(&character) { 0.5 } else { 1.0 }
}

/// Blanks instead of line feeds and other control characters.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Cuts a text into lines no wider than `width` em, at line feeds and where a line is full. ASCII counts 0.56 em, since
/// digits of the PDF's font are wider than those of 宋体. An empty text has no lines.
fn wrap(text: &str, width: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut used = 0.0;
        for character in one_line(paragraph).chars() {
            let wide = if character.is_ascii() { 0.56 } else { em(character) };
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
    }
    lines
}

/// 备注 in its box: at full size up to five lines, then smaller. Beyond what nine small lines hold it ends with ….
fn remark(text: &str, x: f64, y: f64, width: f64) -> Vec<Item> {
    let large = wrap(text, width / SIZE);
    let (mut lines, size, pitch, most) = if large.len() <= 5 { (large, SIZE, 3.5, 5) } else { (wrap(text, width / 1.9), 1.9, 2.05, 9) };
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.pop();
            last.push('…');
        }
    }
    let line =
        |(at, line): (usize, String)| Item::Text(Text::value(line, x, y + pitch * at as f64).size(size).fit(width).field(Field::Remark));
    lines.into_iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_they_are_full() {
        assert_eq!(wrap("一二三四五", 2.0), ["一二", "三四", "五"]);
        assert_eq!(wrap("ab一\n二\t三", 2.6), ["ab一", "二 三"]);
        assert_eq!(wrap("", 5.0), Vec::<String>::new());
        assert_eq!(wrap("宽", 0.1), ["宽"]);
    }

    #[test]
    fn a_long_remark_stays_in_its_box() {
        let items = remark(&"备".repeat(2000), 10.0, 107.3, 190.0);
        assert_eq!(items.len(), 9);
        for item in &items {
            assert!(matches!(item, Item::Text(text) if text.y < 124.0));
        }
        assert_eq!(remark("短", 10.0, 107.3, 190.0).len(), 1);
    }
}
