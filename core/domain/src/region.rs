//! The 36 regions (地区) of the e-tax bureau, as data: `resources/data/regions.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A region: a province, or one of the five cities that plan separately (计划单列市).
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// Four digits, `3100` 上海, `4403` 深圳.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name, `Inner Mongolia`.
    pub name_en: String,
    /// Host name part of the bureau, `shanghai`.
    pub slug: String,
}

#[derive(Deserialize)]
struct RegionFile {
    region: Vec<Region>,
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "compiled in; a test reads it")]
    let file: RegionFile = toml::from_str(include_str!("../../../resources/data/regions.toml")).expect("regions.toml is well formed");
    file.region
});

impl Region {
    /// All 36, in the order of their codes.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &REGIONS
    }

    /// The region with this four-digit code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<&'static Self> {
        REGIONS.iter().find(|region| region.code == code)
    }

    /// The region that a six-digit administrative division (行政区划) belongs to: one of the five cities by its exact
    /// four digits, else its province.
    #[must_use]
    pub fn from_division(division: &str) -> Option<&'static Self> {
        let city = division.get(..4)?;
        Self::from_code(city).or_else(|| Self::from_code(&format!("{}00", city.get(..2)?)))
    }

    /// Code of the region's tax bureau (税务机关代码): 11 digits.
    #[must_use]
    pub fn bureau_code(&self) -> String {
        format!("1{}000000", self.code)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn knows_all_regions() {
        assert_eq!(Region::all().len(), 36);
        assert_eq!(Region::from_division("440305").unwrap().name, "深圳");
        assert_eq!(Region::from_division("440106").unwrap().name, "广东");
        assert_eq!(Region::from_division("310115").unwrap().bureau_code(), "13100000000");
        assert_eq!(Region::from_division("99"), None);
        assert_eq!(Region::from_division("统一代码"), None);
    }
}
