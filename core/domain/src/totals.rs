//! Counts and sums: what is asked before a download and compared after it.

use serde::{Deserialize, Serialize};

use crate::invoice::Invoice;
use crate::money::Money;

/// Number of invoices and their sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Totals {
    /// 张数.
    pub invoices: u64,
    /// 金额.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub net: Money,
    /// 税额.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub tax: Money,
    /// 价税合计.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub gross: Money,
}

impl Totals {
    /// Counts one more invoice.
    pub fn add(&mut self, invoice: &Invoice) {
        self.merge(&Self { invoices: 1, net: invoice.net, tax: invoice.tax, gross: invoice.gross });
    }

    /// Adds other totals.
    pub fn merge(&mut self, other: &Self) {
        self.invoices = self.invoices.saturating_add(other.invoices);
        self.net += other.net;
        self.tax += other.tax;
        self.gross += other.gross;
    }
}

impl<'a> FromIterator<&'a Invoice> for Totals {
    fn from_iter<I: IntoIterator<Item = &'a Invoice>>(invoices: I) -> Self {
        let mut totals = Self::default();
        for invoice in invoices {
            totals.add(invoice);
        }
        totals
    }
}
