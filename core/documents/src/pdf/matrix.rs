//! Places on a page (ISO 32000-1, 8.3).

/// An affine map `[a b c d e f]`: x' = ax + cy + e, y' = bx + dy + f.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix(pub [f64; 6]);

impl Matrix {
    /// Leaves every point where it is.
    pub(super) const SAME: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// Moves by x and y.
    pub(super) fn moved(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First this map, then another.
    pub(super) fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], [na, nb, nc, nd, ne, nf]) = (self.0, next.0);
        let map = [a * na + b * nc, a * nb + b * nd, c * na + d * nc, c * nb + d * nd, e * na + f * nc + ne, e * nb + f * nd + nf];
        // A hostile file multiplies itself out of every page; what is not finite stays at the origin.
        Self(map.map(|part| if part.is_finite() { part.clamp(-1e9, 1e9) } else { 0.0 }))
    }

    /// Where a point comes to lie.
    pub(super) fn apply(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// By how much the map enlarges upright lengths.
    pub(super) fn height(self) -> f64 {
        let [_, _, c, d, ..] = self.0;
        c.hypot(d)
    }

    /// Texts run from left to right under this map, give or take a slant.
    pub(super) fn is_upright(self) -> bool {
        let [a, b, ..] = self.0;
        a > 0.0 && b.abs() < a * 0.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_follow_each_other() {
        let turned = Matrix([0.0, 1.0, -1.0, 0.0, 10.0, 0.0]);
        assert_eq!(Matrix::moved(2.0, 3.0).then(turned).apply(1.0, 0.0), (7.0, 3.0));
        assert!(!turned.is_upright() && Matrix::SAME.is_upright());
        let wild = Matrix([1e300; 6]);
        assert!(wild.then(wild).then(wild).0.iter().all(|part| part.is_finite()));
    }
}
