//! Sheets of their own form: 铁路电子客票 and 航空运输电子客票行程单. They name one party, the buyer, and no goods.

use super::layout::{Line, Piece, Sheet};
use crate::field::Field;
use crate::refused::Refused;
use crate::statement::Statement;

/// Headings of an air ticket's amounts.
const AMOUNTS: [(&str, Option<Field>); 7] = [
    ("票价", None),
    ("燃油附加费", None),
    ("增值税税率", None),
    ("增值税税额", Some(Field::Tax)),
    ("民航发展基金", None),
    ("其他税费", None),
    ("合计", Some(Field::Gross)),
];

/// The amounts of an air ticket stand under their headings, each behind its currency. 合计 holds fare, fuel, tax and fund.
///
/// # Errors
/// As [`Statement::state`].
pub(super) fn air(sheet: &Sheet, statement: &mut Statement<'static>) -> Result<(), Refused> {
    let headed = |line: &Line| {
        let heading = |(label, field): (&str, Option<Field>)| {
            let behind = line.behind(label, 0)?;
            let piece = Piece(line.glyphs.get(behind - label.chars().count()..behind)?);
            Some(((piece.left() + piece.right()) / 2.0, field))
        };
        AMOUNTS.into_iter().map(heading).collect::<Option<Vec<_>>>()
    };
    let Some((at, headings)) = sheet.lines.iter().enumerate().find_map(|(at, line)| Some((at, headed(line)?))) else { return Ok(()) };
    let Some(values) = sheet.lines.get(at + 1) else { return Ok(()) };
    for cell in values.cells() {
        let amount: String = cell.dense().chars().skip_while(|c| !c.is_ascii_digit() && *c != '-').collect();
        // Right of its heading, left of the next.
        let heading = headings.iter().rev().find(|(middle, _)| *middle < cell.right());
        if let Some((_, Some(field))) = heading.filter(|_| amount.contains('.')) {
            statement.state(*field, amount)?;
        }
    }
    Ok(())
}

/// The fare of a railway ticket, tax included: `票价：￥56.00`.
///
/// # Errors
/// As [`Statement::state`].
pub(super) fn railway(sheet: &Sheet, statement: &mut Statement<'static>) -> Result<(), Refused> {
    let fare = |line: &Line| {
        let behind = line.behind("票价", 0).filter(|behind| line.is_colon(*behind))?;
        let text = Piece(line.glyphs.get(behind + 1..)?).dense();
        let text = text.strip_prefix(['¥', '￥'])?;
        Some(text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect::<String>())
    };
    match sheet.lines.iter().find_map(fare) {
        Some(fare) => statement.state(Field::Gross, fare),
        None => Ok(()),
    }
}
