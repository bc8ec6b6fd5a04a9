//! Companies, and which one is chosen.

use piaoxia_engine::CompanyRef;
use piaoxia_service::contract::{Company, Notice};
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
    /// Outage notices.
    pub notices: Vec<Notice>,
}

impl Companies {
    /// The company with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Company> {
        self.list.value()?.iter().find(|company| company.id == id)
    }

    /// The chosen company, or the first.
    #[must_use]
    pub fn current(&self) -> Option<&Company> {
        self.chosen.as_deref().and_then(|id| self.get(id)).or_else(|| self.list.value()?.first())
    }

    /// The chosen company as tasks name it.
    #[must_use]
    pub fn current_ref(&self) -> Option<CompanyRef> {
        self.current().map(|company| CompanyRef { id: company.id.clone(), tax_no: company.tax_no.clone(), name: company.name.clone() })
    }
}
