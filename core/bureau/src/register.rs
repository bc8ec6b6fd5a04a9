//! The register of companies (税务登记): fictional, over many regions.

mod entries;

use piaoxia_domain::TaxNumber;
use piaoxia_domain::invoice::Party;

use crate::generate::Trade;
use crate::tax_numbers::credit_code;
use entries::{ENTRIES, Entry};

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
    /// The company that this one is a branch (分支机构) of.
    pub branch_of: Option<CompanyNo>,
    pub(crate) trade: Trade,
}

/// The sandbox's company that has not moved to 数电 yet.
const DISK_COMPANY: CompanyNo = CompanyNo(1);

/// How many companies at the front of the register belong to the sandbox's user.
pub(crate) const SANDBOX_COMPANIES: usize = 3;

impl Company {
    /// Still signs in by a tax disk (税控); all others have moved to 数电.
    #[must_use]
    pub fn uses_disk(&self) -> bool {
        self.no == DISK_COMPANY
    }

    /// What an invoice says of it.
    pub(crate) fn party(&self) -> Party {
        Party { name: self.name.clone(), tax_no: self.tax_no.clone(), contact: self.contact.clone(), bank: self.bank.clone() }
    }
}

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
        bank: format!("示例银行{}支行 6200000000{:08}", entry.address.split('市').next().unwrap_or_default(), 1000 + place),
        branch_of: entry.branch_of.map(CompanyNo),
        trade: entry.trade,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use piaoxia_domain::Region;

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
        assert_eq!((all[0].taxpayer, all[2].taxpayer), (Taxpayer::General, Taxpayer::Small));
    }

    #[test]
    fn every_region_has_a_company_and_branches_belong_to_companies() {
        let all = companies();
        assert!(Region::all().iter().all(|region| all.iter().any(|company| company.region == region.code)));
        let branches: Vec<_> = all.iter().filter_map(|company| Some((company, company.branch_of?))).collect();
        for (branch, head) in &branches {
            let head = &all[usize::from(head.0)];
            assert!(head.branch_of.is_none() && branch.name.starts_with(&head.name), "{}", branch.name);
        }
        let mut heads: Vec<u16> = branches.iter().map(|(_, head)| head.0).collect();
        heads.dedup();
        assert_eq!(heads, [0, 3, 4]);
    }
}
