//! Goods lines out of the table. Its cells are told by where they stand under the headings; whether that went well is told by
//! the sums.

use std::str::FromStr;

use piaoxia_domain::Money;

use super::layout::{Line, Piece, Sheet};
use crate::document::Warning;
use crate::field::Field;
use crate::lines::{LineSlot, LineTexts, Lines};
use crate::refused::Refused;
use crate::statement::Statement;
use crate::values;

/// Headings of the columns. On toll invoices four columns hold plate, vehicle and dates, which are no goods.
const HEADINGS: [(&str, Option<LineSlot>); 17] = [
    ("项目名称", Some(LineSlot::Name)),
    ("货物或应税劳务、服务名称", Some(LineSlot::Name)),
    ("货物（劳务）名称", Some(LineSlot::Name)),
    ("规格型号", Some(LineSlot::Spec)),
    ("单位", Some(LineSlot::Unit)),
    ("数量", Some(LineSlot::Quantity)),
    ("单价", Some(LineSlot::Price)),
    ("金额", Some(LineSlot::Net)),
    ("税率/征收率", Some(LineSlot::Rate)),
    ("税率", Some(LineSlot::Rate)),
    ("征收率", Some(LineSlot::Rate)),
    ("税额", Some(LineSlot::Tax)),
    ("序号", None),
    ("车牌号", None),
    ("类型", None),
    ("通行日期起", None),
    ("通行日期止", None),
];
/// What stands where a line has no tax.
const NO_TAX: [&str; 4] = ["***", "免税", "不征税", "--"];
/// Lines that end the table on a page.
const ENDS: [&str; 6] = ["合计", "小计", "总计", "价税合计", "出行人", "备注"];

struct Column {
    slot: Option<LineSlot>,
    left: f64,
    right: f64,
}

/// A goods line as it is printed.
#[derive(Default)]
struct Row {
    cells: Vec<Cell>,
}

struct Cell {
    slot: LineSlot,
    left: f64,
    text: String,
}

/// Reads the goods lines of all pages into the statement. They are left out, and that is told, unless they add up to the totals.
///
/// # Errors
/// As [`LineTexts::set`] and [`Lines::add`].
pub(super) fn lines(sheets: &[Sheet], statement: &mut Statement<'static>) -> Result<(), Refused> {
    let tables: Vec<Option<Vec<Row>>> = sheets.iter().map(table).collect();
    if tables.iter().all(Option::is_none) {
        return Ok(());
    }
    let rows: Vec<Row> = tables.into_iter().flatten().flatten().collect();
    // The one row in place of a list is no goods line where the list follows.
    let listed = rows.iter().any(|row| row.is_summary()) && rows.len() > 1;
    let rows: Vec<Row> = rows.into_iter().filter(|row| !(listed && row.is_summary())).collect();
    let read = read(&rows)?;
    match read {
        Some(lines) if adds_up(&lines, statement) => statement.lines = lines,
        _ if rows.is_empty() => {}
        _ => statement.warnings.push(Warning::LinesLeftOut),
    }
    Ok(())
}

fn read(rows: &[Row]) -> Result<Option<Lines>, Refused> {
    let mut lines = Lines::default();
    for row in rows {
        let mut texts = LineTexts::default();
        for Cell { slot, text, .. } in &row.cells {
            let blank = matches!(slot, LineSlot::Tax) && NO_TAX.contains(&text.as_str());
            let text = if blank { "0.00".to_owned() } else { text.clone() };
            let amount = matches!(slot, LineSlot::Net | LineSlot::Tax);
            if amount && values::decimal(&text).is_none() {
                return Ok(None);
            }
            texts.set(*slot, text)?;
        }
        if texts.get(LineSlot::Net).is_none() {
            return Ok(None);
        }
        lines.add(&texts)?;
    }
    Ok(Some(lines))
}

fn adds_up(lines: &Lines, statement: &Statement<'_>) -> bool {
    let near = |field: Field, sum: Money| match statement.get(field).map(|text| Money::from_str(&text.replace(',', ""))) {
        Some(Ok(total)) => Some((total - sum).abs() <= Money::from_fen(1)),
        _ => None,
    };
    let net = near(Field::Net, lines.all.iter().map(|line| line.net).sum());
    let tax = near(Field::Tax, lines.all.iter().map(|line| line.tax).sum());
    !lines.all.is_empty() && net == Some(true) && tax != Some(false)
}

/// The rows of a page's table; none where the page has no such table.
fn table(sheet: &Sheet) -> Option<Vec<Row>> {
    let (at, columns) = sheet.lines.iter().enumerate().find_map(|(at, line)| Some((at, columns(line)?)))?;
    let mut rows: Vec<Row> = Vec::new();
    for line in sheet.lines.get(at + 1..)? {
        if ENDS.iter().any(|end| line.behind(end, 0) == Some(end.chars().count())) {
            break;
        }
        let next = row(line, &columns);
        match rows.last_mut() {
            _ if next.has(LineSlot::Net) => rows.push(next),
            Some(last) => last.go_on(line),
            None => {}
        }
    }
    Some(rows)
}

fn columns(line: &Line) -> Option<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for (heading, slot) in HEADINGS {
        let length = heading.chars().count();
        let Some(behind) = line.behind(heading, 0) else { continue };
        let piece = Piece(line.glyphs.get(behind - length..behind)?);
        let (left, right) = (piece.left(), piece.right());
        // 税率 is a part of 税率/征收率.
        if !columns.iter().any(|column| left < column.right && right > column.left) {
            columns.push(Column { slot, left, right });
        }
    }
    let has = |wanted| columns.iter().any(|column| column.slot == Some(wanted));
    (has(LineSlot::Name) && has(LineSlot::Net) && has(LineSlot::Tax)).then_some(columns)
}

/// Each cell goes to the column whose heading it stands under: flush left, flush right or in the middle.
fn row(line: &Line, columns: &[Column]) -> Row {
    let mut row = Row::default();
    for cell in line.cells() {
        let distance = |column: &Column| {
            let (left, right) = (cell.left() - column.left, cell.right() - column.right);
            left.abs().min(right.abs()).min(((left + right) / 2.0).abs())
        };
        let nearest = columns.iter().min_by(|one, other| distance(one).total_cmp(&distance(other)));
        if let Some(slot) = nearest.and_then(|column| column.slot) {
            row.add(slot, cell);
        }
    }
    row
}

impl Row {
    fn has(&self, slot: LineSlot) -> bool {
        self.cells.iter().any(|cell| cell.slot == slot)
    }

    fn add(&mut self, slot: LineSlot, piece: Piece<'_>) {
        let text = match slot {
            LineSlot::Name | LineSlot::Spec | LineSlot::Unit => piece.text(),
            _ => piece.dense(),
        };
        match self.cells.iter_mut().find(|cell| cell.slot == slot) {
            Some(cell) => cell.text.push_str(&text),
            None => self.cells.push(Cell { slot, left: piece.left(), text }),
        }
    }

    /// Names and models that are too long go on below, flush with their first line.
    fn go_on(&mut self, line: &Line) {
        for piece in line.cells() {
            let size = piece.0.first().map_or(0.0, |glyph| glyph.size);
            let above = self
                .cells
                .iter_mut()
                .find(|cell| matches!(cell.slot, LineSlot::Name | LineSlot::Spec) && (cell.left - piece.left()).abs() < size);
            if let Some(cell) = above {
                cell.text.push_str(&piece.text());
            }
        }
    }

    /// `(详见销货清单)`: the goods are on pages of their own.
    fn is_summary(&self) -> bool {
        self.cells.iter().any(|cell| cell.slot == LineSlot::Name && cell.text.contains("详见") && cell.text.contains("清单"))
    }
}
