//! Who is registered. The order is that of the companies' numbers, so newcomers go to the end.

use super::Taxpayer::{self, General, Small};
use crate::generate::Trade;

/// A company as it is written down.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) region: &'static str,
    pub(super) division: &'static str,
    pub(super) address: &'static str,
    pub(super) taxpayer: Taxpayer,
    pub(super) trade: Trade,
    /// Place of the head office (总机构).
    pub(super) branch_of: Option<u16>,
}

const fn entry(
    name: &'static str,
    region: &'static str,
    division: &'static str,
    address: &'static str,
    taxpayer: Taxpayer,
    trade: Trade,
) -> Entry {
    Entry { name, region, division, address, taxpayer, trade, branch_of: None }
}

const fn branch(
    head: u16,
    name: &'static str,
    region: &'static str,
    division: &'static str,
    address: &'static str,
    taxpayer: Taxpayer,
    trade: Trade,
) -> Entry {
    Entry { branch_of: Some(head), ..entry(name, region, division, address, taxpayer, trade) }
}

/// One company for each region at least, then the branches (分支机构).
pub(super) const ENTRIES: [Entry; 41] = [
    entry("上海票匣示例贸易有限公司", "3100", "310115", "上海市浦东新区示例路100号", General, Trade::Electronics),
    entry("深圳票匣示例科技有限公司", "4403", "440305", "深圳市南山区演示大道8号", General, Trade::Software),
    entry("杭州票匣示例食品有限公司", "3300", "330106", "杭州市西湖区样例街66号", Small, Trade::Food),
    entry("北京青禾示例咨询有限公司", "1100", "110105", "北京市朝阳区示例北路2号", General, Trade::Consulting),
    entry("广州望川示例物流有限公司", "4400", "440106", "广州市天河区演示中路31号", General, Trade::Logistics),
    entry("成都锦行示例餐饮管理有限公司", "5100", "510104", "成都市锦江区样例巷5号", Small, Trade::Catering),
    entry("武汉听涛示例机械有限公司", "4200", "420106", "武汉市武昌区示例大道19号", General, Trade::Hardware),
    entry("南京栖迟示例建筑工程有限公司", "3200", "320104", "南京市秦淮区演示街7号", General, Trade::Construction),
    entry("西安知行示例能源有限公司", "6100", "610113", "西安市雁塔区样例路88号", General, Trade::Energy),
    entry("青岛远帆示例商贸有限公司", "3702", "370202", "青岛市市南区示例一路12号", General, Trade::Office),
    entry("大连临港示例租赁有限公司", "2102", "210202", "大连市中山区演示广场3号", General, Trade::Rental),
    entry("宁波观澜示例五金有限公司", "3302", "330203", "宁波市海曙区样例东路45号", Small, Trade::Hardware),
    entry("厦门鹭语示例信息技术有限公司", "3502", "350203", "厦门市思明区示例里21号", General, Trade::Software),
    entry("重庆山行示例人力资源有限公司", "5000", "500103", "重庆市渝中区演示坡9号", General, Trade::Labour),
    entry("天津海河示例办公设备有限公司", "1200", "120103", "天津市河西区示例道16号", General, Trade::Office),
    entry("石家庄燕南示例食品有限公司", "1300", "130102", "石家庄市长安区样例路27号", Small, Trade::Food),
    entry("太原汾岸示例能源有限公司", "1400", "140105", "太原市小店区演示街52号", General, Trade::Energy),
    entry("呼和浩特青原示例食品有限公司", "1500", "150102", "呼和浩特市新城区示例路6号", General, Trade::Food),
    entry("沈阳沐阳示例机械有限公司", "2100", "210102", "沈阳市和平区样例大街14号", General, Trade::Hardware),
    entry("长春松间示例五金有限公司", "2200", "220102", "长春市南关区演示路33号", Small, Trade::Hardware),
    entry("哈尔滨冰城示例餐饮管理有限公司", "2300", "230103", "哈尔滨市南岗区示例街71号", General, Trade::Catering),
    entry("合肥云岫示例电子有限公司", "3400", "340104", "合肥市蜀山区样例路58号", General, Trade::Electronics),
    entry("福州白露示例信息技术有限公司", "3500", "350102", "福州市鼓楼区演示巷10号", General, Trade::Software),
    entry("南昌竹里示例建筑工程有限公司", "3600", "360102", "南昌市东湖区示例路29号", General, Trade::Construction),
    entry("济南明溪示例咨询有限公司", "3700", "370102", "济南市历下区样例街41号", General, Trade::Consulting),
    entry("郑州拾光示例物流有限公司", "4100", "410105", "郑州市金水区演示路63号", General, Trade::Logistics),
    entry("长沙汀兰示例文化用品有限公司", "4300", "430104", "长沙市岳麓区示例路18号", Small, Trade::Office),
    entry("南宁木石示例租赁有限公司", "4500", "450103", "南宁市青秀区样例大道35号", General, Trade::Rental),
    entry("海口晴川示例餐饮管理有限公司", "4600", "460105", "海口市秀英区演示路4号", Small, Trade::Catering),
    entry("贵阳见山示例人力资源有限公司", "5200", "520102", "贵阳市南明区示例路77号", General, Trade::Labour),
    entry("昆明问渠示例商贸有限公司", "5300", "530102", "昆明市五华区样例街20号", General, Trade::Office),
    entry("拉萨星野示例食品有限公司", "5400", "540102", "拉萨市城关区演示路11号", Small, Trade::Food),
    entry("兰州长亭示例建筑工程有限公司", "6200", "620102", "兰州市城关区示例路95号", General, Trade::Construction),
    entry("西宁清源示例能源有限公司", "6300", "630103", "西宁市城中区样例街8号", General, Trade::Energy),
    entry("银川鹿鸣示例电子有限公司", "6400", "640104", "银川市兴庆区演示街39号", General, Trade::Electronics),
    entry("乌鲁木齐秋实示例物流有限公司", "6500", "650102", "乌鲁木齐市天山区示例路60号", General, Trade::Logistics),
    branch(0, "上海票匣示例贸易有限公司徐汇分公司", "3100", "310104", "上海市徐汇区示例支路22号", General, Trade::Electronics),
    branch(0, "上海票匣示例贸易有限公司苏州分公司", "3200", "320508", "苏州市姑苏区样例路13号", General, Trade::Electronics),
    branch(3, "北京青禾示例咨询有限公司天津分公司", "1200", "120104", "天津市南开区演示道48号", General, Trade::Consulting),
    branch(4, "广州望川示例物流有限公司佛山分公司", "4400", "440604", "佛山市禅城区示例路9号", General, Trade::Logistics),
    branch(4, "广州望川示例物流有限公司东莞分公司", "4400", "441900", "东莞市样例大道26号", General, Trade::Logistics),
];
