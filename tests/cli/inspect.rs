//! `inspect`: documents from outside.

use std::fs;
use std::io::Write;

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
