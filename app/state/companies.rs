//! Companies, and which one is chosen.

use piaoxia_engine::CompanyRef;
use piaoxia_service::contract::{Company, Notice, NoticeKind};
use piaoxia_widgets::big_table::TableState;

use crate::loadable::Loadable;

/// Companies, and which one is chosen.
#[derive(Clone, Debug, Default)]
pub struct Companies {
    /// The list.
    pub list: Loadable<Vec<Company>>,
    /// Search on the companies page.
    pub search: String,
    /// Company id chosen at the top left of the download page; the first one until then.
    pub chosen: Option<String>,
    /// How many companies the last activation brought; 0 once the message was seen.
    pub brought: usize,
    /// What the table remembers.
    pub table: TableState,
    /// Notices of outages.
    pub notices: Vec<Notice>,
    /// Of those, the ones that were closed.
    pub closed_notices: Vec<Notice>,
    /// All notices are shown, not only the first.
    pub all_notices: bool,
}

impl Companies {
    /// The company with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Company> {
        self.list.value()?.iter().find(|company| company.id == id)
    }

    /// The notices that concern these companies and were not closed, the worst first.
    #[must_use]
    pub fn open_notices(&self) -> Vec<&Notice> {
        let concerns = |notice: &&Notice| {
            let everywhere = notice.region.is_empty() || self.list.value().is_none();
            everywhere || self.list.value().into_iter().flatten().any(|company| company.region == notice.region)
        };
        let mut open: Vec<&Notice> = self.notices.iter().filter(concerns).filter(|notice| !self.closed_notices.contains(notice)).collect();
        open.sort_by_key(|notice| match notice.kind {
            NoticeKind::Fault => 0,
            NoticeKind::Maintenance => 1,
            NoticeKind::Unknown => 2,
            NoticeKind::Recovered => 3,
        });
        open
    }

    /// The chosen company, or the first.
    #[must_use]
    pub fn current(&self) -> Option<&Company> {
        self.chosen.as_deref().and_then(|id| self.get(id)).or_else(|| self.list.value()?.first())
    }

    /// The chosen company as tasks name it.
    #[must_use]
    pub fn current_ref(&self) -> Option<CompanyRef> {
        self.current().map(CompanyRef::from)
    }
}
