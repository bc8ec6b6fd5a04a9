//! Whether the file holds every page of every invoice once: noted while writing, counted anew from the file's bytes.

use std::collections::HashSet;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::content::ops::{BeginMarkedContentWithProperties, TypedInstruction, XObject};
use hayro::hayro_syntax::object::{Number, Object};
use hayro::hayro_syntax::page::Page;

/// Marks a placed page in the sheet's operators: `/PiaoxiaInvoice <</N 3 /P 0>> BDC ... EMC`.
pub(super) const TAG: &[u8] = b"PiaoxiaInvoice";

/// The placed pages: position of the invoice in the file, page of the invoice.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Proof {
    pages: HashSet<(i32, i32)>,
    invoices: i32,
}

impl Proof {
    /// Notes an invoice with so many pages and gives its position.
    pub(super) fn invoice(&mut self, pages: usize) -> i32 {
        let number = self.invoices;
        self.invoices = self.invoices.saturating_add(1);
        self.pages.extend((0..i32::try_from(pages).unwrap_or(i32::MAX)).map(|page| (number, page)));
        number
    }

    /// Invoices noted or found.
    pub(super) fn invoices(&self) -> u64 {
        u64::try_from(self.invoices).unwrap_or_default()
    }

    /// Counts what a file holds. None when it is no PDF, a page stands in it twice, or draws nothing.
    pub(super) fn read(bytes: Vec<u8>) -> Option<Self> {
        let pdf = Pdf::new(bytes).ok()?;
        let mut found = Self::default();
        for page in pdf.pages().iter() {
            found.page(page)?;
        }
        let invoices: HashSet<i32> = found.pages.iter().map(|(number, _)| *number).collect();
        found.invoices = i32::try_from(invoices.len()).ok()?;
        Some(found)
    }

    fn page(&mut self, page: &Page<'_>) -> Option<()> {
        let mut open = None;
        let mut operations = page.typed_operations();
        while let Some(operation) = operations.next() {
            match operation {
                TypedInstruction::BeginMarkedContentWithProperties(BeginMarkedContentWithProperties(tag, Object::Dict(values)))
                    if &**tag == TAG =>
                {
                    let value = |name: &[u8]| values.get::<Number>(name).and_then(|number| i32::try_from(number.as_i64()).ok());
                    open = Some((value(b"N")?, value(b"P")?));
                }
                TypedInstruction::XObject(XObject(name)) => {
                    let Some(placed) = open.take() else { continue };
                    let form = page.resources().get_x_object(name)?;
                    let draws = form.decoded().is_ok_and(|content| !content.is_empty());
                    if !draws || !self.pages.insert(placed) {
                        return None;
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    /// In what the found pages differ from the noted ones.
    pub(super) fn difference(&self, found: &Self) -> Option<String> {
        let missing = self.pages.difference(&found.pages).count();
        let strange = found.pages.difference(&self.pages).count();
        (missing + strange > 0 || self.invoices != found.invoices)
            .then(|| format!("{} invoices with {} pages were written; {missing} pages are missing", self.invoices, self.pages.len()))
    }
}
