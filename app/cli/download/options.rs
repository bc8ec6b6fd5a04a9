//! What can be typed of `download`.

use clap::Args;
use jiff::civil::Date;
use piaoxia_domain::{DateRange, Scope, TaxNumber};
use piaoxia_engine::download::Span;

use crate::cli::args::{Mistake, ScopeWord, tax_number};

/// Options of `download`.
#[derive(Debug, Args)]
pub struct Options {
    /// Tax number of the company; with `--since-last` none means every company that has an account.
    #[arg(long, value_name = "TAXNO", value_parser = tax_number, required_unless_present = "since_last")]
    pub company: Option<TaxNumber>,
    /// deductible, issued or received, separated by commas; with `--since-last` none means all three.
    #[arg(long, value_delimiter = ',', required_unless_present = "since_last")]
    pub scope: Vec<ScopeWord>,
    /// First day, yyyy-MM-dd.
    #[arg(long, value_name = "DATE", required_unless_present = "since_last", requires = "to")]
    pub from: Option<Date>,
    /// Last day, yyyy-MM-dd.
    #[arg(long, value_name = "DATE", required_unless_present = "since_last", requires = "from")]
    pub to: Option<Date>,
    /// Only what is new since the last time; with days: of these days.
    #[arg(long)]
    pub since_last: bool,
    /// Look also for what became red, void or ticked.
    #[arg(long)]
    pub refresh: bool,
    /// Without the originals (XML, OFD, PDF).
    #[arg(long)]
    pub no_originals: bool,
    /// 税控模式: by the tax disk that is plugged in.
    #[arg(long)]
    pub disk: bool,
    /// The sandbox's own disk is plugged in.
    #[arg(long)]
    pub sandbox_disk: bool,
    /// In the sandbox: its own phone signs in and answers the challenges.
    #[arg(long)]
    pub sandbox_phone: bool,
}

impl Options {
    /// By a tax disk.
    pub(super) fn by_disk(&self) -> bool {
        self.disk || self.sandbox_disk
    }

    /// The pages of the bureau. The list of what can be deducted comes after that of all received invoices: it knows more of them.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        match self.scope.is_empty() {
            true => vec![Scope::Received, Scope::Issued, Scope::Deductible],
            false => self.scope.iter().copied().map(Scope::from).collect(),
        }
    }

    /// The days.
    ///
    /// # Errors
    /// The last lies before the first.
    pub(super) fn span(&self) -> Result<Span, Mistake> {
        match (self.from, self.to) {
            (Some(from), Some(to)) => {
                let days = DateRange::new(from, to).ok_or(Mistake::RangeReversed)?;
                Ok(if self.since_last { Span::NewOf(days) } else { Span::Days(days) })
            }
            _ => Ok(Span::SinceLast),
        }
    }
}
