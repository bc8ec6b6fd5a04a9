//! The goods table: cells of a line, and the lines' distribution over pages.

use piaoxia_domain::InvoiceLine;

use super::{Anchor, Field, Item, Part, SIZE, Text, wrap};
use crate::originals::invented::Toll;

/// One column.
pub(super) struct Column {
    pub(super) part: Part,
    /// Where its texts' anchor stands, mm.
    pub(super) x: f64,
    /// What its texts may take, mm.
    pub(super) width: f64,
    pub(super) anchor: Anchor,
}

/// A line of the goods table as rows of texts, each with its y still 0.
pub(super) type Block = Vec<Vec<Text>>;

/// The rows that a goods line takes. 名称 and 规格型号 run over several; the other cells stand in the first.
pub(super) fn block(line: &InvoiceLine, index: usize, columns: &[Column], toll: Option<&Toll>) -> Block {
    let mut rows: Block = vec![Vec::new()];
    for column in columns {
        let text = cell(line, index, column.part, toll);
        let pieces = if matches!(column.part, Part::Name | Part::Spec) { wrap(&text, column.width / SIZE) } else { vec![text] };
        for (at, piece) in pieces.into_iter().enumerate().filter(|(_, piece)| !piece.is_empty()) {
            if rows.len() <= at {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.get_mut(at) {
                let text = Text::value(piece, column.x, 0.0).anchor(column.anchor).fit(column.width);
                row.push(text.field(Field::Cell(index, column.part)));
            }
        }
    }
    rows
}

/// What stands in a cell. On toll invoices 规格型号, 单位, 数量 and 单价 hold plate, vehicle and the two dates.
fn cell(line: &InvoiceLine, index: usize, part: Part, toll: Option<&Toll>) -> String {
    match (part, toll) {
        (Part::Index, _) => (index + 1).to_string(),
        (Part::Name, _) => line.name.clone(),
        (Part::Spec, Some(toll)) => toll.plate.clone(),
        (Part::Unit, Some(toll)) => toll.vehicle.to_owned(),
        (Part::Quantity, Some(toll)) => toll.start.to_string(),
        (Part::Price, Some(toll)) => toll.end.to_string(),
        (Part::Spec, None) => line.spec.clone(),
        (Part::Unit, None) => line.unit.clone(),
        (Part::Quantity, None) => line.quantity.map(|quantity| quantity.normalize().to_string()).unwrap_or_default(),
        (Part::Price, None) => line.price.map(|price| price.normalize().to_string()).unwrap_or_default(),
        (Part::Net, _) => line.net.to_string(),
        (Part::Rate, _) => line.rate.clone(),
        (Part::Tax, _) if matches!(line.rate.as_str(), "免税" | "不征税") => "***".to_owned(),
        (Part::Tax, _) => line.tax.to_string(),
    }
}

/// Deals blocks onto pages of that many rows. A block stays whole unless it is longer than a page. At least one page.
pub(super) fn paginate(blocks: Vec<Block>, capacity: usize) -> Vec<Block> {
    let mut pages: Vec<Block> = Vec::new();
    let mut page: Block = Vec::new();
    for block in blocks {
        if !page.is_empty() && page.len() + block.len() > capacity {
            pages.push(std::mem::take(&mut page));
        }
        for row in block {
            if page.len() == capacity {
                pages.push(std::mem::take(&mut page));
            }
            page.push(row);
        }
    }
    if !page.is_empty() || pages.is_empty() {
        pages.push(page);
    }
    pages
}

/// Puts rows on a page, the first baseline at `y`.
pub(super) fn place(rows: Block, y: f64, pitch: f64) -> impl Iterator<Item = Item> {
    rows.into_iter()
        .enumerate()
        .flat_map(move |(at, row)| row.into_iter().map(move |text| Item::Text(Text { y: y + pitch * at as f64, ..text })))
}

/// Indices of the goods lines that begin on a page.
pub(super) fn lines_on(page: &Block) -> impl Iterator<Item = usize> {
    // Every line states its 金额 once, in its first row.
    page.iter().flatten().filter_map(|text| match text.field {
        Some(Field::Cell(index, Part::Net)) => Some(index),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Block {
        (0..count).map(|_| Vec::new()).collect()
    }

    #[test]
    fn blocks_stay_whole_where_they_can() {
        let lengths = |blocks: Vec<usize>| paginate(blocks.into_iter().map(rows).collect(), 7).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(vec![]), [0]);
        assert_eq!(lengths(vec![1; 7]), [7]);
        assert_eq!(lengths(vec![1; 8]), [7, 1]);
        assert_eq!(lengths(vec![6, 2, 5]), [6, 7]);
        assert_eq!(lengths(vec![1, 16, 1]), [1, 7, 7, 3]);
    }
}
