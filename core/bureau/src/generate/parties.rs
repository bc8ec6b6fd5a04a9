//! Those whom the companies trade with: companies, carriers, a car dealer, customs, natural persons. All fictional.

use piaoxia_domain::invoice::Party;

use super::kinds::Subject;
use crate::dice::Dice;
use crate::generate::Trade;
use crate::register::Taxpayer;
use crate::tax_numbers::credit_code;

/// A seller or buyer.
#[derive(Clone, Debug)]
pub(crate) struct Counterparty {
    pub(crate) party: Party,
    pub(crate) region: &'static str,
    pub(crate) trade: Trade,
    pub(crate) taxpayer: Taxpayer,
}

/// All counterparties, built once.
#[derive(Debug)]
pub(crate) struct Parties {
    companies: Vec<Counterparty>,
    rail: Counterparty,
    air: Counterparty,
    toll: Counterparty,
    customs: Counterparty,
    cars: Counterparty,
}

/// Number of ordinary companies among the counterparties.
const COMPANIES: u16 = 240;
/// Register places of the counterparties' numbers, away from those of the companies.
const FIRST_PLACE: u64 = 10_000;

const CITIES: [(&str, &str, &str); 24] = [
    ("上海", "3100", "310104"),
    ("北京", "1100", "110108"),
    ("深圳", "4403", "440304"),
    ("杭州", "3300", "330108"),
    ("苏州", "3200", "320508"),
    ("广州", "4400", "440111"),
    ("宁波", "3302", "330212"),
    ("南京", "3200", "320106"),
    ("武汉", "4200", "420106"),
    ("成都", "5100", "510107"),
    ("天津", "1200", "120103"),
    ("青岛", "3702", "370212"),
    ("济南", "3700", "370102"),
    ("合肥", "3400", "340104"),
    ("厦门", "3502", "350206"),
    ("福州", "3500", "350102"),
    ("长沙", "4300", "430104"),
    ("郑州", "4100", "410105"),
    ("西安", "6100", "610112"),
    ("大连", "2102", "210203"),
    ("沈阳", "2100", "210102"),
    ("重庆", "5000", "500105"),
    ("昆明", "5300", "530102"),
    ("乌鲁木齐", "6500", "650102"),
];

const BRANDS: [&str; 31] = [
    "青禾", "望川", "锦行", "听涛", "栖迟", "知行", "远帆", "临港", "观澜", "鹭语", "山行", "云岫", "秋实", "拾光", "松间", "明溪", "北辰",
    "南风", "竹里", "晴川", "白露", "星野", "长亭", "汀兰", "见山", "问渠", "鹿鸣", "沐阳", "蓝田", "清源", "木石",
];

const TRADES: [(&str, Trade); 12] = [
    ("办公用品", Trade::Office),
    ("电子", Trade::Electronics),
    ("五金机械", Trade::Hardware),
    ("食品", Trade::Food),
    ("物流", Trade::Logistics),
    ("餐饮管理", Trade::Catering),
    ("软件技术", Trade::Software),
    ("建筑工程", Trade::Construction),
    ("能源", Trade::Energy),
    ("企业咨询", Trade::Consulting),
    ("物业租赁", Trade::Rental),
    ("人力资源", Trade::Labour),
];

/// Names that programs stumble over, at places whose city fits: a formula, a name near the length limit of the forms, a
/// character outside GB 2312 (U+4DAE, in GB 18030), spaces with an ampersand, full-width brackets.
const AWKWARD: [(u16, &str); 5] = [
    (7, "=1+1示例商务工作室"),
    (
        17,
        "新疆维吾尔自治区伊犁哈萨克自治州示例农业科技发展与绿色有机农产品种植加工仓储冷链物流配送及跨境电子商务综合服务\
         产业园区运营管理集团股份有限公司第二分公司",
    ),
    (25, "南京䶮然示例文化传播有限公司"),
    (48, "上海 A&B 示例设计 咨询有限公司"),
    (55, "示例（中国）投资有限公司"),
];

const FAMILY_NAMES: [&str; 12] = ["张", "王", "李", "赵", "刘", "陈", "杨", "黄", "周", "吴", "欧阳", "司徒"];
const GIVEN_NAMES: [&str; 12] = ["示一", "示二", "小满", "谷雨", "立夏", "白露", "秋分", "冬至", "惊蛰", "清明", "样例", "演示"];

impl Parties {
    pub(crate) fn new() -> Self {
        Self {
            companies: (0..COMPANIES).map(company).collect(),
            rail: single(1, "示例铁路客运集团有限公司", "91", "1100", "110102"),
            air: single(2, "示例航空股份有限公司", "91", "4400", "440114"),
            toll: single(3, "示例高速公路联网收费服务有限公司", "91", "3200", "320102"),
            customs: single(4, "示例海关", "11", "3100", "310115"),
            cars: single(5, "上海示例汽车销售服务有限公司", "91", "3100", "310112"),
        }
    }

    /// Who sells what the subject is about; some sell far more often than others.
    pub(crate) fn seller(&self, dice: &mut Dice, subject: Subject) -> &Counterparty {
        match subject {
            Subject::Rail => &self.rail,
            Subject::Air => &self.air,
            Subject::Toll => &self.toll,
            Subject::Import => &self.customs,
            Subject::Car | Subject::UsedCar => &self.cars,
            Subject::Special | Subject::Plain => self.company(dice),
        }
    }

    /// A company, the first of the list more often than the last.
    pub(crate) fn company(&self, dice: &mut Dice) -> &Counterparty {
        let count = self.companies.len() as u64;
        let place = dice.below(count).min(dice.below(count)) as usize;
        self.companies.get(place).unwrap_or(&self.toll)
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &Counterparty> {
        self.companies.iter().chain([&self.rail, &self.air, &self.toll, &self.customs, &self.cars])
    }
}

/// A natural person (自然人) as the bureau prints one: the name with 个人 behind it, and no number.
pub(crate) fn natural_person(dice: &mut Dice) -> Party {
    Party { name: format!("{}（个人）", person_name(dice)), ..Party::default() }
}

/// A name that a person could have.
pub(crate) fn person_name(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&FAMILY_NAMES), dice.pick(&GIVEN_NAMES))
}

fn company(no: u16) -> Counterparty {
    let mut dice = Dice::new(0xC0_FFEE, &[u64::from(no)]);
    let (city, region, division) = CITIES.get(usize::from(no) * 7 % CITIES.len()).copied().unwrap_or(("上海", "3100", "310104"));
    let (word, trade) = TRADES.get(usize::from(no) % TRADES.len()).copied().unwrap_or(("商贸", Trade::Office));
    let brand = BRANDS.get(usize::from(no) % BRANDS.len()).copied().unwrap_or("青禾");
    let name = match AWKWARD.iter().find(|(place, _)| *place == no) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("{city}{brand}示例{word}有限公司"),
    };
    let party = Party {
        name,
        tax_no: credit_code("91", division, FIRST_PLACE + u64::from(no)),
        contact: format!("{city}市示例路{}号 000-5551{no:04}", dice.between(1, 999)),
        bank: format!("示例银行{city}分行 62000001{:010}", dice.below(10_000_000_000)),
    };
    let taxpayer = if dice.chance(200) { Taxpayer::Small } else { Taxpayer::General };
    Counterparty { party, region, trade, taxpayer }
}

/// A counterparty that is the only one of its sort.
fn single(no: u64, name: &str, kind: &str, region: &'static str, division: &str) -> Counterparty {
    let party = Party { name: name.to_owned(), tax_no: credit_code(kind, division, 2 * FIRST_PLACE + no), ..Party::default() };
    Counterparty { party, region, trade: Trade::Logistics, taxpayer: Taxpayer::General }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use piaoxia_domain::TaxNumber;
    use std::collections::BTreeSet;

    #[test]
    fn counterparties_are_valid_and_all_different() {
        let parties = Parties::new();
        let names: BTreeSet<&str> = parties.all().map(|p| p.party.name.as_str()).collect();
        let numbers: BTreeSet<&str> = parties.all().map(|p| p.party.tax_no.as_str()).collect();
        assert_eq!((names.len(), numbers.len()), (245, 245));
        for counterparty in parties.all() {
            let number = &counterparty.party.tax_no;
            assert_eq!(TaxNumber::typed(number.as_str()).as_ref(), Ok(number));
            assert_eq!(number.region().unwrap().code, counterparty.region);
            assert!(counterparty.party.name.contains("示例"), "{} could be a real company", counterparty.party.name);
        }
    }

    #[test]
    fn the_awkward_names_come_up() {
        let parties = Parties::new();
        let mut dice = Dice::new(1, &[]);
        let seen: BTreeSet<String> = (0..20_000).map(|_| parties.company(&mut dice).party.name.clone()).collect();
        for (_, name) in AWKWARD {
            assert!(seen.contains(name), "{name}");
        }
        assert!(AWKWARD.iter().all(|(_, name)| name.chars().count() <= 100));
    }
}
