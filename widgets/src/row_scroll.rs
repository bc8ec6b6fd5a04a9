//! Where a table stands: exact at every depth.
//!
//! A scroll offset in `f32` points loses whole points beyond 2^24 (about 620,000 rows), so the position
//! is a row number and the points of that row that are scrolled away.

/// The top of a table's viewport.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowPosition {
    /// The first row that is at least partly visible.
    pub row: u64,
    /// Points of that row above the viewport: at least 0, less than the row height.
    pub pixel: f32,
}

/// What a position is measured against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub rows: u64,
    pub row_height: f32,
    pub viewport: f32,
}

impl Extent {
    /// The height of all rows in points; exact in `f64` for every table that fits on a disk.
    fn total(&self) -> f64 {
        self.rows as f64 * f64::from(self.row_height)
    }

    /// How many points lie above the viewport when it shows the last row.
    pub(crate) fn scrollable(&self) -> f64 {
        (self.total() - f64::from(self.viewport)).max(0.0)
    }

    /// The part of the table that is visible, 0 to 1.
    pub(crate) fn visible_part(&self) -> f32 {
        (f64::from(self.viewport) / self.total().max(1.0)).min(1.0) as f32
    }

    fn last(&self) -> RowPosition {
        self.at(self.scrollable())
    }

    fn at(&self, points: f64) -> RowPosition {
        let height = f64::from(self.row_height);
        let row = (points / height).floor();
        RowPosition { row: row as u64, pixel: (points - row * height) as f32 }
    }

    /// The position a scrollbar thumb at `part` (0 to 1) of its way stands for.
    pub(crate) fn at_part(&self, part: f64) -> RowPosition {
        self.at(self.scrollable() * part.clamp(0.0, 1.0))
    }

    /// Rows that are wholly visible; at least one.
    pub(crate) fn page(&self) -> u64 {
        ((self.viewport / self.row_height).floor() as u64).max(1)
    }
}

impl RowPosition {
    /// Moves by points; positive is down. Stays inside the table.
    pub(crate) fn scroll(&mut self, points: f32, extent: &Extent) {
        let pixel = self.pixel + points;
        let rows = (pixel / extent.row_height).floor();
        match self.row.checked_add_signed(rows as i64) {
            Some(row) => *self = Self { row, pixel: pixel - rows * extent.row_height },
            None => *self = Self::default(),
        }
        self.clamp(extent);
    }

    /// Into the table, after its size or the window's changed.
    pub(crate) fn clamp(&mut self, extent: &Extent) {
        let last = extent.last();
        if (self.row, self.pixel) > (last.row, last.pixel) {
            *self = last;
        }
    }

    /// How far down, 0 to 1.
    pub(crate) fn part(&self, extent: &Extent) -> f64 {
        let above = self.row as f64 * f64::from(extent.row_height) + f64::from(self.pixel);
        let scrollable = extent.scrollable();
        if scrollable > 0.0 { (above / scrollable).min(1.0) } else { 0.0 }
    }

    /// Moves as little as possible so that a row is wholly visible.
    pub(crate) fn reveal(&mut self, row: u64, extent: &Extent) {
        if row < self.row || (row == self.row && self.pixel > 0.0) {
            *self = Self { row, pixel: 0.0 };
        } else {
            let room = extent.viewport - extent.row_height;
            let below = (row - self.row) as f64 * f64::from(extent.row_height) - f64::from(self.pixel);
            if below > f64::from(room) {
                // The row's lower edge goes to the lower edge of the viewport.
                let rows_above = (room / extent.row_height).ceil();
                let first = row.saturating_sub(rows_above as u64);
                *self = Self { row: first, pixel: (rows_above * extent.row_height - room).max(0.0) };
            }
        }
        self.clamp(extent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { rows: 10_000_000, row_height: 30.0, viewport: 600.0 };

    #[test]
    fn small_steps_are_exact_at_every_depth() {
        for start in [0, 640_000, 5_000_000, 9_999_000] {
            let mut position = RowPosition { row: start, pixel: 0.0 };
            for _ in 0..120 {
                position.scroll(0.5, &EXTENT);
            }
            assert_eq!(position, RowPosition { row: start + 2, pixel: 0.0 });
            for _ in 0..60 {
                position.scroll(-1.0, &EXTENT);
            }
            assert_eq!(position, RowPosition { row: start, pixel: 0.0 });
        }
    }

    #[test]
    fn never_leaves_the_table() {
        let mut position = RowPosition::default();
        position.scroll(-10.0, &EXTENT);
        assert_eq!(position, RowPosition::default());
        position.scroll(1e9, &EXTENT);
        assert_eq!(position, RowPosition { row: 9_999_980, pixel: 0.0 });
        let short = Extent { rows: 3, ..EXTENT };
        position.clamp(&short);
        assert_eq!(position, RowPosition::default());
    }

    #[test]
    fn reveals_with_the_least_move() {
        let odd = Extent { viewport: 610.0, ..EXTENT };
        let mut position = RowPosition { row: 100, pixel: 12.0 };
        position.reveal(100, &odd);
        assert_eq!(position, RowPosition { row: 100, pixel: 0.0 });
        position.reveal(119, &odd);
        assert_eq!(position, RowPosition { row: 100, pixel: 0.0 });
        position.reveal(120, &odd);
        assert_eq!(position, RowPosition { row: 100, pixel: 20.0 });
        position.reveal(9_999_999, &odd);
        assert_eq!(position, RowPosition { row: 9_999_979, pixel: 20.0 });
        position.reveal(0, &odd);
        assert_eq!(position, RowPosition::default());
    }

    #[test]
    fn the_thumb_reaches_both_ends() {
        assert_eq!(EXTENT.at_part(0.0), RowPosition::default());
        assert_eq!(EXTENT.at_part(1.0), RowPosition { row: 9_999_980, pixel: 0.0 });
        let half = EXTENT.at_part(0.5);
        assert!((half.part(&EXTENT) - 0.5).abs() < 1e-9);
    }
}
