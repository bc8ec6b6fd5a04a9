//! Invoice kinds (发票票种), as data: `resources/data/kinds.toml`.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What is known of one kind.
#[derive(Debug, Deserialize)]
pub struct KindInfo {
    /// The bureau's two-digit code, `FplxDm`.
    pub code: String,
    /// Official name.
    pub name: String,
    /// The same in English; nothing official.
    pub name_en: String,
    /// Name that fits a table column.
    pub short: String,
    /// The same in English.
    pub short_en: String,
    /// Carries a 20-digit number (数电发票号码).
    pub digital: bool,
    /// Carries 发票代码 and 发票号码.
    pub paper: bool,
    /// Appears in the deduction list (抵扣勾选).
    pub deductible: bool,
    /// Type field in the QR payload; empty where none has been seen.
    pub qr: String,
}

#[derive(Deserialize)]
struct KindFile {
    kind: Vec<KindInfo>,
}

static KINDS: LazyLock<Vec<KindInfo>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "compiled in; a test reads it")]
    let file: KindFile = toml::from_str(include_str!("../../../resources/data/kinds.toml")).expect("kinds.toml is well formed");
    file.kind
});

/// An invoice kind by its two-digit code. A code that the table does not know is kept verbatim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String, example = "81"))]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// All known kinds in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|info| Self(Cow::Borrowed(info.code.as_str())))
    }

    /// The kind with this code, known or not.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match KINDS.iter().find(|info| info.code == code) {
            Some(info) => Self(Cow::Borrowed(info.code.as_str())),
            None => Self(Cow::Owned(code.to_owned())),
        }
    }

    /// The kind that an export or a document names, in any of the spellings that are in use:
    /// `数电票（X）` = `数电发票（X）` = `全电发票（X）` = `电子发票（X）`, full or half width brackets, short names.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let wanted = normal_name(name);
        KINDS
            .iter()
            .find(|info| normal_name(&info.name) == wanted || info.short == wanted)
            .map(|info| Self(Cow::Borrowed(info.code.as_str())))
            .or_else(|| match wanted.as_str() {
                "增值税普通发票(电子)" => Some(Self::from_code("10")),
                "增值税专用发票(电子)" => Some(Self::from_code("08")),
                "增值税普通发票(卷票)" => Some(Self::from_code("11")),
                "数电普通发票" => Some(Self::from_code("82")),
                "数电专用发票" => Some(Self::from_code("81")),
                _ => None,
            })
    }

    /// The two-digit code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// What the table says of it; none for an unknown code.
    #[must_use]
    pub fn info(&self) -> Option<&'static KindInfo> {
        KINDS.iter().find(|info| info.code == self.0)
    }

    /// Official name, or the bare code when it is unknown.
    #[must_use]
    pub fn name(&self) -> &str {
        self.info().map_or(&self.0, |info| &info.name)
    }

    /// Name for a table column, or the bare code when it is unknown.
    #[must_use]
    pub fn short(&self) -> &str {
        self.info().map_or(&self.0, |info| &info.short)
    }

    /// True when the kind can be ticked for deduction (抵扣勾选).
    #[must_use]
    pub fn is_deductible(&self) -> bool {
        self.info().is_some_and(|info| info.deductible)
    }
}

/// One spelling for the many: no spaces, half-width brackets, `数电票(`.
fn normal_name(name: &str) -> String {
    let flat: String = name
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            other => other,
        })
        .collect();
    for prefix in ["数电发票(", "全电发票(", "电子发票("] {
        if let Some(rest) = flat.strip_prefix(prefix) {
            return format!("数电票({rest}");
        }
    }
    flat
}

impl From<String> for Kind {
    fn from(code: String) -> Self {
        Self::from_code(&code)
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.0.into_owned()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(Kind::all().count(), 21);
        for kind in Kind::all() {
            let info = kind.info().unwrap();
            assert_eq!(info.code.len(), 2, "{}", info.code);
            assert!(info.digital || info.paper, "{}", info.code);
            assert!(info.name_en.is_ascii() && !info.name_en.is_empty(), "{}", info.code);
            assert!(info.short_en.is_ascii() && !info.short_en.is_empty(), "{}", info.code);
        }
    }

    #[test]
    fn every_spelling_is_understood() {
        for (name, code) in [
            ("数电票（增值税专用发票）", "81"),
            ("数电发票(普通发票)", "82"),
            ("全电发票（铁路电子客票）", "51"),
            ("电子发票（普通发票）", "82"),
            ("增值税普通发票(电子)", "10"),
            ("增值税普通发票（卷票）", "11"),
            (" 增值税专用发票 ", "01"),
            ("数电普通发票", "82"),
        ] {
            assert_eq!(Kind::from_name(name).unwrap().code(), code, "{name}");
        }
        assert_eq!(Kind::from_name("收据"), None);
    }

    #[test]
    fn an_unknown_code_is_kept() {
        let kind = Kind::from_code("8208");
        assert_eq!((kind.code(), kind.name(), kind.is_deductible()), ("8208", "8208", false));
        assert_eq!(serde_json::from_str::<Kind>("\"8208\"").unwrap(), kind);
    }
}
