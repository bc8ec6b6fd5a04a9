//! Goods and services (货物或应税劳务、服务) with their classification (商品和服务税收分类编码).

/// Trade of a company: what it sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trade {
    Office,
    Electronics,
    Hardware,
    Food,
    Logistics,
    Catering,
    Software,
    Construction,
    Energy,
    Consulting,
    Rental,
    Labour,
}

/// How an item is taxed (税率).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rate {
    /// Whole percent.
    Percent(u8),
    /// 免税.
    Exempt,
    /// 不征税.
    Untaxed,
    /// 差额征税 at this whole percent, printed `***`.
    Margin(u8),
}

impl Rate {
    /// As invoices print it.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Percent(percent) => format!("{percent}%"),
            Self::Exempt => "免税".to_owned(),
            Self::Untaxed => "不征税".to_owned(),
            Self::Margin(_) => "***".to_owned(),
        }
    }

    /// Tax on a net amount in 分, rounded half away from zero.
    pub(crate) fn tax_of(self, net: i64) -> i64 {
        match self {
            Self::Percent(percent) => rounded_div(i128::from(net) * i128::from(percent), 100),
            Self::Exempt | Self::Untaxed | Self::Margin(_) => 0,
        }
    }
}

/// `value / by`, rounded half away from zero (四舍五入).
pub(crate) fn rounded_div(value: i128, by: i128) -> i64 {
    let half = if value < 0 { -(by / 2) } else { by / 2 };
    i64::try_from((value + half) / by).unwrap_or(i64::MAX)
}

/// Something that is sold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// 税收分类编码, 19 digits.
    pub(crate) class_code: &'static str,
    /// 税收分类简称, printed between asterisks.
    pub(crate) class: &'static str,
    pub(crate) name: &'static str,
    /// 规格型号; empty where none is usual.
    pub(crate) spec: &'static str,
    /// 单位; a measure (`千克`) is sold in fractions.
    pub(crate) unit: &'static str,
    /// Price of one unit without tax, in 分, from and to.
    pub(crate) price: (i64, i64),
    /// Most units on a line.
    pub(crate) most: i64,
    pub(crate) rate: Rate,
}

impl Item {
    /// True for units that are weighed or measured.
    pub(crate) fn is_measured(&self) -> bool {
        matches!(self.unit, "千克" | "吨" | "升" | "千瓦时" | "立方米" | "平方米" | "米")
    }
}

use Rate::{Exempt, Margin, Percent, Untaxed};

#[expect(clippy::too_many_arguments, reason = "a row of a table")]
const fn item(
    class_code: &'static str,
    class: &'static str,
    name: &'static str,
    spec: &'static str,
    unit: &'static str,
    price: (i64, i64),
    most: i64,
    rate: Rate,
) -> Item {
    Item { class_code, class, name, spec, unit, price, most, rate }
}

const OFFICE: [Item; 6] = [
    item("1060105040000000000", "纸制品", "A4复印纸", "70g 500张/包", "包", (1_500, 3_200), 400, Percent(13)),
    item("1060303010000000000", "文具", "中性笔", "0.5mm 黑", "支", (90, 600), 1_000, Percent(13)),
    item("1060303010000000000", "文具", "档案盒", "A4 55mm", "个", (600, 2_400), 200, Percent(13)),
    item("1090511030000000000", "计算机外部设备", "激光打印机", "P2026dn", "台", (89_900, 420_000), 6, Percent(13)),
    item("1060502000000000000", "家具", "办公椅", "人体工学", "把", (29_900, 180_000), 40, Percent(13)),
    item("3070399000000000000", "生活服务", "绿植养护", "", "项", (30_000, 300_000), 3, Percent(6)),
];

const ELECTRONICS: [Item; 7] = [
    item("1090511010000000000", "电子计算机", "笔记本电脑", "14英寸 16G/512G", "台", (349_900, 1_299_900), 30, Percent(13)),
    item("1090511030000000000", "计算机外部设备", "显示器", "27英寸 4K", "台", (89_900, 399_900), 40, Percent(13)),
    item("1090508010000000000", "电子元件", "贴片电阻", "0603 10kΩ ±1%", "只", (1, 12), 90_000, Percent(13)),
    item("1090508020000000000", "电子元件", "集成电路", "SOP-8", "只", (80, 6_000), 8_000, Percent(13)),
    item("1090505020000000000", "移动通信终端设备", "智能手机", "256GB", "部", (129_900, 799_900), 20, Percent(13)),
    item("1090407010000000000", "电线电缆", "网线", "超五类 305m/箱", "箱", (32_000, 96_000), 60, Percent(13)),
    item("3040201030000000000", "信息技术服务", "设备安装调试服务", "", "次", (20_000, 500_000), 5, Percent(6)),
];

const HARDWARE: [Item; 6] = [
    item("1080412010000000000", "金属制品", "内六角螺栓", "M8×30 12.9级", "千克", (900, 4_800), 600, Percent(13)),
    item("1090119010000000000", "通用设备", "深沟球轴承", "6204-2RS", "套", (800, 9_600), 500, Percent(13)),
    item("1090122000000000000", "通用设备", "离心泵", "IS80-65-160", "台", (180_000, 1_200_000), 6, Percent(13)),
    item("1080207020000000000", "黑色金属冶炼压延品", "热轧钢板", "Q235B 10mm", "吨", (330_000, 480_000), 60, Percent(13)),
    item("1090245000000000000", "机床", "数控刀片", "CNMG120408", "片", (2_500, 12_000), 300, Percent(13)),
    item("2010000000000000000", "劳务", "零件加工费", "", "件", (500, 50_000), 400, Percent(13)),
];

const FOOD: [Item; 7] = [
    item("1010112010000000000", "蔬菜", "土豆", "", "千克", (150, 600), 3_000, Exempt),
    item("1010112020000000000", "蔬菜", "西红柿", "", "千克", (300, 1_200), 2_000, Exempt),
    item("1010101020000000000", "谷物", "大米", "25kg/袋", "袋", (9_800, 22_000), 300, Percent(9)),
    item("1030107010000000000", "肉及肉制品", "冷鲜猪肉", "", "千克", (1_800, 4_200), 800, Percent(9)),
    item("1030201010000000000", "乳制品", "纯牛奶", "250ml×24", "箱", (4_500, 7_800), 400, Percent(13)),
    item("1030208000000000000", "调味品", "酿造酱油", "1.9L×6", "箱", (6_000, 15_000), 120, Percent(13)),
    item("1030305000000000000", "软饮料", "饮用天然水", "550ml×24", "箱", (2_400, 4_200), 600, Percent(13)),
];

const LOGISTICS: [Item; 4] = [
    item("3010502020200000000", "运输服务", "国内道路货物运输服务", "", "次", (30_000, 1_600_000), 12, Percent(9)),
    item("3040407040000000000", "物流辅助服务", "仓储服务", "", "月", (120_000, 2_000_000), 3, Percent(6)),
    item("3040407050000000000", "物流辅助服务", "装卸搬运服务", "", "吨", (1_200, 6_000), 400, Percent(6)),
    item("3040409010000000000", "收派服务", "快递服务费", "", "件", (600, 2_400), 1_500, Percent(6)),
];

const CATERING: [Item; 4] = [
    item("3070401000000000000", "餐饮服务", "餐费", "", "次", (6_800, 360_000), 2, Percent(6)),
    item("3070402000000000000", "住宿服务", "住宿费", "标准间", "晚", (18_000, 90_000), 12, Percent(6)),
    item("3040304010000000000", "会展服务", "会议服务费", "", "场", (200_000, 2_600_000), 2, Percent(6)),
    item("1030305000000000000", "软饮料", "茶水", "", "份", (1_000, 9_000), 40, Percent(13)),
];

const SOFTWARE: [Item; 5] = [
    item("3040201020000000000", "信息技术服务", "软件服务费", "", "年", (300_000, 9_800_000), 3, Percent(6)),
    item("3040201010000000000", "信息技术服务", "云服务器租用", "4核8G", "月", (12_000, 260_000), 24, Percent(6)),
    item("3040101000000000000", "研发和技术服务", "技术开发", "", "项", (2_000_000, 48_000_000), 1, Percent(6)),
    item("1060301010000000000", "软件产品", "票据管理软件", "V3.0", "套", (120_000, 1_980_000), 10, Percent(13)),
    item("1090511030000000000", "计算机外部设备", "扫码枪", "USB", "把", (15_000, 68_000), 60, Percent(13)),
];

const CONSTRUCTION: [Item; 4] = [
    item("3050100000000000000", "建筑服务", "工程款", "", "项", (5_000_000, 260_000_000), 1, Percent(9)),
    item("3050300000000000000", "建筑服务", "装修费", "", "平方米", (60_000, 160_000), 900, Percent(9)),
    item("1080105010000000000", "非金属矿物制品", "预拌混凝土", "C30", "立方米", (36_000, 52_000), 800, Percent(3)),
    item("1080412020000000000", "金属制品", "脚手架扣件", "直角", "只", (400, 900), 6_000, Percent(13)),
];

const ENERGY: [Item; 4] = [
    item("1100101010000000000", "供电", "电费", "", "千瓦时", (42, 120), 90_000, Percent(13)),
    item("1070101010100000000", "汽油", "92号车用汽油", "", "升", (640, 760), 3_000, Percent(13)),
    item("1100202020000000000", "燃气", "天然气", "", "立方米", (240, 420), 20_000, Percent(9)),
    item("1100301010000000000", "水", "自来水", "", "立方米", (280, 620), 6_000, Percent(3)),
];

const CONSULTING: [Item; 4] = [
    item("3040602010000000000", "鉴证咨询服务", "咨询服务费", "", "次", (200_000, 6_000_000), 2, Percent(6)),
    item("3040601010000000000", "鉴证咨询服务", "审计费", "", "项", (500_000, 12_000_000), 1, Percent(6)),
    item("3040303010000000000", "设计服务", "平面设计费", "", "项", (80_000, 2_600_000), 2, Percent(6)),
    item("6010000000000000000", "预付卡销售", "礼品卡充值", "", "张", (10_000, 100_000), 60, Untaxed),
];

const RENTAL: [Item; 4] = [
    item("3040502020200000000", "经营租赁", "办公楼租金", "", "月", (800_000, 26_000_000), 3, Percent(9)),
    item("3040502010200000000", "经营租赁", "设备租赁费", "", "月", (60_000, 1_200_000), 6, Percent(13)),
    item("3040801010000000000", "企业管理服务", "物业管理费", "", "月", (90_000, 1_900_000), 3, Percent(6)),
    item("3040502020300000000", "经营租赁", "车位租金", "", "月", (30_000, 80_000), 12, Percent(5)),
];

const LABOUR: [Item; 3] = [
    item("3040803000000000000", "人力资源服务", "劳务派遣服务", "", "人月", (520_000, 1_260_000), 40, Margin(5)),
    item("3040803000000000000", "人力资源服务", "招聘服务费", "", "人", (100_000, 900_000), 10, Percent(6)),
    item("3040802000000000000", "经纪代理服务", "代理记账", "", "月", (20_000, 120_000), 12, Percent(6)),
];

impl Trade {
    /// What the trade sells.
    pub(crate) fn items(self) -> &'static [Item] {
        match self {
            Self::Office => &OFFICE,
            Self::Electronics => &ELECTRONICS,
            Self::Hardware => &HARDWARE,
            Self::Food => &FOOD,
            Self::Logistics => &LOGISTICS,
            Self::Catering => &CATERING,
            Self::Software => &SOFTWARE,
            Self::Construction => &CONSTRUCTION,
            Self::Energy => &ENERGY,
            Self::Consulting => &CONSULTING,
            Self::Rental => &RENTAL,
            Self::Labour => &LABOUR,
        }
    }
}

pub(crate) const CAR: Item =
    item("1090305010100000000", "机动车", "纯电动轿车", "示例牌 SL7000BEV", "辆", (7_900_000, 32_000_000), 1, Percent(13));
pub(crate) const USED_CAR: Item =
    item("1090305010100000000", "机动车", "二手小型轿车", "示例牌 SL7150", "辆", (2_000_000, 15_000_000), 1, Exempt);
pub(crate) const RAIL_TICKET: Item =
    item("3010101020100000000", "运输服务", "铁路旅客运输", "二等座", "张", (1_200, 110_000), 1, Percent(9));
pub(crate) const AIR_FARE: Item = item("3010301020100000000", "运输服务", "航空旅客运输", "经济舱", "张", (25_000, 290_000), 1, Percent(9));
pub(crate) const AIR_FUEL: Item = item("3010301020100000000", "运输服务", "燃油附加费", "", "张", (1_000, 9_000), 1, Percent(9));
pub(crate) const AIR_FUND: Item = item("6070000000000000000", "代收款项", "民航发展基金", "", "张", (5_000, 5_000), 1, Untaxed);
pub(crate) const TOLL: Item = item("3040502020200000000", "经营租赁", "通行费", "", "", (500, 48_000), 1, Percent(3));
pub(crate) const TOLL_UNTAXED: Item = item("3040502020200000000", "经营租赁", "通行费", "", "", (500, 20_000), 1, Untaxed);
pub(crate) const IMPORTED: Item =
    item("1090508020000000000", "电子元件", "集成电路（进口）", "BGA-256", "只", (1_000, 30_000), 9_000, Percent(13));

#[cfg(test)]
mod tests {
    use super::*;

    const TRADES: [Trade; 12] = [
        Trade::Office,
        Trade::Electronics,
        Trade::Hardware,
        Trade::Food,
        Trade::Logistics,
        Trade::Catering,
        Trade::Software,
        Trade::Construction,
        Trade::Energy,
        Trade::Consulting,
        Trade::Rental,
        Trade::Labour,
    ];

    #[test]
    fn items_are_classified_and_priced() {
        let special = [CAR, USED_CAR, RAIL_TICKET, AIR_FARE, AIR_FUEL, AIR_FUND, TOLL, TOLL_UNTAXED, IMPORTED];
        for item in TRADES.iter().flat_map(|trade| trade.items()).chain(&special) {
            assert!(item.class_code.len() == 19 && item.class_code.bytes().all(|b| b.is_ascii_digit()), "{}", item.name);
            assert!(0 < item.price.0 && item.price.0 <= item.price.1 && item.most > 0, "{}", item.name);
            assert!(!item.class.contains('*') && !item.name.contains('*'), "{}", item.name);
        }
    }

    #[test]
    fn every_trade_sells_something_that_can_be_deducted() {
        for trade in TRADES {
            assert!(trade.items().iter().any(|item| matches!(item.rate, Percent(_))), "{trade:?}");
        }
    }

    #[test]
    fn amounts_are_rounded_half_away_from_zero() {
        assert_eq!([rounded_div(5, 10), rounded_div(4, 10), rounded_div(-5, 10), rounded_div(-4, 10)], [1, 0, -1, 0]);
        assert_eq!((Percent(13).tax_of(50), Percent(13).tax_of(-50), Exempt.tax_of(100)), (7, -7, 0));
    }
}
