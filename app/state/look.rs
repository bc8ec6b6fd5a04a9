//! How the window looks: 主题 and 缩放.

use std::collections::BTreeMap;

use piaoxia_engine::{PLACE, THEME};

/// 主题.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// As the system has it; light where it does not say.
    #[default]
    System,
    /// 浅色.
    Light,
    /// 深色.
    Dark,
}

impl ThemeChoice {
    /// All of them, as they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As it is kept.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads what was kept.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.code() == code)
    }

    /// Whether dark is drawn, where the system wants it or not.
    #[must_use]
    pub fn is_dark(self, system: Option<bool>) -> bool {
        match self {
            Self::System => system.unwrap_or(false),
            Self::Light => false,
            Self::Dark => true,
        }
    }
}

/// Percents that the window can be zoomed to.
pub const ZOOMS: [u16; 8] = [80, 90, 100, 110, 125, 150, 175, 200];

/// Points that a page needs; a zoom that leaves fewer is lessened.
const NEEDED: [f32; 2] = [1000.0, 600.0];

/// How the window lies on a PC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Width and height at 100 %, points.
    pub size: [f32; 2],
    /// It fills the screen.
    pub maximized: bool,
    /// 缩放, percent.
    pub zoom: u16,
}

impl Default for Place {
    fn default() -> Self {
        Self { size: [1366.0, 768.0], maximized: false, zoom: 100 }
    }
}

impl Place {
    /// Smallest window, points.
    pub const SMALLEST: [f32; 2] = [1024.0, 700.0];
    /// Largest size that is believed.
    const LARGEST: f32 = 16_384.0;

    /// As it is kept: `1366x768`, `max` when it fills the screen, percent.
    #[must_use]
    pub fn code(&self) -> String {
        let [width, height] = self.size;
        format!("{width:.0}x{height:.0} {} {}", if self.maximized { "max" } else { "own" }, self.zoom)
    }

    /// Reads what was kept.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let mut parts = code.split(' ');
        let (width, height) = parts.next()?.split_once('x')?;
        let maximized = parts.next()? == "max";
        let zoom = parts.next()?.parse().ok().filter(|zoom| ZOOMS.contains(zoom))?;
        let side = |text: &str, least: f32| text.parse::<f32>().ok().filter(|side| (least..Self::LARGEST).contains(side));
        let [least_width, least_height] = Self::SMALLEST;
        Some(Self { size: [side(width, least_width)?, side(height, least_height)?], maximized, zoom })
    }

    /// The zoom factor in a window of this size (points at 100 %): as chosen, or less where a page would not fit.
    #[must_use]
    pub fn factor(&self, window: [f32; 2]) -> f32 {
        let chosen = f32::from(self.zoom) / 100.0;
        let room = window.into_iter().zip(NEEDED).map(|(side, needed)| side / needed).fold(f32::INFINITY, f32::min);
        if chosen <= 1.0 { chosen } else { chosen.min(room.max(1.0)) }
    }
}

/// How the window looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// 主题.
    pub theme: ThemeChoice,
    /// On this PC.
    pub place: Place,
    /// Name of this PC, behind which its place is kept.
    pub pc: String,
}

impl Look {
    /// What was kept, by name of the preference; whatever cannot be read is as at the first start.
    #[must_use]
    pub fn from_kept(kept: &BTreeMap<String, String>, pc: &str) -> Self {
        let theme = kept.get(THEME).and_then(|code| ThemeChoice::from_code(code)).unwrap_or_default();
        let place = kept.get(&place_name(pc)).and_then(|code| Place::from_code(code)).unwrap_or_default();
        Self { theme, place, pc: pc.to_owned() }
    }

    /// Name of the preference that holds the place on this PC.
    #[must_use]
    pub fn place_name(&self) -> String {
        place_name(&self.pc)
    }
}

fn place_name(pc: &str) -> String {
    format!("{PLACE}{pc}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        for place in [Place::default(), Place { size: [1920.0, 1017.0], maximized: true, zoom: 150 }] {
            assert_eq!(Place::from_code(&place.code()).unwrap(), place);
        }
        for bad in ["", "x", "100x100 own 100", "1366x768 own 500", "1366xNaN own 100", "99999x768 own 100", "1366x768 own"] {
            assert_eq!(Place::from_code(bad), None, "{bad}");
        }
        let kept = BTreeMap::from([("theme".to_owned(), "dark".to_owned()), ("window@A".to_owned(), "1400x900 max 125".to_owned())]);
        let look = Look::from_kept(&kept, "A");
        assert_eq!((look.theme, look.place.zoom, look.place.maximized), (ThemeChoice::Dark, 125, true));
        assert_eq!(Look::from_kept(&kept, "B").place, Place::default(), "every PC has its own");
    }

    #[test]
    fn a_zoom_never_leaves_less_than_a_page_needs() {
        let zoomed = |zoom, window| Place { zoom, ..Place::default() }.factor(window);
        assert_eq!(zoomed(200, [3840.0, 2160.0]), 2.0);
        assert_eq!(zoomed(200, [1366.0, 768.0]), 1.28);
        assert_eq!(zoomed(125, [1366.0, 768.0]), 1.25);
        assert_eq!((zoomed(200, [800.0, 500.0]), zoomed(80, [800.0, 500.0])), (1.0, 0.8));
    }

    #[test]
    fn the_system_decides_where_nothing_was_chosen() {
        assert!(ThemeChoice::System.is_dark(Some(true)) && !ThemeChoice::System.is_dark(None));
        assert!(!ThemeChoice::Light.is_dark(Some(true)) && ThemeChoice::Dark.is_dark(Some(false)));
    }
}
