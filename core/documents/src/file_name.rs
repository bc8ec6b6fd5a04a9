//! What a file's name tells: `dzfp_<20 digits>_<name>_<time>.xml`, and whatever users write into names.

use piaoxia_domain::Kind;

/// What is in a name between the slash and the extension.
fn stem(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.rsplit_once('.').map_or(last, |(stem, _)| stem)
}

/// The 20-digit number in a name that the bureau gave.
pub(crate) fn number(name: &str) -> Option<&str> {
    let number = stem(name).strip_prefix("dzfp_")?.split('_').next()?;
    (number.len() == 20 && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

/// The kind that a name spells out. Only whole words of the trade count: company names hold parts of them.
pub(crate) fn kind(name: &str) -> Option<Kind> {
    const ELECTRONIC: [(&str, &str); 9] = [
        ("铁路电子客票", "51"),
        ("航空运输电子客票行程单", "61"),
        ("通行费发票", "59"),
        ("机动车销售统一发票", "83"),
        ("二手车销售统一发票", "84"),
        ("专用发票", "81"),
        ("数电专票", "81"),
        ("普通发票", "82"),
        ("数电普票", "82"),
    ];
    let stem = stem(name);
    let (_, code) = ELECTRONIC.into_iter().find(|(word, _)| stem.contains(word))?;
    let code = match code {
        "81" if stem.contains("数电纸质") => "85",
        "82" if stem.contains("数电纸质") => "86",
        code => code,
    };
    Some(Kind::from_code(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        for (name, code) in [
            ("a/dzfp_26312000000000000001_甲公司_20260519094714_增值税专用发票.xml", Some("81")),
            ("普通发票(1).xml", Some("82")),
            ("数电纸质发票（普通发票）.xml", Some("86")),
            ("C:\\票\\数电专票 5月.xml", Some("81")),
            ("专用发票/other.xml", None),
            ("某高速通行费有限公司.xml", None),
        ] {
            assert_eq!(kind(name).as_ref().map(Kind::code), code, "{name}");
        }
    }

    #[test]
    fn names_tell_numbers() {
        assert_eq!(number("x/dzfp_26312000000000000001_甲.xml"), Some("26312000000000000001"));
        assert_eq!(number("dzfp_26312000000000000001.xml"), Some("26312000000000000001"));
        assert_eq!(number("dzfp_2631200000000000000_甲.xml"), None);
        assert_eq!(number("26312000000000000001.xml"), None);
    }
}
