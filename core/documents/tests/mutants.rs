//! Distorted OFD, XML and ZIP by the thousand, and bombs by name: nothing panics, nothing takes much memory.
//! 10,000 in one run together with the PDF files and workbooks of the other suites; `PIAOXIA_MUTANTS=100000` makes as many of each kind.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use jiff::civil::{Date, date};
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_documents::{Inspection, Reason, Refused, Warning, Words, read_all};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Invoice, Region, Scope};
use support::allocations::{Counting, peak};
use support::mutator::{Entries, count, damage, distort, packed, rearrange, revalue, unpacked};
use support::workbook::{BASE, SUMMARY, base, book, goods, row, sheet};
use support::{Dice, PERSON, RED, SPECIAL, with, zip};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What reading one file may take beside the file itself.
const MOST: usize = 64 * 1024 * 1024;
const TODAY: Date = date(2026, 9, 16);

/// Seconds of processor time that reading one file may take; a build without optimisation takes several times as long.
const LONGEST: f64 = if cfg!(debug_assertions) { 10.0 } else { 2.0 };

/// Processor time of this thread so far, seconds; none where the system does not say. A clock on the wall would count what
/// else the machine does.
fn worked() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

/// Memory is counted for the whole process, so one test runs at a time.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Nothing;

impl Words for Nothing {
    fn refused(&self, _: &Refused) -> String {
        String::new()
    }

    fn warning(&self, _: &Warning) -> String {
        String::new()
    }

    fn reason(&self, _: piaoxia_documents::Check, _: &Reason) -> String {
        String::new()
    }
}

/// Originals of the sandbox in a format, one of each kind.
fn originals(format: Format) -> Vec<Vec<u8>> {
    let bureau = Bureau::new(BureauConfig::new(5, 20_000, TODAY));
    let maker = Originals::new(5).unwrap();
    let dates = DateRange::new(date(2026, 1, 1), TODAY).unwrap();
    let mut kinds = Vec::new();
    let mut all = Vec::new();
    let company = bureau.companies()[0].no;
    for invoice in bureau.invoices(company, &Query::all(Scope::Received, dates), TODAY).take(3_000) {
        if Originals::formats(&invoice).contains(&format) && !kinds.contains(&invoice.kind) {
            all.push(maker.file(&invoice, region(&invoice), format).unwrap());
            kinds.push(invoice.kind);
        }
    }
    assert!(all.len() >= 4, "{kinds:?}");
    all
}

fn region(invoice: &Invoice) -> &'static Region {
    invoice.seller.tax_no.region().unwrap_or_else(|| Region::from_code("3100").unwrap())
}

/// Reads a file to the end, entries, verdicts and JSON, within the memory that it may take.
fn survives(bytes: &[u8], what: &str) -> bool {
    let mut read = false;
    let before = worked();
    let taken = peak(|| {
        for (name, outcome) in read_all("mutant", bytes) {
            if let Ok(document) = outcome {
                let json = serde_json::to_string(&Inspection::from_document(&name, &document, &Nothing)).unwrap();
                assert!(json.len() > 100);
                read = true;
            }
        }
    });
    assert!(taken < MOST, "{what}: {taken} bytes");
    if let Some((before, after)) = before.zip(worked()) {
        assert!(after - before < LONGEST, "{what}: {} s", after - before);
    }
    read
}

fn tally(of: u64, mut mutant: impl FnMut(&mut Dice) -> Vec<u8>) -> (u64, u64) {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..of {
        let bytes = mutant(&mut Dice::new(seed));
        if survives(&bytes, &format!("mutant {seed}")) { read += 1 } else { refused += 1 }
    }
    (read, refused)
}

fn blows(bytes: &mut Vec<u8>, dice: &mut Dice, blow: fn(&mut Vec<u8>, &mut Dice)) {
    for _ in 0..=dice.below(3) {
        if !bytes.is_empty() {
            blow(bytes, dice);
        }
    }
}

// Both ways must be walked in each of the suites, or the mutants prove nothing.

#[test]
fn damaged_ofds_are_survived() {
    let _turn = turn();
    let seeds = originals(Format::Ofd);
    let all = count(2_000);
    let (read, refused) = tally(all, |dice| {
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        blows(&mut bytes, dice, damage);
        bytes
    });
    assert!(read > all / 100 && refused > all / 4, "{read} read, {refused} refused");
}

#[test]
fn rearranged_ofds_are_survived() {
    let _turn = turn();
    let seeds: Vec<Entries> = originals(Format::Ofd).iter().map(|bytes| unpacked(bytes)).collect();
    let all = count(2_500);
    let (read, refused) = tally(all, |dice| {
        let mut entries = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(3) {
            rearrange(&mut entries, dice);
        }
        packed(&entries, dice)
    });
    assert!(read > all / 10 && refused > all / 10, "{read} read, {refused} refused");
}

#[test]
fn distorted_xmls_are_survived() {
    let _turn = turn();
    let mut seeds = originals(Format::Xml);
    seeds.extend([SPECIAL, PERSON, RED].map(|xml| xml.as_bytes().to_vec()));
    seeds.push(encoding_rs::GB18030.encode(&with(SPECIAL, "UTF-8", "GB18030")).0.into_owned());
    for fixture in [
        "chinese-tags.xml",
        "pinyin-tags.xml",
        "voucher-railway.xml",
        "voucher-air.xml",
        "voucher-vat.xml",
        "voucher-fiscal.xml",
        "tax-control-ukey.xml",
    ] {
        seeds.push(std::fs::read(format!("{}/tests/fixtures/{fixture}", env!("CARGO_MANIFEST_DIR"))).unwrap());
    }
    let all = count(3_500);
    let (read, refused) = tally(all, |dice| {
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        let blow = [damage, distort, revalue, revalue][dice.below(4)];
        blows(&mut bytes, dice, blow);
        bytes
    });
    assert!(read > all / 10 && refused > all / 10, "{read} read, {refused} refused");
}

#[test]
fn damaged_archives_of_originals_are_survived() {
    let _turn = turn();
    let (xml, ofd) = (originals(Format::Xml), originals(Format::Ofd));
    let inner = zip(&[("c.xml", &xml[1])]);
    let seed = zip(&[("a.xml", &xml[0]), ("b.ofd", &ofd[0]), ("inner.zip", &inner)]);
    let all = count(2_000);
    let (read, refused) = tally(all, |dice| {
        let mut bytes = seed.clone();
        blows(&mut bytes, dice, damage);
        bytes
    });
    assert!(read > all / 50 && refused > all / 4, "{read} read, {refused} refused");
}

/// Workbooks of the bureau's shape, with lines on a sheet of their own.
fn workbooks() -> Vec<Vec<u8>> {
    let basic = |numbers: std::ops::Range<u64>| [row(BASE)].into_iter().chain(numbers.map(base)).collect::<Vec<_>>();
    let lines = [row(SUMMARY)].into_iter().chain((1..4).flat_map(|number| [goods(number, 1), goods(number, 2)])).collect();
    vec![book(&[sheet("发票基础信息", basic(1..4)), sheet("信息汇总表", lines)]), book(&[sheet("a", basic(1..9))])]
}

#[test]
fn damaged_workbooks_are_survived() {
    let _turn = turn();
    let seeds = workbooks();
    let all = count(500);
    let (read, refused) = tally(all, |dice| {
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        blows(&mut bytes, dice, damage);
        bytes
    });
    assert!(read > all / 100 && refused > all / 10, "{read} read, {refused} refused");
}

#[test]
fn rearranged_workbooks_are_survived() {
    let _turn = turn();
    let seeds: Vec<Entries> = workbooks().iter().map(|bytes| unpacked(bytes)).collect();
    let all = count(1_000);
    let (read, refused) = tally(all, |dice| {
        let mut entries = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(3) {
            rearrange(&mut entries, dice);
        }
        packed(&entries, dice)
    });
    assert!(read > all / 10 && refused > all / 10, "{read} read, {refused} refused");
}

/// A package of these parts around a document with these elements.
fn package(document: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let main = b"<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>";
    let document = format!("<Document>{document}</Document>");
    let mut all: Vec<(&str, &[u8])> = vec![("OFD.xml", main), ("Doc_0/Document.xml", document.as_bytes())];
    all.extend(parts);
    zip(&all)
}

#[test]
fn named_bombs_do_not_go_off() {
    let _turn = turn();
    let million = "<a/>".repeat(1_000_000);
    let list = "<Attachments><Attachment Format=\"xml\"><FileLoc>a.xml</FileLoc></Attachment></Attachments>";
    let tag_list = "<CustomTags><CustomTag><FileLoc>tag.xml</FileLoc></CustomTag></CustomTags>";
    let one_page = "<Pages><Page ID=\"1\" BaseLoc=\"p.xml\"/></Pages><CustomTags>tags.xml</CustomTags>";
    let attached =
        |bytes: &[u8]| package("<Attachments>list.xml</Attachments>", &[("Doc_0/list.xml", list.as_bytes()), ("Doc_0/a.xml", bytes)]);
    let tagged = |tag: &[u8], page: &[u8]| {
        package(one_page, &[("Doc_0/tags.xml", tag_list.as_bytes()), ("Doc_0/tag.xml", tag), ("Doc_0/p.xml", page)])
    };
    let long_text = format!("<P><TextObject ID=\"9\"><TextCode>{}</TextCode></TextObject></P>", "长".repeat(5_000));
    let same = format!("<r><InvoiceNo>{}</InvoiceNo></r>", "<ObjectRef PageRef=\"1\">9</ObjectRef>".repeat(100_000));
    let texts = "<TextObject ID=\"1\"><TextCode>1</TextCode></TextObject>".repeat(150_000);
    let references = "<InvoiceNo><ObjectRef PageRef=\"1\">1</ObjectRef></InvoiceNo>".repeat(150_000);
    let goods = "<IssuItemInformation><ItemName>x</ItemName></IssuItemInformation>".repeat(120_000);
    let entities = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><EInvoice>&b;</EInvoice>";
    let pages: String = (0..200_000).map(|id| format!("<Page ID=\"{id}\" BaseLoc=\"p.xml\"/>")).collect();
    let templates = "<TemplatePage ID=\"1\" BaseLoc=\"p.xml\"/><Pages><Page ID=\"2\" BaseLoc=\"p.xml\"/></Pages>";
    let bombs: [(&str, Vec<u8>); 16] = [
        ("a million elements", format!("<EInvoice>{million}</EInvoice>").into_bytes()),
        ("a million deep", "<a>".repeat(1_000_000).into_bytes()),
        ("a million elements attached", attached(format!("<EInvoice>{million}</EInvoice>").as_bytes())),
        ("a million deep attached", attached("<a>".repeat(1_000_000).as_bytes())),
        ("goods without end", format!("<EInvoice><EInvoiceData>{goods}</EInvoiceData></EInvoice>").into_bytes()),
        ("entities", entities.as_bytes().to_vec()),
        ("entities attached", attached(entities.as_bytes())),
        ("zeros in a ZIP", zip(&[("a.xml", &vec![b' '; 30 * 1024 * 1024])])),
        ("zeros in an OFD", attached(&vec![b' '; 30 * 1024 * 1024])),
        ("zeros in an attachment of 9 MiB", attached(&vec![b' '; 9 * 1024 * 1024])),
        ("ZIPs in ZIPs", (0..6).fold(zip(&[("a.xml", b"<a/>")]), |inner, _| zip(&[("a.zip", &inner)]))),
        ("pages without end", package(&pages, &[])),
        (
            "texts without end",
            tagged(b"<r><InvoiceNo><ObjectRef PageRef=\"1\">1</ObjectRef></InvoiceNo></r>", format!("<P>{texts}</P>").as_bytes()),
        ),
        ("references without end", tagged(format!("<r>{references}</r>").as_bytes(), long_text.as_bytes())),
        ("one text a hundred thousand times", tagged(same.as_bytes(), long_text.as_bytes())),
        (
            "a template of itself",
            package(templates, &[("Doc_0/p.xml", b"<P><Template TemplateID=\"1\"/><Template TemplateID=\"1\"/></P>")]),
        ),
    ];
    for (what, bytes) in bombs {
        assert!(!survives(&bytes, what), "{what} was read");
    }
}

/// A deflate stream of a thousand times its size, under a directory that tells the truth and one that lies.
#[test]
fn a_lying_directory_helps_no_bomb() {
    let _turn = turn();
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'a'; 60 * 1024 * 1024]).unwrap();
    let packed = encoder.finish().unwrap();
    assert!(packed.len() * 900 < 60 * 1024 * 1024);
    for stated in [60 * 1024 * 1024, 1_000, u32::MAX] {
        let bytes = raw_zip("a.xml", &packed, stated);
        assert!(!survives(&bytes, "a lying directory"));
    }
}

/// A ZIP of one deflated entry that states any size.
fn raw_zip(name: &str, packed: &[u8], size: u32) -> Vec<u8> {
    let length = u16::try_from(name.len()).unwrap().to_le_bytes();
    let packed_size = u32::try_from(packed.len()).unwrap().to_le_bytes();
    let common = [&[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..], &[0; 4], &packed_size, &size.to_le_bytes(), &length, &[0, 0]].concat();
    let local = [b"PK\x03\x04".as_slice(), &common, name.as_bytes(), packed].concat();
    let central = [b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 14], name.as_bytes()].concat();
    let places = [u32::try_from(central.len()).unwrap().to_le_bytes(), u32::try_from(local.len()).unwrap().to_le_bytes()].concat();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &places, &[0, 0]].concat();
    [local, central, end].concat()
}
