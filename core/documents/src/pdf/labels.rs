//! The facts of an invoice by the labels printed before them (数电 and older forms, both 210 × 140 mm).

use piaoxia_domain::Kind;
use piaoxia_domain::tax_number::half_width;

use super::content::Glyph;
use super::goods;
use super::layout::{Line, Piece, Sheet};
use super::tickets;
use crate::document::{Source, Warning};
use crate::field::Field;
use crate::refused::Refused;
use crate::statement::Statement;
use crate::values;

/// A value stands at most this many sizes behind its label.
const REACH: f64 = 14.0;
/// Words of one value stand at most this many sizes apart.
const WORDS: f64 = 1.6;
/// Labels that end the value before them.
const NEXT: [&str; 21] = [
    "名称",
    "统一社会信用代码/纳税人识别号",
    "统一社会信用代码",
    "纳税人识别号",
    "地址、电话",
    "开户行及账号",
    "发票代码",
    "发票号码",
    "开票日期",
    "校验码",
    "机器编号",
    "收款人",
    "复核",
    "复核人",
    "开票人",
    "销售方",
    "购买方名称",
    "销售方名称",
    "填开单位",
    "填开日期",
    "提示信息",
];

/// Labels of a party's number; the longest first, since the others are parts of it.
const TAX_NUMBER: [&str; 3] = ["统一社会信用代码/纳税人识别号", "纳税人识别号", "统一社会信用代码"];

/// What the text layer states. None when no page has the number of an invoice.
///
/// # Errors
/// As [`Statement::state`].
pub(super) fn statement(sheets: &[Sheet]) -> Result<Option<Statement<'static>>, Refused> {
    let Some(first) = sheets.first() else { return Ok(None) };
    let mut statement = Statement::new(Source::TextLayer);
    let digits = |text: String| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let sheets = own_sheets(sheets, &mut statement);
    for (label, field) in [("发票号码", Field::Number), ("发票代码", Field::Code)] {
        statement.state(field, number(&value(first, label).unwrap_or_default()))?;
    }
    if statement.get(Field::Number).is_none() {
        return Ok(None);
    }
    if let Some(day) = value(first, "开票日期").or_else(|| value(first, "填开日期")) {
        statement.state(Field::IssuedOn, day.replace(' ', ""))?;
    }
    statement.state(Field::CheckCode, digits(value(first, "校验码").unwrap_or_default().replace(' ', "")))?;
    statement.state(Field::Drawer, value(first, "开票人").unwrap_or_default())?;
    kind(first, &mut statement)?;
    parties(first, &mut statement)?;
    paper(first, &mut statement)?;
    totals(sheets, &mut statement)?;
    tickets::air(first, &mut statement)?;
    tickets::railway(first, &mut statement)?;
    statement.state(Field::Remark, remark(first))?;
    goods::lines(sheets, &mut statement)?;
    Ok(Some(statement))
}

/// The sheets up to the next invoice: users put the invoices of a month into one file. The others are told.
fn own_sheets<'s>(sheets: &'s [Sheet], statement: &mut Statement<'static>) -> &'s [Sheet] {
    let number = |sheet: &Sheet| Some(number(&value(sheet, "发票号码")?)).filter(|text| matches!(text.len(), 8 | 20));
    let mut numbers: Vec<(usize, String)> = sheets.iter().enumerate().filter_map(|(nth, sheet)| Some((nth, number(sheet)?))).collect();
    let mut known: Vec<String> = numbers.first().map(|(_, first)| first.clone()).into_iter().collect();
    numbers.retain(|(_, number)| {
        let new = !known.contains(number);
        if new && known.len() <= sheets.len() {
            known.push(number.clone());
        }
        new
    });
    let Some((end, next)) = numbers.first() else { return sheets };
    statement.warnings.push(Warning::OtherInvoices { next: next.clone(), count: numbers.len() });
    sheets.get(..*end).unwrap_or(sheets)
}

/// The number that a text begins with, in half width. Its digits may stand in groups, as long as they come to the length of one.
fn number(text: &str) -> String {
    let digits = |text: &mut dyn Iterator<Item = char>| text.map(half_width).take_while(char::is_ascii_digit).collect::<String>();
    let grouped = digits(&mut text.chars().filter(|c| !c.is_whitespace()));
    if matches!(grouped.len(), 8 | 10 | 12 | 20) { grouped } else { digits(&mut text.chars()) }
}

/// The kind that the title names. Where 发票代码 stands it tells more: a toll invoice is titled like an ordinary one.
fn kind(sheet: &Sheet, statement: &mut Statement<'static>) -> Result<(), Refused> {
    if statement.get(Field::Code).is_some() {
        return Ok(());
    }
    let titled = |line: &Line| {
        let text = Piece(&line.glyphs).dense();
        let start = text.find("电子发票").or_else(|| text.find("数电纸质发票")).or_else(|| text.find("全电发票"))?;
        let title = text.get(start..)?;
        let end =
            title.find(['）', ')']).map(|end| end + title.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8))?;
        Kind::from_name(title.get(..end)?)
    };
    match sheet.lines.iter().find_map(titled) {
        Some(kind) => statement.state(Field::Kind, kind.code().to_owned()),
        None => Ok(()),
    }
}

/// A party's labels stand under each other at the left of its box: the buyer's box is left of the seller's, or above it.
fn parties(sheet: &Sheet, statement: &mut Statement<'static>) -> Result<(), Refused> {
    let mut names = labelled(sheet, "名称");
    names.truncate(2);
    if let [buyer] = names.as_slice() {
        return ticket_buyer(sheet, buyer, statement);
    }
    let side_by_side = matches!(names.as_slice(), [one, other] if (one.line.y - other.line.y).abs() < 2.0 * one.size());
    if side_by_side {
        names.sort_by(|one, other| one.left().total_cmp(&other.left()));
    }
    let sides = [
        (Field::BuyerName, Field::BuyerTaxNo, Field::BuyerContact, Field::BuyerBank),
        (Field::SellerName, Field::SellerTaxNo, Field::SellerContact, Field::SellerBank),
    ];
    let limits: Vec<f64> = names.iter().map(Label::left).collect();
    for (nth, (name, (name_field, tax_no, contact, bank))) in names.iter().zip(sides).enumerate() {
        let limit = if side_by_side { limits.get(nth + 1).copied() } else { None }.unwrap_or(f64::INFINITY);
        let below = |label: &str| {
            let near = |found: &Label<'_>| {
                let (down, aside) = (found.line.y - name.line.y, (found.left() - name.left()).abs());
                down > 0.0 && down < 8.0 * name.size() && aside < 3.0 * name.size()
            };
            labelled(sheet, label).into_iter().find(near).map(|found| found.value()).unwrap_or_default()
        };
        let number = TAX_NUMBER.into_iter().map(below).find(|number| !number.is_empty());
        let number: String =
            number.unwrap_or_default().chars().map(half_width).take_while(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
        statement.state(name_field, name.wrapped_value(sheet, limit))?;
        statement.state(tax_no, number.replace(' ', ""))?;
        statement.state(contact, below("地址、电话"))?;
        statement.state(bank, below("开户行及账号"))?;
    }
    Ok(())
}

/// A ticket names its buyer, with the number beside or below, and the company that issued it.
fn ticket_buyer(sheet: &Sheet, buyer: &Label<'_>, statement: &mut Statement<'static>) -> Result<(), Refused> {
    let number = TAX_NUMBER.into_iter().find_map(|label| value(sheet, label)).unwrap_or_default();
    let number: String = number.chars().map(half_width).take_while(char::is_ascii_alphanumeric).collect();
    statement.state(Field::BuyerName, buyer.value())?;
    statement.state(Field::BuyerTaxNo, number)?;
    statement.state(Field::SellerName, value(sheet, "填开单位").unwrap_or_default())
}

/// 发票代码 and 发票号码 that a 数电纸质 invoice has beside its 20 digits, where they are not labelled as such.
fn paper(sheet: &Sheet, statement: &mut Statement<'static>) -> Result<(), Refused> {
    let Some((line, at)) = sheet.lines.iter().find_map(|line| Some((line, line.behind("纸质发票代码", 0)?))) else { return Ok(()) };
    let digits = |from: usize| {
        Piece(line.glyphs.get(from..).unwrap_or_default()).dense().chars().take_while(char::is_ascii_digit).collect::<String>()
    };
    let Some(number) = line.behind("号码", at) else { return Ok(()) };
    statement.state(Field::Code, digits(at))?;
    statement.state(Field::PaperNumber, digits(number))
}

/// 合计 and 价税合计, on the page that has their amounts: earlier pages have the empty form.
fn totals(sheets: &[Sheet], statement: &mut Statement<'static>) -> Result<(), Refused> {
    let amount_of = |line: &Line| amounts(line.glyphs.get(line.behind("小写", 0)?..)?).into_iter().next();
    let found = sheets.iter().find_map(|sheet| sheet.lines.iter().find_map(|line| Some((sheet, line, amount_of(line)?))));
    let Some((sheet, line, gross)) = found else { return Ok(()) };
    statement.state(Field::Gross, gross)?;
    let above = sheet.lines.iter().filter(|above| above.y < line.y);
    let sums = above.filter_map(|line| sums_of(sheet, line)).next_back().unwrap_or_default();
    for (sum, field) in sums.into_iter().zip([Field::Net, Field::Tax]) {
        statement.state(field, sum)?;
    }
    Ok(())
}

/// The amounts beside 合计; they may stand a little higher or lower than the word.
fn sums_of(sheet: &Sheet, line: &Line) -> Option<Vec<String>> {
    let behind = line.behind("合计", 0)?;
    let before = behind.checked_sub(3).and_then(|at| line.glyphs.get(at));
    if before.is_some_and(|glyph| glyph.character == '税') {
        return None;
    }
    let size = line.glyphs.first()?.size;
    let near = sheet.lines.iter().filter(|near| (near.y - line.y).abs() < 0.8 * size);
    let mut found: Vec<(f64, String)> = near.flat_map(|near| placed_amounts(&near.glyphs)).collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    Some(found.into_iter().map(|(_, amount)| amount).collect())
}

/// Amounts behind a ¥, in half width; a red invoice's minus stands behind the sign or before it. Where no font has the sign,
/// numbers with two decimals are amounts.
fn amounts(glyphs: &[Glyph]) -> Vec<String> {
    placed_amounts(glyphs).into_iter().map(|(_, amount)| amount).collect()
}

fn placed_amounts(glyphs: &[Glyph]) -> Vec<(f64, String)> {
    let mut found = Vec::new();
    for (at, glyph) in glyphs.iter().enumerate().filter(|(_, glyph)| matches!(glyph.character, '¥' | '￥')) {
        let behind = glyphs.get(at + 1..).unwrap_or_default();
        let is_minus = |glyph: &Glyph| half_width(glyph.character) == '-';
        let minus = at.checked_sub(1).and_then(|at| glyphs.get(at)).is_some_and(is_minus) && !behind.first().is_some_and(is_minus);
        let mut amount = String::from(if minus { "-" } else { "" });
        let mut characters = behind.iter().map(|glyph| half_width(glyph.character)).peekable();
        amount.extend(characters.next_if_eq(&'-'));
        amount.extend(characters.take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',')));
        if amount.contains(|c: char| c.is_ascii_digit()) {
            found.push((glyph.left, amount));
        }
    }
    if found.is_empty() { bare_amounts(glyphs) } else { found }
}

/// Numbers that stand alone and have two decimals.
fn bare_amounts(glyphs: &[Glyph]) -> Vec<(f64, String)> {
    let is_part = |glyph: &Glyph| matches!(half_width(glyph.character), '0'..='9' | '.' | ',' | '-');
    let together = |one: &Glyph, next: &Glyph| is_part(one) == is_part(next) && next.left - one.right < one.size;
    let numbers = glyphs.chunk_by(together).filter_map(|number| {
        let text: String = number.iter().map(|glyph| half_width(glyph.character)).collect();
        let decimals = text.rsplit_once('.').map_or("", |(_, decimals)| decimals);
        let is_amount = decimals.len() == 2 && values::decimal(&text).is_some_and(|amount| amount.is_some());
        is_amount.then(|| (number.first().map_or(0.0, |glyph| glyph.left), text))
    });
    numbers.collect()
}

/// What stands in the box of 备注, its lines joined: they are broken wherever the box is full.
fn remark(sheet: &Sheet) -> String {
    let top = sheet.lines.iter().find(|line| line.behind("价税合计", 0).is_some());
    let foot = sheet.lines.iter().find(|line| line.behind("开票人", 0).is_some());
    let label = sheet.upright.iter().find(|upright| upright.label == "备注");
    let (Some(top), Some(foot), Some(label)) = (top, foot, label) else { return String::new() };
    let inside = |line: &&Line| line.y > top.y + 4.0 && line.y < foot.y - 4.0;
    let lines = sheet.lines.iter().filter(inside).map(|line| {
        let start = line.glyphs.partition_point(|glyph| glyph.left < label.right);
        Piece(line.glyphs.get(start..).unwrap_or_default()).text()
    });
    lines.collect()
}

/// A label on a line.
struct Label<'s> {
    line: &'s Line,
    start: usize,
    /// Behind the label and its colon.
    end: usize,
}

impl Label<'_> {
    fn left(&self) -> f64 {
        self.line.glyphs.get(self.start).map_or(0.0, |glyph| glyph.left)
    }

    fn size(&self) -> f64 {
        self.line.glyphs.get(self.start).map_or(0.0, |glyph| glyph.size)
    }

    /// The characters of the value on this line.
    fn piece(&self) -> Piece<'_> {
        let rest = self.line.glyphs.get(self.end..).unwrap_or_default();
        let mut end = self.line.glyphs.get(self.end.saturating_sub(1)).map_or(0.0, |glyph| glyph.right);
        let mut reach = REACH;
        let mut length = 0;
        for (at, glyph) in rest.iter().enumerate() {
            if glyph.left - end > reach * glyph.size || starts_label(self.line, self.end + at) {
                break;
            }
            (end, reach, length) = (glyph.right, WORDS, at + 1);
        }
        Piece(rest.get(..length).unwrap_or_default())
    }

    fn value(&self) -> String {
        self.piece().text()
    }

    /// The value and its next line, which begins under it and left of `limit`.
    fn wrapped_value(&self, sheet: &Sheet, limit: f64) -> String {
        let piece = self.piece();
        let mut text = piece.text();
        let size = piece.0.first().map_or(0.0, |glyph| glyph.size);
        let next = sheet.lines.iter().find(|line| line.y > self.line.y + 0.5 * size && line.y < self.line.y + 1.6 * size);
        let Some(next) = next.filter(|_| !piece.0.is_empty()) else { return text };
        let start = next.glyphs.partition_point(|glyph| glyph.left < piece.left() - 0.5 * size);
        let end = next.glyphs.partition_point(|glyph| glyph.left < limit - size);
        // A label of its own stands left of it, as wide as this one: the next value, and no wrapped one.
        let before = next.glyphs.get(..start).unwrap_or_default().iter().rev().take_while(|glyph| glyph.left > self.left() - size);
        if before.into_iter().any(|glyph| matches!(glyph.character, '：' | ':')) {
            return text;
        }
        let below = next.glyphs.get(start..end).unwrap_or_default();
        let aligned = below.first().is_some_and(|glyph| (glyph.left - piece.left()).abs() < size);
        if aligned && !below.iter().any(|glyph| matches!(glyph.character, '：' | ':')) {
            text.push_str(&Piece(below).text());
        }
        text
    }
}

/// A label with its colon stands there.
fn starts_label(line: &Line, at: usize) -> bool {
    NEXT.iter().any(|label| {
        let behind = at + label.chars().count();
        line.is_colon(behind) && line.behind(label, at) == Some(behind)
    })
}

/// Every place where a label stands with its colon, from the top and from the left.
fn labelled<'s>(sheet: &'s Sheet, label: &str) -> Vec<Label<'s>> {
    let length = label.chars().count();
    let mut found = Vec::new();
    for line in &sheet.lines {
        let mut from = 0;
        while let Some(behind) = line.behind(label, from) {
            if line.is_colon(behind) {
                found.push(Label { line, start: behind - length, end: behind + 1 });
            }
            from = behind;
        }
    }
    found
}

/// The value behind the first place of a label.
fn value(sheet: &Sheet, label: &str) -> Option<String> {
    labelled(sheet, label).first().map(Label::value).filter(|value| !value.is_empty())
}
