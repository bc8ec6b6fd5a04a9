//! `inspect`: documents from outside.

use std::fs;
use std::io::{Cursor, Read, Write};

use jiff::civil::date;
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Scope};

use crate::papers::papers;
use crate::run::{Place, text};

#[test]
fn a_good_file_tells_all_its_fields() {
    let place = Place::new();
    let paper = &papers()[0];
    let file = place.path("发票.xml");
    fs::write(&file, &paper.xml).unwrap();
    let run = place.run(&["inspect", "--json", &text(&file)]).ends(0);
    let [found] = run.objects().try_into().expect("one object");
    let mut fields: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let promised = [
        "buyer",
        "code",
        "file",
        "format",
        "gross",
        "issued_on",
        "kind",
        "lines",
        "net",
        "number",
        "seller",
        "sources",
        "tax",
        "verdicts",
        "warnings",
    ];
    assert_eq!(fields, promised);
    let invoice = &paper.invoice;
    assert_eq!(found["file"], text(&file));
    assert_eq!(found["format"], "xml");
    assert_eq!(found["number"], invoice.key.number());
    assert_eq!(found["issued_on"], invoice.issued_on().to_string());
    assert_eq!(found["seller"]["tax_no"], invoice.seller.tax_no.as_str());
    assert_eq!(found["buyer"]["name"], invoice.buyer.name);
    assert_eq!(found["gross"], invoice.gross.to_string());
    assert_eq!(found["lines"].as_array().unwrap().len(), invoice.lines.len());
    for verdict in found["verdicts"].as_array().unwrap() {
        assert_ne!(verdict["result"], "fail", "{verdict}");
        assert!(verdict["reason"].as_str().is_some_and(|reason| !reason.contains('{')), "{verdict}");
    }
    assert!(!place.path("Data").exists() && !place.path("XDG_DATA_HOME").exists(), "it needs no data folder");
}

#[test]
fn a_person_reads_a_block_with_marks() {
    let place = Place::new();
    let paper = &papers()[1];
    fs::write(place.path("a.xml"), &paper.xml).unwrap();
    let run = place.run(&["inspect", "a.xml"]).ends(0);
    for part in [paper.invoice.key.number(), &paper.invoice.seller.name, &paper.invoice.gross.grouped(), "✓", "开票日期"] {
        assert!(run.out.contains(part), "{part} in {}", run.out);
    }
}

#[test]
fn what_cannot_be_read_is_refused_one_by_one() {
    let place = Place::new();
    fs::write(place.path("good.xml"), &papers()[2].xml).unwrap();
    fs::write(place.path("notes.txt"), "not an invoice").unwrap();
    let mut archive = zip::ZipWriter::new(fs::File::create(place.path("two.zip")).unwrap());
    for (name, bytes) in [("in.xml", papers()[3].xml.as_slice()), ("bad.xml", b"<a>")] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    let run = place.run(&["inspect", "--json", "good.xml", "notes.txt", "two.zip", "gone.xml", "."]).ends(1);
    let found = run.objects();
    let told: Vec<(&str, bool)> = found.iter().map(|one| (one["file"].as_str().unwrap(), one["refused"].is_string())).collect();
    let expected =
        [("good.xml", false), ("notes.txt", true), ("two.zip/in.xml", false), ("two.zip/bad.xml", true), ("gone.xml", true), (".", true)];
    assert_eq!(told, expected);
    for refused in found.iter().filter(|one| one["refused"].is_string()) {
        assert_eq!(refused.as_object().unwrap().len(), 2, "{refused}");
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_and_stops_nothing() {
    let place = Place::new();
    fs::write(place.path("a.xml"), &papers()[1].xml).unwrap();
    fs::create_dir_all(place.path("Data/trust")).unwrap();
    fs::write(place.path("Data/trust/root.cer"), "not a certificate").unwrap();
    let run = place.on_data(&["inspect", "a.xml"]).ends(0);
    assert!(run.err.contains("root.cer"), "{}", run.err);
    assert!(run.out.contains(papers()[1].invoice.key.number()));
    assert_eq!(fs::read_dir(place.path("Data")).unwrap().count(), 1, "nothing was made there");
}

/// A sealed OFD of the simulated bureau, left without everything that says that it is an invoice.
fn sealed_notice() -> Vec<u8> {
    let today = date(2026, 6, 1);
    let bureau = Bureau::new(BureauConfig::new(5, 400, today));
    let originals = Originals::new(5).unwrap();
    let dates = DateRange::new(date(2026, 3, 1), date(2026, 5, 31)).unwrap();
    let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
    let mut all = bureau.invoices(bureau.companies()[0].no, &query, today);
    let invoice = all.find(|invoice| Originals::formats(invoice).contains(&Format::Ofd)).unwrap();
    let ofd = originals.file(&invoice, invoice.seller.tax_no.region().unwrap(), Format::Ofd).unwrap();
    let mut from = zip::ZipArchive::new(Cursor::new(ofd)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if name == "OFD.xml" {
            bytes = String::from_utf8(bytes).unwrap().replace("CustomData", "Other").into_bytes();
        }
        if !name.contains("/Attachs/") && !name.contains("/Tags/") && !name.contains("/Pages/") && !name.contains("/Tpls/") {
            to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            to.write_all(&bytes).unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn who_sealed_a_file_that_is_no_invoice_is_told_all_the_same() {
    let place = Place::new();
    fs::write(place.path("notice.ofd"), sealed_notice()).unwrap();
    let run = place.run(&["inspect", "--json", "notice.ofd"]).ends(1);
    let [found] = run.objects().try_into().expect("one object");
    assert!(found["refused"].is_string(), "{found}");
    let seal = &found["seals"][0];
    assert_eq!(seal["form"], "seal");
    for field in ["name", "maker", "signer", "issuer", "signed_at"] {
        assert!(seal[field].as_str().is_some_and(|text| !text.is_empty()), "{field} in {seal}");
    }
    let result = |check: &str| found["verdicts"].as_array().unwrap().iter().find(|one| one["check"] == check).unwrap()["result"].clone();
    assert_eq!((result("signature"), result("seal_signature"), result("seal_digests")), ("fail".into(), "pass".into(), "fail".into()));
    let told = place.run(&["inspect", "notice.ofd"]).ends(1);
    for part in [seal["name"].as_str().unwrap(), seal["maker"].as_str().unwrap(), seal["signer"].as_str().unwrap(), "✓", "✗"] {
        assert!(told.out.contains(part), "{part} in {}", told.out);
    }
}
