//! Reading 数电 XML: a folder of files into full records.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::civil::date;
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Money, Scope};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{peer_file, works};
use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub const READ_XML: Row = Row {
    name: "read_xml",
    count: 10_000,
    tiny: 20,
    prepare,
    ours,
    peers: &[
        Peer::Program { name: "pugixml", command: pugixml },
        Peer::Library { name: "quick-xml", work: quick_xml },
        Peer::Program { name: "lxml", command: lxml },
    ],
    ..PLAIN
};

/// Invoices with an XML of the first company of a simulated bureau.
fn prepare(task: &Task) -> Result<()> {
    let today = date(2026, 6, 1);
    let bureau = Bureau::new(BureauConfig::new(5, 3 * task.count + 400, today));
    let originals = Originals::new(5)?;
    let dates = DateRange::new(date(2025, 1, 1), date(2026, 5, 31)).context("no range")?;
    let company = bureau.companies().first().context("no company")?;
    let mut written = 0;
    for scope in [Scope::Received, Scope::Issued] {
        let query = Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        let with_xml = bureau.invoices(company.no, &query, today).filter(|invoice| Originals::formats(invoice).contains(&Format::Xml));
        for invoice in with_xml {
            if written == task.count {
                return Ok(());
            }
            let Some(region) = invoice.seller.tax_no.region() else { continue };
            let file = task.input.join(Originals::file_name(&invoice, Format::Xml));
            fs::write(file, originals.file(&invoice, region, Format::Xml)?)?;
            written += 1;
        }
    }
    anyhow::bail!("the bureau has only {written} invoices with an XML")
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// Count of invoices and lines, and the sum of 价税合计 in 分.
fn result(invoices: usize, lines: usize, gross: i64) -> String {
    format!("{invoices} invoices, {lines} lines, {gross}")
}

fn ours(task: &Task, _meter: &mut Meter) -> Result<String> {
    let (mut count, mut lines, mut gross) = (0, 0, Money::ZERO);
    for file in files(&task.input)? {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let document = piaoxia_documents::read(name, &fs::read(&file)?).map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
        count += 1;
        lines += document.invoice.lines.len();
        gross += document.invoice.gross;
    }
    Ok(result(count, lines, gross.fen()))
}

/// The events of a file, all texts kept under the names of their elements: what a record needs at the least.
fn quick_xml(task: &Task, _meter: &mut Meter) -> Result<String> {
    let (mut count, mut lines, mut gross) = (0, 0, 0);
    for file in files(&task.input)? {
        let bytes = fs::read(&file)?;
        let mut reader = Reader::from_reader(bytes.as_slice());
        let (mut texts, mut open): (Vec<(String, String)>, Vec<String>) = (Vec::new(), Vec::new());
        let mut text = String::new();
        loop {
            match reader.read_event()? {
                Event::Start(start) => {
                    let name = start.name().as_ref().to_owned();
                    lines += usize::from(name == "IssuItemInformation");
                    open.push(name);
                    text.clear();
                }
                Event::Text(part) => text.push_str(&part),
                Event::End(_) => {
                    let name = open.pop().context("an end without a start")?;
                    if !text.trim().is_empty() {
                        texts.push((name, std::mem::take(&mut text)));
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let stated = texts.iter().find(|(name, _)| name == "TotalTax-includedAmount").context("no amount")?;
        gross += stated.1.parse::<Money>()?.fen();
        count += 1;
    }
    Ok(result(count, lines, gross))
}

/// Compiled in the input's folder when it is not there yet.
fn pugixml(task: &Task) -> Result<Option<Vec<String>>> {
    let built = task.input.with_file_name("pugixml");
    let (source, target) = (peer_file("pugixml.cpp"), built.display().to_string());
    if !built.exists() && !works(&["c++", "-O2", "-o", &target, &source, "-lpugixml"]) {
        return Ok(None);
    }
    Ok(Some(vec![target, task.input.display().to_string()]))
}

fn lxml(task: &Task) -> Result<Option<Vec<String>>> {
    let there = works(&["/usr/bin/python3", "-c", "import lxml.etree"]);
    Ok(there.then(|| vec!["/usr/bin/python3".to_owned(), peer_file("lxml_read.py"), task.input.display().to_string()]))
}
