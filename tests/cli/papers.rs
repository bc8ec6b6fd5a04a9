//! Invoices and their XML, made by the simulated bureau.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::date;
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Invoice, Scope, Totals};

/// An invoice and its XML.
pub struct Paper {
    pub invoice: Invoice,
    pub name: String,
    pub xml: Vec<u8>,
}

/// Received invoices of the first company with their XML, always the same.
pub fn papers() -> &'static [Paper] {
    static PAPERS: OnceLock<Vec<Paper>> = OnceLock::new();
    PAPERS.get_or_init(|| {
        let today = date(2026, 6, 1);
        let bureau = Bureau::new(BureauConfig::new(5, 400, today));
        let originals = Originals::new(5).unwrap();
        let dates = DateRange::new(date(2026, 3, 1), date(2026, 5, 31)).unwrap();
        let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        let company = &bureau.companies()[0];
        let all = bureau.invoices(company.no, &query, today).filter(|invoice| Originals::formats(invoice).contains(&Format::Xml));
        let made = all.take(25).map(|invoice| {
            let region = invoice.seller.tax_no.region().unwrap();
            let xml = originals.file(&invoice, region, Format::Xml).unwrap();
            Paper { name: Originals::file_name(&invoice, Format::Xml), xml, invoice }
        });
        let made: Vec<Paper> = made.collect();
        assert!(made.len() > 10);
        made
    })
}

pub fn totals() -> Totals {
    papers().iter().map(|paper| &paper.invoice).collect()
}

pub fn write_all(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for paper in papers() {
        fs::write(folder.join(&paper.name), &paper.xml).unwrap();
    }
}
