//! OFD invoices with parts taken away, broken or changed: each place stands in for the one before it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_documents::{Check, Document, Field, OfdFault, OfdPackage, Outcome, PartName, Refused, Source, Warning, read, verdicts};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Invoice, InvoiceLine, Region, Scope};
use support::mutator::{Entries, packed, unpacked};
use support::{Dice, with};

const TODAY: Date = date(2026, 9, 16);

/// One OFD of every kind, with its invoice.
fn originals() -> Vec<(Invoice, Entries)> {
    let bureau = Bureau::new(BureauConfig::new(21, 40_000, TODAY));
    let maker = Originals::new(21).unwrap();
    let dates = DateRange::new(date(2025, 1, 1), TODAY).unwrap();
    let mut kinds = BTreeSet::new();
    let mut all = Vec::new();
    for company in bureau.sandbox_companies() {
        for invoice in bureau.invoices(company.no, &Query::all(Scope::Received, dates), TODAY).take(4_000) {
            // A red one and a blue one of each.
            if Originals::formats(&invoice).contains(&Format::Ofd) && kinds.insert((invoice.kind.clone(), invoice.is_blue())) {
                let region = invoice.seller.tax_no.region().unwrap_or_else(|| Region::from_code("3100").unwrap());
                let bytes = maker.file(&invoice, region, Format::Ofd).unwrap();
                all.push((invoice, unpacked(&bytes)));
            }
        }
    }
    assert!(all.len() >= 10);
    all
}

fn zipped(entries: &Entries) -> Vec<u8> {
    packed(entries, &mut Dice::new(0))
}

fn document(entries: &Entries) -> Document {
    read("x.ofd", &zipped(entries)).unwrap_or_else(|refused| panic!("{refused}"))
}

fn outcome(document: &Document, check: Check) -> Outcome {
    verdicts(document).into_iter().find(|verdict| verdict.check == check).unwrap().result
}

fn part<'e>(entries: &'e mut Entries, end: &str) -> &'e mut Vec<u8> {
    &mut entries.iter_mut().find(|(name, _)| name.ends_with(end)).unwrap_or_else(|| panic!("no {end}")).1
}

fn edit(entries: &mut Entries, end: &str, from: &str, to: &str) {
    let bytes = part(entries, end);
    *bytes = with(std::str::from_utf8(bytes).unwrap(), from, to).into_bytes();
}

fn remove(entries: &mut Entries, end: &str) {
    let before = entries.len();
    entries.retain(|(name, _)| !name.ends_with(end));
    assert!(entries.len() < before, "no {end}");
}

/// As printing leaves it: without white space.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn same_facts(read: &Invoice, invoice: &Invoice) {
    let key = invoice.key.to_string();
    assert_eq!((&read.key, read.issued_on()), (&invoice.key, invoice.issued_on()));
    assert_eq!([read.net, read.tax, read.gross], [invoice.net, invoice.tax, invoice.gross], "{key}");
    for (read, stated) in [(&read.seller, &invoice.seller), (&read.buyer, &invoice.buyer)] {
        assert_eq!((squeezed(&read.name), &read.tax_no), (squeezed(&stated.name), &stated.tax_no), "{key}");
    }
    assert_eq!(squeezed(&read.drawer), squeezed(&invoice.drawer), "{key}");
}

#[test]
fn tags_and_key_fields_stand_in_for_the_attachment() {
    for (invoice, mut entries) in originals() {
        remove(&mut entries, "original_invoice.xml");
        let read = document(&entries);
        same_facts(&read.invoice, &invoice);
        let source = |field| read.sources[&field];
        assert_eq!(
            (source(Field::Number), source(Field::Lines), source(Field::Drawer)),
            (Source::CustomData, Source::CustomTag, Source::CustomTag)
        );
        let cells = |line: &InvoiceLine| (squeezed(&line.name), line.net, line.tax, line.rate.clone());
        let lines: Vec<_> = read.invoice.lines.iter().map(cells).collect();
        assert_eq!(lines, invoice.lines.iter().map(cells).collect::<Vec<_>>(), "{}", invoice.key);
        assert_eq!(read.invoice.check_code, if invoice.key.code().is_some() { invoice.check_code.clone() } else { String::new() });
        assert_eq!(outcome(&read, Check::SourcesAgree), Outcome::Pass);
    }
}

/// What writers do to the list of attachments, and where they put the file.
#[test]
fn an_attachment_that_the_list_does_not_name_is_found() {
    type Edit = fn(&mut Entries);
    let moved = |entries: &mut Entries, to: &str| {
        let (name, _) = entries.iter_mut().find(|(name, _)| name.ends_with("original_invoice.xml")).unwrap();
        *name = to.to_owned();
    };
    let edits: [(&str, Edit); 6] = [
        ("no list", |entries| remove(entries, "Attachs/Attachments.xml")),
        ("an empty list", |entries| *part(entries, "Attachs/Attachments.xml") = b"<ofd:Attachments xmlns:ofd=\"a\"/>".to_vec()),
        ("a broken list", |entries| *part(entries, "Attachs/Attachments.xml") = b"<ofd:Attachments><ofd:Attach".to_vec()),
        ("a link that is misspelt", |entries| edit(entries, "Doc_0/Document.xml", "Attachs/Attachments.xml", "Attachs/Attachment.xml")),
        ("a file name that is misspelt", |entries| {
            edit(entries, "Attachs/Attachments.xml", "original_invoice.xml", "original-invoice.xml")
        }),
        ("a path that leads out", |entries| {
            edit(entries, "Attachs/Attachments.xml", "original_invoice.xml", "../../../original_invoice.xml")
        }),
    ];
    for (invoice, sound) in originals() {
        let whole = document(&sound);
        for (what, edit) in edits {
            for name in ["Doc_0/Attachs/original_invoice.xml", "Doc_0/Res/Original_Invoice.XML", "attach/1.dat"] {
                let mut entries = sound.clone();
                edit(&mut entries);
                moved(&mut entries, name);
                let read = document(&entries);
                assert_eq!(
                    (&read.invoice, &read.sources, &read.warnings),
                    (&whole.invoice, &whole.sources, &whole.warnings),
                    "{what}: {name}"
                );
                assert_eq!(read.sources[&Field::Number], Source::Attachment, "{what}: {name}: {}", invoice.key);
            }
        }
    }
    let (_, mut entries) = originals().swap_remove(0);
    remove(&mut entries, "original_invoice.xml");
    remove(&mut entries, "Attachs/Attachments.xml");
    entries.push(("Doc_0/Res/rai_issuer.xbrl".to_owned(), include_bytes!("fixtures/voucher-railway.xml").to_vec()));
    let read = document(&entries);
    assert_eq!((read.sources[&Field::Number], read.invoice.kind.code()), (Source::Attachment, "51"));
}

/// A file that is lost is told of; what only looks like the issuer's data is not taken for it.
#[test]
fn an_attachment_that_is_not_there_is_told_of() {
    for (_, mut entries) in originals() {
        edit(&mut entries, "Attachs/Attachments.xml", "original_invoice.xml", "lost.xml");
        remove(&mut entries, "original_invoice.xml");
        assert!(document(&entries).warnings.contains(&Warning::AttachmentUnread { name: "original_invoice".to_owned() }));
        entries.push(("Doc_0/Res/original_invoice.xml".to_owned(), b"<eInvoice><InvoiceNo>".to_vec()));
        assert!(document(&entries).warnings.contains(&Warning::AttachmentUnread { name: "original_invoice.xml".to_owned() }));
    }
}

#[test]
fn the_page_stands_in_for_everything() {
    for (invoice, mut entries) in originals() {
        for end in ["original_invoice.xml", "CustomTags.xml"] {
            remove(&mut entries, end);
        }
        let main = String::from_utf8(part(&mut entries, "OFD.xml").clone()).unwrap();
        *part(&mut entries, "OFD.xml") =
            main.replace("ofd:CustomData ", "ofd:Other ").replace("ofd:CustomData>", "ofd:Other>").into_bytes();
        let read = document(&entries);
        assert!(
            read.sources.iter().all(|(field, source)| matches!(source, Source::Layout | Source::Qr) || *field == Field::Kind),
            "{:?}",
            read.sources
        );
        let (read, stated) = (&read.invoice, &invoice);
        assert_eq!((&read.key, read.issued_on()), (&stated.key, stated.issued_on()));
        assert_eq!([read.net, read.tax, read.gross], [stated.net, stated.tax, stated.gross], "{}", stated.key);
        assert_eq!((&read.seller.tax_no, &read.buyer.tax_no), (&stated.seller.tax_no, &stated.buyer.tax_no), "{}", stated.key);
        // A long name goes over two rows, of which the place tells the first.
        for (read, stated) in [(&read.seller.name, &stated.seller.name), (&read.buyer.name, &stated.buyer.name)] {
            assert!(!read.is_empty() && squeezed(stated).starts_with(&squeezed(read)), "{read} {stated}");
        }
    }
}

#[test]
fn a_changed_amount_is_noticed_wherever_it_is() {
    let (invoice, sound) = originals().into_iter().find(|(invoice, _)| invoice.kind.code() == "81").unwrap();
    let (gross, forged) = (format!(">{}<", invoice.gross), ">99999.99<".to_owned());
    let attached = (Source::Attachment, invoice.gross.to_string());
    for (end, kept, other) in [
        ("Page_0/Content.xml", attached.clone(), (Source::CustomTag, "99999.99".to_owned())),
        ("original_invoice.xml", (Source::Attachment, "99999.99".to_owned()), (Source::CustomTag, attached.1.clone())),
    ] {
        let mut entries = sound.clone();
        edit(&mut entries, end, &gross, &forged);
        let read = document(&entries);
        assert_eq!(read.warnings, [Warning::SourcesDiffer { field: Field::Gross, kept, other }], "{end}");
        assert_eq!(outcome(&read, Check::SourcesAgree), Outcome::Fail);
    }
    let mut entries = sound;
    edit(&mut entries, "OFD.xml", &format!(">{}<", invoice.net), ">1.00<");
    assert!(matches!(&document(&entries).warnings[..], [Warning::SourcesDiffer { field: Field::Net, .. }]));
}

#[test]
fn broken_links_are_survived_and_case_does_not_count() {
    for (invoice, sound) in originals() {
        let mut entries = sound.clone();
        for end in ["Page_0/Content.xml", "Tpl_0/Content.xml", "PublicRes.xml"] {
            remove(&mut entries, end);
        }
        same_facts(&document(&entries).invoice, &invoice);
        let mut odd = sound;
        for (name, _) in &mut odd {
            *name = format!("./{}", name.to_uppercase().replace('/', "\\"));
        }
        let read = document(&odd);
        same_facts(&read.invoice, &invoice);
        assert_eq!(outcome(&read, Check::SourcesAgree), Outcome::Pass);
    }
}

#[test]
fn an_ofd_without_a_document_says_what_is_missing() {
    let (_, sound) = originals().swap_remove(0);
    let mut entries = sound.clone();
    remove(&mut entries, "Doc_0/Document.xml");
    let missing = |part: &str| Refused::Ofd(OfdFault::MissingPart { part: part.to_owned() });
    assert_eq!(read("x.ofd", &zipped(&entries)), Err(missing("Doc_0/Document.xml")));
    let mut entries = sound.clone();
    edit(&mut entries, "OFD.xml", "Doc_0/Document.xml", "../../etc/passwd");
    assert_eq!(read("x.ofd", &zipped(&entries)), Err(Refused::Ofd(OfdFault::BadPath { path: "../../etc/passwd".to_owned() })));
    let mut entries = sound;
    edit(&mut entries, "OFD.xml", "<ofd:DocRoot>", "<ofd:DocRoo>");
    assert!(matches!(read("x.ofd", &zipped(&entries)), Err(Refused::NotWellFormed { .. })));
}

#[test]
fn further_documents_in_an_ofd_are_told() {
    let (invoice, mut entries) = originals().into_iter().find(|(invoice, _)| invoice.kind.code() == "81").unwrap();
    // What another invoice says of itself is said of nothing in the first.
    let second = "<ofd:DocBody><ofd:DocInfo><ofd:CustomDatas><ofd:CustomData Name=\"发票号码\">26312000000000000099</ofd:CustomData>\
         </ofd:CustomDatas></ofd:DocInfo><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>";
    edit(&mut entries, "OFD.xml", "</ofd:OFD>", &format!("{second}</ofd:OFD>"));
    let read = document(&entries);
    same_facts(&read.invoice, &invoice);
    assert_eq!(read.warnings, [Warning::OtherDocuments { count: 1 }]);
}

/// What the seals' check and the preview stand on.
#[test]
fn a_package_gives_its_parts() {
    let (_, sound) = originals().swap_remove(0);
    let bytes = zipped(&sound);
    let package = OfdPackage::open(&bytes).unwrap();
    let names: Vec<&str> = package.parts().map(PartName::as_str).collect();
    assert_eq!(names, sound.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    for (name, content) in &sound {
        let name = package.resolve(&PartName::root(), &format!("/{name}")).unwrap();
        assert_eq!(package.part(&name).unwrap().as_ref(), content);
    }
    let signature = package.resolve(&PartName::main(), "Doc_0/Signs/Sign_0/Signature.xml").unwrap();
    let value = package.resolve(&signature, "SignedValue.dat").unwrap();
    assert_eq!((value.as_str(), value.file_name()), ("Doc_0/Signs/Sign_0/SignedValue.dat", "SignedValue.dat"));
}

#[test]
fn goods_lines_are_read_from_the_page_where_no_other_place_has_them() {
    let mut read_some = 0;
    for (invoice, mut entries) in originals() {
        remove(&mut entries, "original_invoice.xml");
        if let Some((_, tags)) = entries.iter_mut().find(|(name, _)| name.ends_with("CustomTags.xml")) {
            *tags = b"<CustomTags/>".to_vec();
        }
        let Ok(document) = read("x.ofd", &zipped(&entries)) else { continue };
        // Lines that the page does not print whole are left out, and never guessed.
        if document.invoice.lines.is_empty() {
            continue;
        }
        assert_eq!(document.sources[&Field::Lines], Source::Layout);
        let net = |lines: &[InvoiceLine]| lines.iter().map(|line| line.net.fen()).sum::<i64>();
        assert_eq!(net(&document.invoice.lines), net(&invoice.lines));
        read_some += 1;
    }
    assert!(read_some >= 3, "{read_some}");
}
