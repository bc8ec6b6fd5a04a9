//! Writes the seed corpus of every target: `cargo run --bin seeds`, in this folder. All of it is the sandbox's own.

use libfuzzer_sys as _;
use std::error::Error;
use std::fs;
use std::io::{Cursor, Read, Write};

use jiff::civil::date;
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Region, Scope};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Parts of an OFD as `ofd_part` numbers them, by how their names end.
const PARTS: [(u8, &str); 7] = [
    (0, "OFD.xml"),
    (1, "Doc_0/Document.xml"),
    (2, "Attachments.xml"),
    (3, "original_invoice.xml"),
    (4, "CustomTags.xml"),
    (5, "CustomTag.xml"),
    (6, "Pages/Page_0/Content.xml"),
];

/// The same of the parts that `seals` numbers.
const SEALS: [(u8, &str); 5] = [(0, "OFD.xml"), (1, "Signatures.xml"), (2, "Signature.xml"), (3, "SignedValue.dat"), (4, "Seal.esl")];

/// Sheets that `workbook` begins with.
const SHEETS: [&str; 2] = [
    "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>发票号码</t></is></c></row></sheetData></worksheet>",
    "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"C3\" t=\"s\"><v>2</v></c>\
     <c r=\"B3\" t=\"s\"><v>1</v></c></row><row r=\"4\"><c r=\"A4\"><v>2.6312E+19</v></c></row></sheetData></worksheet>",
];

fn main() -> Result<(), Box<dyn Error>> {
    let today = date(2026, 9, 16);
    let bureau = Bureau::new(BureauConfig::new(3, 20_000, today));
    let maker = Originals::new(3)?;
    let dates = DateRange::new(date(2026, 1, 1), today).ok_or("no range")?;
    let company = bureau.companies().first().ok_or("no company")?.no;
    let (mut kinds, mut small) = (Vec::new(), Vec::new());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for invoice in bureau.invoices(company, &Query::all(Scope::Received, dates), today).take(5_000) {
        if kinds.contains(&invoice.kind) {
            continue;
        }
        let region = invoice.seller.tax_no.region().or_else(|| Region::from_code("3100")).ok_or("no region")?;
        for format in Originals::formats(&invoice) {
            let bytes = maker.file(&invoice, region, *format)?;
            let name = format!("{}.{}", invoice.kind, format.extension());
            archive.start_file(name.as_str(), SimpleFileOptions::default())?;
            archive.write_all(&bytes)?;
            match format {
                Format::Xml => {
                    keep("xml", &name, &bytes)?;
                    small.push((name, bytes));
                }
                Format::Ofd => {
                    keep("ofd", &name, &bytes)?;
                    parts(&name, &bytes)?;
                }
                Format::Pdf => keep("pdf", &name, &bytes)?,
            }
        }
        kinds.push(invoice.kind);
    }
    keep("archive", "all.zip", &archive.finish()?.into_inner())?;
    // Small enough to be changed as a whole.
    for (name, bytes) in &small {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for entry in ["a.xml", "文件夹/b.xml"] {
            archive.start_file(entry, SimpleFileOptions::default())?;
            archive.write_all(bytes)?;
        }
        keep("archive", &format!("{name}.zip"), &archive.finish()?.into_inner())?;
    }
    for (nth, sheet) in SHEETS.iter().enumerate() {
        keep("workbook", &format!("sheet-{nth}"), &[&[3], sheet.as_bytes()].concat())?;
    }
    for entry in fs::read_dir("../core/documents/tests/fixtures")? {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            keep("xml", name, &fs::read(&path)?)?;
        }
    }
    Ok(())
}

fn parts(name: &str, ofd: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut package = ZipArchive::new(Cursor::new(ofd))?;
    for index in 0..package.len() {
        let mut entry = package.by_index(index)?;
        let path = entry.name()?.into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        for (target, parts) in [("ofd_part", PARTS.as_slice()), ("seals", SEALS.as_slice())] {
            for (which, end) in parts.iter().filter(|(_, end)| path.ends_with(end)) {
                keep(target, &format!("{name}-{}", end.replace('/', "_")), &[&[*which], bytes.as_slice()].concat())?;
            }
        }
        if path.ends_with("Content.xml") {
            keep("page", &format!("{name}-page"), &bytes)?;
        }
        if path.ends_with(".png") {
            keep("picture", &format!("{name}-code"), &bytes)?;
        }
    }
    Ok(())
}

fn keep(target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = format!("corpus/{target}");
    fs::create_dir_all(&folder)?;
    Ok(fs::write(format!("{folder}/{name}"), bytes)?)
}
