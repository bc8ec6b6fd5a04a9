//! Reading 数电 XML: a folder of files into full records.

use std::fs;

use anyhow::{Context, Result};
use piaoxia_domain::Money;
use piaoxia_domain::invoice::Format;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::papers::{files, write_originals};
use super::{PYTHON, peer_file, works};
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
    write_originals(task, Format::Xml)
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
    let there = works(&[PYTHON, "-c", "import lxml.etree"]);
    Ok(there.then(|| vec![PYTHON.to_owned(), peer_file("lxml_read.py"), task.input.display().to_string()]))
}
