//! The searchable text of all rows, 64 rows a block: a search reads memory from front to end and nothing else.

use memchr::memmem::Finder;

/// Rows of a block: the bits of one word of a mask.
pub(super) const ROWS: usize = 64;

/// The texts of all rows: of each its key and a line feed first.
#[derive(Default)]
pub(super) struct Texts(Vec<TextBlock>);

impl Texts {
    /// With these blocks, full but for the last one.
    pub(super) fn of(blocks: Vec<TextBlock>) -> Self {
        Self(blocks)
    }

    pub(super) fn blocks(&self) -> &[TextBlock] {
        &self.0
    }

    /// Text of a row; empty where there is none.
    pub(super) fn row(&self, row: usize) -> &str {
        self.0.get(row / ROWS).map_or("", |block| block.row(row % ROWS))
    }

    /// Key of a row.
    pub(super) fn key(&self, row: usize) -> &str {
        self.row(row).split('\n').next().unwrap_or_default()
    }

    /// Sets the text of a row, or adds the next one.
    pub(super) fn set(&mut self, row: usize, text: &str) {
        if row / ROWS >= self.0.len() {
            self.0.push(TextBlock::default());
        }
        if let Some(block) = self.0.get_mut(row / ROWS) {
            block.set(row % ROWS, text);
        }
    }
}

/// Text of at most [`ROWS`] rows. Each ends with a line feed, which no word holds, so that no word is found across two rows.
#[derive(Default)]
pub(super) struct TextBlock {
    text: String,
    ends: Vec<u32>,
}

impl TextBlock {
    /// Texts that lie one after the other, and where each ends; none when they do not fit.
    pub(super) fn of(text: String, ends: Vec<u32>) -> Option<Self> {
        let ordered = ends.is_sorted() && ends.last().is_none_or(|end| *end as usize == text.len());
        let whole = ends.iter().all(|end| text.is_char_boundary(*end as usize));
        (ordered && whole).then_some(Self { text, ends })
    }

    /// Of all rows.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Text of a row.
    pub(super) fn row(&self, row: usize) -> &str {
        let (start, end) = self.bounds(row);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Sets the text of a row, or adds the next one.
    pub(super) fn set(&mut self, row: usize, text: &str) {
        let (start, end) = self.bounds(row);
        self.text.replace_range(start..end, text);
        if row >= self.ends.len() {
            self.ends.push(offset(end));
            if self.ends.len() == ROWS {
                self.text.shrink_to_fit();
            }
        }
        for following in self.ends.iter_mut().skip(row) {
            *following = offset(*following as usize + start + text.len() - end);
        }
    }

    /// The rows that hold the word.
    pub(super) fn search(&self, word: &Finder<'_>) -> u64 {
        let (mut hits, mut at) = (0, 0);
        let mut rows = self.ends.iter().enumerate().map(|(row, end)| (row, *end as usize));
        while let Some(found) = self.text.as_bytes().get(at..).and_then(|rest| word.find(rest)) {
            let Some((row, end)) = rows.find(|(_, end)| at + found < *end) else { break };
            hits |= 1 << row;
            at = end;
        }
        hits
    }

    fn bounds(&self, row: usize) -> (usize, usize) {
        let end_of = |row: usize| self.ends.get(row).map_or(self.text.len(), |end| *end as usize);
        (row.checked_sub(1).map_or(0, end_of), end_of(row))
    }
}

/// A record holds at most 16 MiB, so that 64 rows stay below 4 GiB.
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            sets in prop::collection::vec((0..ROWS, "[ab票\n]{0,6}"), 0..120),
            word in "[ab票]{1,3}",
        ) {
            let (mut block, mut plain) = (TextBlock::default(), Vec::<String>::new());
            for (row, text) in sets {
                let (row, text) = (row.min(plain.len()), text + "\n");
                block.set(row, &text);
                if row == plain.len() { plain.push(text) } else { plain[row] = text }
            }
            let expected = plain.iter().enumerate().filter(|(_, text)| text.contains(&word)).fold(0, |hits, (row, _)| hits | 1_u64 << row);
            prop_assert_eq!(block.search(&Finder::new(&word)), expected);
            for (row, text) in plain.iter().enumerate() {
                prop_assert_eq!(block.row(row), text);
            }
        }
    }
}
