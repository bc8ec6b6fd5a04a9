//! Official names around a region and a kind.

use piaoxia_domain::{Invoice, Kind, Region};

/// The region's name with its rank: 上海市, 广东省, 广西壮族自治区.
pub(super) fn province(region: &Region) -> String {
    let rank = match region.code.as_str() {
        "1100" | "1200" | "3100" | "5000" | "2102" | "3302" | "3502" | "3702" | "4403" => "市",
        "1500" | "5400" => "自治区",
        "4500" => "壮族自治区",
        "6400" => "回族自治区",
        "6500" => "维吾尔自治区",
        _ => "省",
    };
    format!("{}{rank}", region.name)
}

/// The region's tax bureau (税务机关名称): 国家税务总局上海市税务局.
pub(super) fn bureau(region: &Region) -> String {
    format!("国家税务总局{}税务局", province(region))
}

/// What stands in the brackets of a 数电 kind's name: 增值税专用发票, 铁路电子客票.
pub(super) fn species(kind: &Kind) -> &str {
    let name = kind.name();
    name.split_once('（').and_then(|(_, rest)| rest.strip_suffix('）')).unwrap_or(name)
}

/// Title of a 数电 sheet: 电子发票（普通发票）. A paper one (数电纸质) keeps the name of its kind.
pub(super) fn title(kind: &Kind) -> String {
    if is_paper(kind) { kind.name().to_owned() } else { format!("电子发票（{}）", species(kind)) }
}

/// True for 数电纸质 kinds: a 20-digit number and a printed form.
pub(super) fn is_paper(kind: &Kind) -> bool {
    kind.info().is_some_and(|info| info.digital && info.paper)
}

/// Special VAT invoice (增值税专用发票), the others being ordinary.
pub(super) fn is_special(kind: &Kind) -> bool {
    matches!(kind.code(), "81" | "85" | "08")
}

/// 备注; a red invoice must name the blue one, so its number is put in front where the remark does not hold it.
pub(super) fn remark(invoice: &Invoice) -> String {
    match &invoice.red_of {
        Some(blue) if !invoice.remark.contains(blue.number()) => {
            let label = if blue.code().is_some() { "被红冲蓝字发票号码：" } else { "被红冲蓝字数电发票号码：" };
            format!("{label}{} {}", blue.number(), invoice.remark).trim_end().to_owned()
        }
        _ => invoice.remark.clone(),
    }
}

/// Splits a trailing number off: 地址 from 电话, 开户行 from 账号. The number is empty where the text does not end in one.
pub(super) fn split_number(text: &str) -> (&str, &str) {
    let start = text.char_indices().rev().take_while(|(_, c)| c.is_ascii_digit() || matches!(c, '-' | ' ')).last();
    let Some((head, tail)) = start.and_then(|(at, _)| text.split_at_checked(at)) else {
        return (text.trim(), "");
    };
    let digits = tail.bytes().filter(u8::is_ascii_digit).count();
    if digits < 7 { (text.trim(), "") } else { (head.trim(), tail.trim()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_a_bureau() {
        let names: Vec<String> = Region::all().iter().map(bureau).collect();
        assert!(names.contains(&"国家税务总局深圳市税务局".to_owned()));
        assert!(names.contains(&"国家税务总局新疆维吾尔自治区税务局".to_owned()));
        assert!(names.contains(&"国家税务总局广东省税务局".to_owned()));
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), 36);
    }

    #[test]
    fn titles_follow_the_kind() {
        assert_eq!(title(&Kind::from_code("81")), "电子发票（增值税专用发票）");
        assert_eq!(title(&Kind::from_code("86")), "数电纸质发票（普通发票）");
        assert_eq!(species(&Kind::from_code("51")), "铁路电子客票");
        assert_eq!(species(&Kind::from_code("10")), "增值税电子普通发票");
    }

    #[test]
    fn numbers_are_split_off() {
        assert_eq!(split_number("上海市张江路1号 021-50801234"), ("上海市张江路1号", "021-50801234"));
        assert_eq!(split_number("建设银行625555888900998711"), ("建设银行", "625555888900998711"));
        assert_eq!(split_number("上海市张江路1号"), ("上海市张江路1号", ""));
        assert_eq!(split_number("环路12"), ("环路12", ""));
        assert_eq!(split_number(""), ("", ""));
    }
}
