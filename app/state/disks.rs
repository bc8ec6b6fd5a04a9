//! 税盘管理.

use std::collections::BTreeMap;

use piaoxia_engine::disks::{DiskFacts, DiskView, DisksView};
use piaoxia_taxdisk::{Seat, Tries};

use super::companies::Companies;

/// The tax disks, and what is typed for them.
#[derive(Clone, Debug, Default)]
pub struct Disks {
    /// How they stand.
    pub view: DisksView,
    /// The engine was asked to look.
    pub asked: bool,
    /// The disk that is shown whole; none: the first one.
    pub chosen: Option<Seat>,
    /// What is typed, by disk.
    pub typed: BTreeMap<Seat, Typed>,
    /// A try is at risk, and the user is asked whether to spend it.
    pub asking: Option<Asking>,
    /// The certificate whose details are shown.
    pub certificate: Option<Seat>,
    /// The disk whose passwords are to be forgotten, and waits for the answer.
    pub forgetting: Option<Seat>,
}

/// What is typed for a disk.
#[derive(Clone, Default)]
pub struct Typed {
    /// 证书密码.
    pub certificate: String,
    /// 税局平台密码.
    pub platform: String,
    /// 勾选确认密码.
    pub confirmation: String,
    /// 保存 was pressed: what is missing is marked.
    pub marked: bool,
}

impl Typed {
    /// Nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificate.is_empty() && self.platform.is_empty() && self.confirmation.is_empty()
    }
}

/// No password shows.
impl std::fmt::Debug for Typed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Typed").field("marked", &self.marked).finish_non_exhaustive()
    }
}

/// The question before one of the last tries is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Of which disk.
    pub seat: Seat,
    /// What the disk said is left.
    pub left: Tries,
    /// It was a sign-in with the kept password, not 保存.
    pub signing_in: bool,
}

impl Disks {
    /// The disk that is shown whole.
    #[must_use]
    pub fn current(&self) -> Option<&DiskView> {
        let chosen = self.chosen.as_ref().and_then(|seat| self.view.seats.iter().find(|disk| disk.seat == *seat && disk.facts.is_some()));
        chosen.or_else(|| self.view.disks().next().map(|(disk, _)| disk))
    }

    /// The disk of the chosen company.
    #[must_use]
    pub fn of_current<'a>(&'a self, companies: &Companies) -> Option<(&'a DiskView, &'a DiskFacts)> {
        self.view.of_company(&companies.current()?.tax_no)
    }
}
