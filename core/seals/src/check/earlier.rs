//! What the list of signatures was before later ones were added.
//!
//! A first signature may cover the list; a second one then changes what the first covered. That is told from tampering
//! by taking the later entries out again: when what is left has the digest that was signed, nothing else was changed.
//! Products differ in how they add an entry, so several earlier forms are tried.

use crate::limits::{EARLIER_BYTES, EARLIER_FORMS};
use crate::manifest::List;
use crate::parts::Digest;
use crate::sm2sm3::digest;

/// Whether the list without the entries behind number `own` has this digest.
pub(crate) fn restores(list: &List, own: usize, signed: Option<Digest>) -> bool {
    let Some(signed) = signed else { return false };
    if list.bytes.len() > EARLIER_BYTES || list.more > 0 {
        return false;
    }
    // The entry of the signature itself may have been added after its digests were taken.
    let forms = [own + 1, own].into_iter().flat_map(|kept| earlier_forms(list, kept));
    forms.take(EARLIER_FORMS).any(|form| digest(&[&form]) == signed)
}

/// A child of the list: its bytes, with the white space before them, and what it is.
#[derive(Clone, Copy)]
struct Child {
    from: usize,
    start: usize,
    end: usize,
    later: bool,
    largest_id: bool,
}

/// Forms of the list with the first `kept` entries alone.
fn earlier_forms(list: &List, kept: usize) -> Vec<Vec<u8>> {
    let children = children(list, kept);
    let mut forms = Vec::new();
    // Entries and MaxSignId are added at the end, again and again.
    let first_later = children.iter().position(|child| child.later).unwrap_or(children.len());
    if let Some(last) = first_later.checked_sub(1).and_then(|last| children.get(last)) {
        let end = children.last().map_or(last.end, |child| child.end);
        for tail in [list.markup.root_end, end] {
            forms.push(joined(&list.bytes, &[(0, last.end), (tail, list.bytes.len())]));
        }
    }
    // Entries are put beside the others, and MaxSignId is counted up or left alone.
    let removed = without_later(list, &children);
    forms.extend(smaller_ids(list, &children).into_iter().map(|(span, text)| replaced(list, &children, span, &text)));
    forms.push(removed);
    forms
}

fn children(list: &List, kept: usize) -> Vec<Child> {
    let mut from = list.markup.root_start;
    let later: Vec<usize> = list.entries.iter().skip(kept).map(|entry| entry.place).collect();
    let mut found = Vec::new();
    for (place, element) in list.markup.children(0) {
        let (start, end) = element.span;
        let child = Child { from, start, end, later: later.contains(&place), largest_id: element.is("MaxSignId") };
        from = end;
        found.push(child);
    }
    found
}

/// The list without the later entries.
fn without_later(list: &List, children: &[Child]) -> Vec<u8> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for child in children.iter().filter(|child| child.later) {
        pieces.push((from, child.from));
        from = child.end;
    }
    pieces.push((from, list.bytes.len()));
    joined(&list.bytes, &pieces)
}

/// Smaller texts for the first MaxSignId that is kept, and where its number stands.
fn smaller_ids(list: &List, children: &[Child]) -> Vec<((usize, usize), String)> {
    const TRIED: u32 = 48;
    let Some(child) = children.iter().find(|child| child.largest_id) else { return Vec::new() };
    let Some(element) = list.bytes.get(child.start..child.end) else { return Vec::new() };
    let text = String::from_utf8_lossy(element);
    let Some((open, _)) = text.split_once('>') else { return Vec::new() };
    let Some(body) = text.get(open.len() + 1..).and_then(|tail| tail.split('<').next()) else { return Vec::new() };
    let digits = body.chars().rev().take_while(char::is_ascii_digit).count();
    let Some((prefix, number)) = body.len().checked_sub(digits).and_then(|at| body.split_at_checked(at)) else { return Vec::new() };
    let Ok(current) = number.parse::<u32>() else { return Vec::new() };
    let start = child.start + open.len() + 1;
    let span = (start, start + body.len());
    let smaller = (0..current).rev().take(TRIED as usize);
    smaller
        .flat_map(|id| {
            let padded = format!("{prefix}{id:0width$}", width = digits);
            let plain = format!("{prefix}{id}");
            if padded == plain { vec![(span, plain)] } else { vec![(span, padded), (span, plain)] }
        })
        .collect()
}

/// The list without the later entries and with another MaxSignId.
fn replaced(list: &List, children: &[Child], (start, end): (usize, usize), text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(list.bytes.len());
    let mut from = 0;
    let mut cuts: Vec<(usize, usize, &[u8])> =
        children.iter().filter(|child| child.later).map(|child| (child.from, child.end, &[][..])).collect();
    cuts.push((start, end, text.as_bytes()));
    cuts.sort_unstable_by_key(|cut| cut.0);
    for (cut, behind, instead) in cuts {
        out.extend(list.bytes.get(from..cut).unwrap_or_default());
        out.extend(instead);
        from = behind;
    }
    out.extend(list.bytes.get(from..).unwrap_or_default());
    out
}

fn joined(bytes: &[u8], pieces: &[(usize, usize)]) -> Vec<u8> {
    pieces.iter().flat_map(|(from, to)| bytes.get(*from..*to).unwrap_or_default()).copied().collect()
}
