//! Characters of a page put together into lines by where they stand. The order in which a file draws them says nothing.

use super::content::Glyph;

/// A wider gap than this part of the size is a space.
const SPACE: f64 = 0.15;
/// From so many gaps on, letters may be set apart.
const LETTERS: usize = 4;
/// Baselines that differ by less than this part of the size are one line.
const SAME_LINE: f64 = 0.3;

/// Labels that are printed with one character under the other.
const UPRIGHT: [&str; 7] = ["购买方信息", "销售方信息", "购买方", "销售方", "密码区", "备注", "合计"];

/// The texts of a page.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Lines from the top, their characters from the left; no white space.
    pub lines: Vec<Line>,
    /// Upright labels, which belong to no line.
    pub upright: Vec<Upright>,
}

/// Characters on one baseline.
#[derive(Debug)]
pub(super) struct Line {
    pub y: f64,
    pub glyphs: Vec<Glyph>,
}

/// A label with one character under the other.
#[derive(Debug)]
pub(super) struct Upright {
    pub label: &'static str,
    pub right: f64,
}

/// Characters in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'s>(pub &'s [Glyph]);

impl Piece<'_> {
    pub(super) fn left(self) -> f64 {
        self.0.first().map_or(0.0, |glyph| glyph.left)
    }

    pub(super) fn right(self) -> f64 {
        self.0.last().map_or(0.0, |glyph| glyph.right)
    }

    /// The characters, with spaces where there are gaps. Letters that are all set apart are no words of one letter: there a
    /// space is wider than the rest.
    pub(super) fn text(self) -> String {
        let gaps =
            || self.0.windows(2).filter_map(|pair| pair.first().zip(pair.get(1))).map(|(one, next)| (next.left - one.right) / next.size);
        let mut sorted: Vec<f64> = gaps().collect();
        let middle = sorted.len() / 2;
        let usual = if sorted.is_empty() { 0.0 } else { *sorted.select_nth_unstable_by(middle, f64::total_cmp).1 };
        let space = if usual > SPACE && sorted.len() >= LETTERS { usual + 2.0 * SPACE } else { SPACE };
        let mut text: String = self.0.iter().take(1).map(|glyph| glyph.character).collect();
        for (glyph, gap) in self.0.iter().skip(1).zip(gaps()) {
            if gap > space {
                text.push(' ');
            }
            text.push(glyph.character);
        }
        text
    }

    /// The characters without a space.
    pub(super) fn dense(self) -> String {
        self.0.iter().map(|glyph| glyph.character).collect()
    }
}

impl Sheet {
    /// Puts the characters of a page in order.
    pub(super) fn new(mut glyphs: Vec<Glyph>) -> Self {
        glyphs.retain(|glyph| !glyph.character.is_whitespace() && !glyph.character.is_control() && glyph.size > 0.1);
        let upright = take_upright(&mut glyphs);
        glyphs.sort_by(|one, other| one.y.total_cmp(&other.y));
        let mut lines: Vec<Line> = Vec::new();
        for glyph in glyphs {
            match lines.last_mut() {
                Some(line) if glyph.y - line.y < SAME_LINE * glyph.size => line.glyphs.push(glyph),
                _ => lines.push(Line { y: glyph.y, glyphs: vec![glyph] }),
            }
        }
        for line in &mut lines {
            line.glyphs.sort_by(|one, other| one.left.total_cmp(&other.left));
            // Bold print is often the same text twice, a hair apart.
            line.glyphs.dedup_by(|next, kept| {
                next.character == kept.character && next.shown_by != kept.shown_by && next.left - kept.left < SPACE * kept.size
            });
        }
        Self { lines, upright }
    }

    /// Everything on the page, for a search that minds no place.
    pub(super) fn dense(&self) -> String {
        self.lines.iter().map(|line| Piece(&line.glyphs).dense()).collect::<Vec<_>>().join("\n")
    }
}

impl Line {
    /// Where a label ends on this line, as the index of the character behind it; its characters may stand apart.
    pub(super) fn behind(&self, label: &str, from: usize) -> Option<usize> {
        let wanted: Vec<char> = label.chars().collect();
        let rest = self.glyphs.get(from..)?;
        let starts =
            rest.windows(wanted.len()).position(|window| window.iter().zip(&wanted).all(|(glyph, wanted)| glyph.character == *wanted));
        starts.map(|start| from + start + wanted.len())
    }

    /// A colon stands there.
    pub(super) fn is_colon(&self, at: usize) -> bool {
        self.glyphs.get(at).is_some_and(|glyph| matches!(glyph.character, '：' | ':'))
    }

    /// Pieces that stand apart: another operator's text behind a gap, or a gap that no word has.
    pub(super) fn cells(&self) -> Vec<Piece<'_>> {
        let apart = |one: &Glyph, next: &Glyph| {
            let gap = next.left - one.right;
            gap > 2.0 * next.size || (gap > SPACE * next.size && one.shown_by != next.shown_by)
        };
        self.glyphs.chunk_by(|one, next| !apart(one, next)).map(Piece).collect()
    }
}

/// Takes the upright labels out of the characters: on a line they would stand in the middle of other texts.
fn take_upright(glyphs: &mut Vec<Glyph>) -> Vec<Upright> {
    let mut found = Vec::new();
    let mut taken = vec![false; glyphs.len()];
    for label in UPRIGHT {
        let characters: Vec<char> = label.chars().collect();
        let candidates: Vec<(usize, Glyph)> =
            glyphs.iter().enumerate().filter(|(_, glyph)| characters.contains(&glyph.character)).map(|(at, glyph)| (at, *glyph)).collect();
        // Labels are few; a page that repeats their characters thousands of times is no invoice.
        if candidates.len() > 400 {
            continue;
        }
        for (start, first) in &candidates {
            // The word goes on beside its first character, as 合　计 does; what stands below is another word's.
            let goes_on = |(_, next): &(usize, Glyph)| {
                let (down, aside) = ((next.y - first.y).abs(), next.left - first.right);
                characters.get(1) == Some(&next.character) && down < SAME_LINE * first.size && (0.0..12.0 * first.size).contains(&aside)
            };
            if characters.len() == 2 && candidates.iter().any(goes_on) {
                continue;
            }
            let Some(stack) = stack(&characters, (*start, *first), &candidates, &taken) else { continue };
            for at in stack {
                if let Some(taken) = taken.get_mut(at) {
                    *taken = true;
                }
            }
            found.push(Upright { label, right: first.right });
        }
    }
    let mut taken = taken.into_iter();
    glyphs.retain(|_| !taken.next().unwrap_or_default());
    found
}

/// The indices of a label's characters, each a little below the one before.
fn stack(label: &[char], start: (usize, Glyph), all: &[(usize, Glyph)], taken: &[bool]) -> Option<Vec<usize>> {
    let is_taken = |at: usize| taken.get(at).copied().unwrap_or_default();
    let (at, mut last) = start;
    if is_taken(at) || label.first() != Some(&last.character) {
        return None;
    }
    let mut stack = vec![at];
    for wanted in label.get(1..)? {
        let below = |glyph: &Glyph| {
            let (down, aside) = (glyph.y - last.y, (glyph.left + glyph.right - last.left - last.right).abs() / 2.0);
            down > 0.8 * last.size && down < 4.0 * last.size && aside < 0.5 * last.size
        };
        let next = all.iter().find(|(at, glyph)| glyph.character == *wanted && !is_taken(*at) && below(glyph))?;
        stack.push(next.0);
        last = next.1;
    }
    Some(stack)
}
