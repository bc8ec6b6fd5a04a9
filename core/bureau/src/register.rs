//! The register of companies (税务登记): fictional, over many regions.

use piaoxia_domain::TaxNumber;

use crate::generate::Trade;
use crate::tax_numbers::credit_code;

/// A company's place in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompanyNo(pub u16);

/// 纳税人类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taxpayer {
    /// 一般纳税人.
    General,
    /// 小规模纳税人.
    Small,
}

/// A registered company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its place in the register.
    pub no: CompanyNo,
    /// 统一社会信用代码.
    pub tax_no: TaxNumber,
    /// 名称.
    pub name: String,
    /// Four-digit region of its bureau.
    pub region: &'static str,
    /// 纳税人类型.
    pub taxpayer: Taxpayer,
    /// 地址、电话.
    pub contact: String,
    /// 开户行及账号.
    pub bank: String,
    pub(crate) trade: Trade,
}

/// How many companies at the front of the register belong to the sandbox's user.
pub(crate) const SANDBOX_COMPANIES: usize = 3;

struct Entry {
    name: &'static str,
    region: &'static str,
    division: &'static str,
    address: &'static str,
    taxpayer: Taxpayer,
    trade: Trade,
}

const fn entry(
    name: &'static str,
    region: &'static str,
    division: &'static str,
    address: &'static str,
    taxpayer: Taxpayer,
    trade: Trade,
) -> Entry {
    Entry { name, region, division, address, taxpayer, trade }
}

use Taxpayer::{General, Small};

const ENTRIES: [Entry; 14] = [
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
];

/// The register, in the order of [`CompanyNo`].
pub(crate) fn companies() -> Vec<Company> {
    (0u16..).zip(ENTRIES).map(|(no, entry)| company(no, &entry)).collect()
}

fn company(no: u16, entry: &Entry) -> Company {
    let place = u64::from(no);
    Company {
        no: CompanyNo(no),
        tax_no: credit_code("91", entry.division, place),
        name: entry.name.to_owned(),
        region: entry.region,
        taxpayer: entry.taxpayer,
        contact: format!("{} 000-5550{no:04}", entry.address),
        bank: format!("示例银行{}支行 6200000000{:08}", entry.address.chars().take(2).collect::<String>(), 1000 + place),
        trade: entry.trade,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn numbers_are_valid_unique_and_of_the_right_region() {
        let all = companies();
        for company in &all {
            assert_eq!(TaxNumber::typed(company.tax_no.as_str()), Ok(company.tax_no.clone()), "{}", company.name);
            assert_eq!(company.tax_no.region().unwrap().code, company.region, "{}", company.name);
            assert!(company.name.contains("示例"), "{} could be a real company", company.name);
        }
        let mut numbers: Vec<_> = all.iter().map(|company| &company.tax_no).collect();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), ENTRIES.len());
        assert_eq!((all[0].taxpayer, all[2].taxpayer), (General, Small));
    }
}
