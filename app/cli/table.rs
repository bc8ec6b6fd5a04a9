//! Columns on a terminal, where a Chinese character is two cells wide.

/// How a column is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    /// Left-aligned, this many cells; longer texts end in `…`.
    Left(usize),
    /// Right-aligned; longer texts push the rest aside, because a shortened amount is a wrong one.
    Right(usize),
}

/// One line. The last column is not padded.
pub(super) fn line(columns: &[Column], cells: &[&str]) -> String {
    let mut out = String::new();
    for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
        if index > 0 {
            out.push_str("  ");
        }
        match *column {
            Column::Left(cells) => {
                let cell = shortened(cell, cells);
                out.push_str(&cell);
                if index + 1 < columns.len() {
                    pad(&mut out, cells.saturating_sub(width(&cell)));
                }
            }
            Column::Right(cells) => {
                pad(&mut out, cells.saturating_sub(width(cell)));
                out.push_str(cell);
            }
        }
    }
    out
}

/// Cells that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(cells).sum()
}

fn pad(out: &mut String, cells: usize) {
    out.extend(std::iter::repeat_n(' ', cells));
}

fn shortened(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut taken = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            taken += cells(*c);
            taken <= room
        })
        .collect();
    format!("{kept}…")
}

/// Unicode Standard Annex 11, classes W and F, in blocks; controls take no cell and are not printed by anybody here.
fn cells(c: char) -> usize {
    match c {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_two_cells_and_long_names_are_shortened() {
        let columns = [Column::Left(10), Column::Right(9), Column::Left(4)];
        assert_eq!(line(&columns, &["票匣", "1.00", "正常"]), "票匣             1.00  正常");
        assert_eq!(line(&columns, &["一二三四五六", "-1,234.50", ""]), "一二三四…   -1,234.50  ");
        assert_eq!(width(&line(&columns, &["一二三四五六", "-1,234.50", "x"])), 10 + 2 + 9 + 2 + 1);
        assert_eq!(line(&[Column::Right(3)], &["123456"]), "123456");
    }
}
