//! Where panels stand on a sheet of A4.

use super::paper::Panel;
use crate::request::PerSheet;

/// Short and long side of A4, mm.
const A4: (f64, f64) = (210.0, 297.0);
/// What printers cannot reach, mm.
const MARGIN: f64 = 4.0;
/// Height of the line at the foot, mm.
pub(super) const FOOT: f64 = 7.0;
/// A panel is turned when it becomes this much larger by it.
const WORTH_TURNING: f64 = 1.25;

/// A sheet of paper and its places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sheet {
    /// Width, mm.
    pub(super) width: f64,
    /// Height, mm.
    pub(super) height: f64,
    columns: usize,
    rows: usize,
    foot: f64,
}

/// How a panel is brought to its place: scale, whether turned by 90 degrees, lower left corner in mm from the sheet's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) scale: f64,
    pub(super) is_turned: bool,
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Sheet {
    /// The sheet on which the smallest of these panels is largest.
    pub(super) fn best(per_sheet: PerSheet, with_foot: bool, panels: &[Panel]) -> Self {
        let foot = if with_foot { FOOT } else { 0.0 };
        let (short, long) = A4;
        let upright = |columns, rows| Self { width: short, height: long, columns, rows, foot };
        match per_sheet {
            PerSheet::One => upright(1, 1),
            PerSheet::Two => upright(1, 2),
            PerSheet::Four => {
                let (upright, lying) = (upright(2, 2), Self { width: long, height: short, columns: 2, rows: 2, foot });
                let smallest = |sheet: &Self| panels.iter().map(|panel| sheet.fit(panel).0).fold(f64::INFINITY, f64::min);
                let turns = |sheet: &Self| panels.iter().any(|panel| sheet.fit(panel).1);
                // A tie, but for rounding, goes to the sheet that is read without turning it.
                let (up, across) = (smallest(&upright), smallest(&lying));
                let is_tie = (up - across).abs() < 0.001;
                if (is_tie && !turns(&upright)) || (!is_tie && up > across) { upright } else { lying }
            }
        }
    }

    /// Width and height of a place, mm.
    fn cell(&self) -> (f64, f64) {
        (self.width / self.columns as f64, (self.height - self.foot) / self.rows as f64)
    }

    /// Scale of a panel in a place, never enlarged, and whether it is turned.
    fn fit(&self, panel: &Panel) -> (f64, bool) {
        let (width, height) = self.cell();
        let (width, height) = (width - 2.0 * MARGIN, height - 2.0 * MARGIN);
        let straight = (width / panel.width).min(height / panel.height).min(1.0);
        let turned = (width / panel.height).min(height / panel.width).min(1.0);
        if turned > straight * WORTH_TURNING { (turned, true) } else { (straight, false) }
    }

    /// The place of a panel: places fill in reading order.
    pub(super) fn place(&self, at: usize, panel: &Panel) -> Place {
        let (width, height) = self.cell();
        let (column, row) = (at % self.columns, at / self.columns);
        let (scale, is_turned) = self.fit(panel);
        let (wide, high) = if is_turned { (panel.height, panel.width) } else { (panel.width, panel.height) };
        Place {
            scale,
            is_turned,
            x: column as f64 * width + (width - wide * scale) / 2.0,
            y: self.height - (row + 1) as f64 * height + (height - high * scale) / 2.0,
        }
    }

    /// Lines to cut along, from and to, mm from the upper left corner.
    pub(super) fn cuts(&self) -> Vec<[(f64, f64); 2]> {
        let (width, height) = self.cell();
        let down = (1..self.columns).map(|column| column as f64 * width).map(|x| [(x, 0.0), (x, self.height - self.foot)]);
        let across = (1..self.rows).map(|row| row as f64 * height).map(|y| [(0.0, y), (self.width, y)]);
        down.chain(across).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use pdf_writer::Ref;

    use super::*;

    fn panel(width: f64, height: f64) -> Panel {
        Panel { form: Ref::new(1), width, height }
    }

    #[test]
    fn four_invoices_lie_across_and_four_letters_stand() {
        let lying = Sheet::best(PerSheet::Four, false, &[panel(210.0, 140.0); 4]);
        assert_eq!((lying.width, lying.height, lying.cuts().len()), (297.0, 210.0, 2));
        assert_eq!(Sheet::best(PerSheet::Four, false, &[panel(210.0, 297.0); 4]).width, 210.0);
    }

    #[test]
    fn panels_never_overlap_and_stay_on_the_sheet() {
        for per_sheet in [PerSheet::One, PerSheet::Two, PerSheet::Four] {
            for panel in [panel(210.0, 140.0), panel(241.0, 140.0), panel(210.0, 297.0), panel(50.0, 30.0), panel(1000.0, 10.0)] {
                let sheet = Sheet::best(per_sheet, true, &[panel]);
                let boxes: Vec<[f64; 4]> = (0..per_sheet.count())
                    .map(|at| {
                        let place = sheet.place(at, &panel);
                        assert!(place.scale <= 1.0 && place.scale > 0.0);
                        let (wide, high) = if place.is_turned { (panel.height, panel.width) } else { (panel.width, panel.height) };
                        [place.x, place.y, place.x + wide * place.scale, place.y + high * place.scale]
                    })
                    .collect();
                for (at, one) in boxes.iter().enumerate() {
                    assert!(
                        one[0] >= MARGIN - 1e-9 && one[1] >= FOOT && one[2] <= sheet.width - MARGIN + 1e-9 && one[3] <= sheet.height,
                        "{one:?}"
                    );
                    for other in &boxes[at + 1..] {
                        assert!(one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1], "{one:?} {other:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_invoices_keep_almost_their_size() {
        let sheet = Sheet::best(PerSheet::Two, false, &[]);
        let place = sheet.place(0, &panel(210.0, 140.0));
        assert!(place.scale > 0.95 && !place.is_turned, "{place:?}");
        assert!(place.y > 148.5);
    }
}
