//! The invoices one after the other, with their sums, progress and cancellation.

use piaoxia_domain::{Invoice, Status, Totals};

use crate::error::ExportError;
use crate::source::{Progress, Source};

/// The most invoices between two looks at the cancel button.
const STRIDE: u64 = 100;

/// Sums over a selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Counts and amounts.
    pub totals: Totals,
    /// 作废 invoices among them.
    pub voided: u64,
}

impl Sums {
    fn add(&mut self, invoice: &Invoice) {
        self.totals.add(invoice);
        self.voided += u64::from(invoice.status == Status::Void);
    }
}

/// A selection that holds at least one invoice.
pub(crate) struct Feed<'a> {
    source: &'a mut dyn Source,
    /// Read before anything is written, so that an empty selection touches no file.
    first: Vec<Invoice>,
    steps: Steps<'a>,
}

impl<'a> Feed<'a> {
    pub(crate) fn open(source: &'a mut dyn Source, progress: &'a dyn Progress, expected: u64) -> Result<Self, ExportError> {
        let steps = Steps { progress, written: 0, expected };
        steps.check(0)?;
        while let Some(page) = source.next_page()? {
            if !page.is_empty() {
                return Ok(Self { source, first: page, steps });
            }
        }
        Err(ExportError::Empty)
    }

    /// Visits every invoice. Returns their sums and what counts the steps of reading back.
    pub(crate) fn each(
        self,
        visit: &mut dyn FnMut(&Invoice, &mut dyn Source) -> Result<(), ExportError>,
    ) -> Result<(Sums, Steps<'a>), ExportError> {
        let Self { source, first, mut steps } = self;
        let mut sums = Sums::default();
        let mut page = Some(first);
        while let Some(invoices) = page {
            for invoice in &invoices {
                steps.check(sums.totals.invoices)?;
                visit(invoice, source)?;
                sums.add(invoice);
            }
            page = source.next_page()?;
        }
        steps.written = sums.totals.invoices;
        steps.expected = sums.totals.invoices;
        Ok((sums, steps))
    }
}

/// Counts invoices, first written, then read back.
pub(crate) struct Steps<'a> {
    progress: &'a dyn Progress,
    written: u64,
    expected: u64,
}

impl Steps<'_> {
    /// Of work that nobody watches.
    pub(crate) fn unseen() -> Steps<'static> {
        Steps { progress: &|_, _| true, written: 0, expected: 0 }
    }

    /// To be called for every invoice of a pass, the `done`th; looks at the cancel button now and then.
    pub(crate) fn check(&self, done: u64) -> Result<(), ExportError> {
        if done.is_multiple_of(STRIDE) { self.tell(done) } else { Ok(()) }
    }

    /// To be called for work that the count of invoices does not show.
    pub(crate) fn check_aside(&self, count: u64) -> Result<(), ExportError> {
        if count.is_multiple_of(STRIDE) { self.tell(self.expected) } else { Ok(()) }
    }

    fn tell(&self, done: u64) -> Result<(), ExportError> {
        let done = self.written.saturating_add(done);
        let total = self.expected.saturating_mul(2).max(done);
        if self.progress.step(done, total) { Ok(()) } else { Err(ExportError::Cancelled) }
    }

    /// Everything is in place: tells so, and no longer takes a no for an answer.
    pub(crate) fn finished(&self) {
        let total = self.expected.saturating_mul(2);
        let _too_late_to_cancel = self.progress.step(total, total);
    }
}
