//! ZIP archives as the bureau, phones and attackers make them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use piaoxia_documents::{OfdFault, PdfFault, Refused, ZipFault, read, read_all, walk};
use support::{Dice, PERSON, RED, SPECIAL, zip};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MIB: usize = 1024 * 1024;

/// Name and number or reason of every entry.
fn told(bytes: &[u8]) -> Vec<(String, Result<String, Refused>)> {
    read_all("batch.zip", bytes)
        .into_iter()
        .map(|(name, outcome)| (name, outcome.map(|document| document.invoice.key.to_string())))
        .collect()
}

/// The reason why the whole archive was refused.
fn fault(bytes: &[u8]) -> ZipFault {
    let mut told = told(bytes);
    assert_eq!(told.len(), 1, "{told:?}");
    match told.remove(0) {
        (name, Err(Refused::Zip(fault))) if name == "batch.zip" => fault,
        other => panic!("{other:?}"),
    }
}

fn number(text: &str) -> Result<String, Refused> {
    Ok(text.to_owned())
}

/// Overwrites `bytes` at `offset` from every `mark`.
fn patch(zip: &mut [u8], mark: &[u8], offset: usize, bytes: &[u8]) {
    let places: Vec<_> = zip.windows(mark.len()).enumerate().filter(|(_, window)| *window == mark).map(|(place, _)| place).collect();
    assert!(!places.is_empty());
    for place in places {
        zip[place + offset..][..bytes.len()].copy_from_slice(bytes);
    }
}

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";

#[test]
fn a_batch_is_read_and_the_rest_is_accounted_for() {
    let workbook = zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]);
    let ofd = zip(&[("OFD.xml", b"<OFD/>"), ("Doc_0/Document.xml", b"<Document/>")]);
    let batch = zip(&[
        ("xml/", b""),
        ("xml/a.xml", SPECIAL.as_bytes()),
        ("xml\\b.xml", PERSON.as_bytes()),
        ("__MACOSX/xml/._a.xml", b"\0\x05\x16\x07"),
        ("xml/.DS_Store", b"Bud1"),
        ("list.xlsx", &workbook),
        ("ofd/a.ofd", &ofd),
        ("pdf/a.pdf", b"%PDF-1.7 ..."),
        ("readme.txt", "说明".as_bytes()),
        ("empty.xml", b""),
        ("broken.xml", b"<EInvoice><Header>"),
    ]);
    let told = told(&batch);
    let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["xml/a.xml", "xml/b.xml", "list.xlsx", "ofd/a.ofd", "pdf/a.pdf", "readme.txt", "empty.xml", "broken.xml"]);
    let outcomes: Vec<_> = told.into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes[..2], [number("26312000000000000018"), number("26442000000000000026")]);
    assert_eq!(outcomes[2], Err(Refused::NoInvoiceSheet));
    assert!(matches!(outcomes[3], Err(Refused::Ofd(OfdFault::MissingPart { .. }))));
    assert_eq!(outcomes[4], Err(Refused::Pdf(PdfFault::Unreadable)));
    assert_eq!(outcomes[5..7], [Err(Refused::NotRecognised), Err(Refused::Empty)]);
    assert!(matches!(outcomes[7], Err(Refused::NotWellFormed { .. })));
}

#[test]
fn formats_are_told_by_content() {
    let workbook = zip(&[("xl/workbook.xml", b"<workbook/>")]);
    assert_eq!(read("invoice.xml", &workbook), Err(Refused::Workbook));
    assert_eq!(read("invoice.xml", b"\x00\x01%PDF-1.4"), Err(Refused::Pdf(PdfFault::Unreadable)));
    assert_eq!(read("invoice.xml", &zip(&[("a.xml", b"")])), Err(Refused::Archive));
    assert_eq!(read("invoice.xml", b"plain text"), Err(Refused::NotRecognised));
    assert_eq!(read("invoice.xml", b""), Err(Refused::Empty));
    assert_eq!(told(b"plain text"), [("batch.zip".to_owned(), Err(Refused::NotRecognised))]);
    assert_eq!(read_all("a.xml", RED.as_bytes()).len(), 1);
}

#[test]
fn names_in_gbk_are_read() {
    let (name, _, _) = encoding_rs::GBK.encode("增值税专用发票_样例.xml");
    let stand_in = "x".repeat(name.len());
    let mut batch = zip(&[(&stand_in, SPECIAL.as_bytes())]);
    patch(&mut batch, stand_in.as_bytes(), 0, &name);
    assert_eq!(told(&batch), [("增值税专用发票_样例.xml".to_owned(), number("26312000000000000018"))]);
}

#[test]
fn the_original_bytes_come_along_and_a_walk_can_end() {
    let inner = zip(&[("r.xml", RED.as_bytes()), ("p.xml", PERSON.as_bytes())]);
    let batch = zip(&[("s.xml", SPECIAL.as_bytes()), ("inner.zip", &inner), ("last.xml", PERSON.as_bytes())]);
    let mut seen = Vec::new();
    walk("batch.zip", &batch, &mut |entry| {
        seen.push((entry.name, entry.bytes.to_vec()));
        if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(seen, [("s.xml".to_owned(), SPECIAL.as_bytes().to_vec()), ("inner.zip/r.xml".to_owned(), RED.as_bytes().to_vec())]);
}

#[test]
fn one_level_of_nesting_is_opened() {
    let innermost = zip(&[("r.xml", RED.as_bytes())]);
    let inner = zip(&[("p.xml", PERSON.as_bytes()), ("deep.zip", &innermost)]);
    let told = told(&zip(&[("inner.zip", &inner), ("s.xml", SPECIAL.as_bytes())]));
    assert_eq!(
        told,
        [
            ("inner.zip/p.xml".to_owned(), number("26442000000000000026")),
            ("inner.zip/deep.zip".to_owned(), Err(ZipFault::Nested.into())),
            ("s.xml".to_owned(), number("26312000000000000018")),
        ]
    );
}

#[test]
fn faulty_entries_cost_only_themselves() {
    let good = ("good.xml".to_owned(), number("26112000000000000034"));
    let spoiled = |spoil: &dyn Fn(&mut Vec<u8>)| {
        let mut batch = zip(&[("bad.xml", PERSON.as_bytes())]);
        spoil(&mut batch);
        // The good entry is put behind by hand: the patches above hit every header.
        let mut writer = ZipWriter::new_append(Cursor::new(batch)).unwrap();
        writer.start_file("good.xml", SimpleFileOptions::default()).unwrap();
        writer.write_all(RED.as_bytes()).unwrap();
        told(&writer.finish().unwrap().into_inner())
    };
    let flags = spoiled(&|zip| {
        patch(zip, LOCAL, 6, &[1, 0]);
        patch(zip, CENTRAL, 8, &[1, 0]);
    });
    assert_eq!(flags, [("bad.xml".to_owned(), Err(ZipFault::Encrypted.into())), good.clone()]);
    let method = spoiled(&|zip| {
        patch(zip, LOCAL, 8, &[12, 0]);
        patch(zip, CENTRAL, 10, &[12, 0]);
    });
    assert_eq!(method, [("bad.xml".to_owned(), Err(ZipFault::Method.into())), good.clone()]);
    let checksum = spoiled(&|zip| patch(zip, CENTRAL, 16, &[1, 2, 3, 4]));
    assert_eq!(checksum, [("bad.xml".to_owned(), Err(ZipFault::Damaged.into())), good]);
}

#[test]
fn ambiguous_and_overlapping_archives_are_refused() {
    assert_eq!(fault(&zip(&[("a.xml", RED.as_bytes()), ("A.XML", PERSON.as_bytes())])), ZipFault::DuplicateNames);
    let mut twins = zip(&[("a.xml", RED.as_bytes()), ("b.xml", PERSON.as_bytes())]);
    patch(&mut twins, b"b.xml", 0, b"a.xml");
    assert_eq!(fault(&twins), ZipFault::DuplicateNames);
    let mut shared = zip(&[("a.xml", RED.as_bytes()), ("b.xml", RED.as_bytes())]);
    // Both records point to the first entry.
    patch(&mut shared, CENTRAL, 42, &[0, 0, 0, 0]);
    assert_eq!(fault(&shared), ZipFault::Overlapping);
}

#[test]
fn a_cut_off_archive_is_refused() {
    let batch = zip(&[("a.xml", SPECIAL.as_bytes())]);
    for length in [4, 30, batch.len() / 2, batch.len() - 1] {
        assert_eq!(fault(&batch[..length]), ZipFault::Unreadable, "{length}");
    }
}

#[test]
fn bombs_do_not_go_off() {
    let bomb = zip(&[("bomb.xml", &vec![b' '; 30 * MIB]), ("good.xml", RED.as_bytes())]);
    let outcomes: Vec<_> = told(&bomb).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, [Err(ZipFault::Bomb { ratio: 200 }.into()), number("26112000000000000034")]);

    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("large.xml", SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
    writer.write_all(&vec![b' '; 33 * MIB]).unwrap();
    let outcome = told(&writer.finish().unwrap().into_inner()).remove(0).1;
    assert_eq!(outcome, Err(ZipFault::EntryTooLarge { limit: 32 * MIB }.into()));
    assert_eq!(read("large.zip", &[LOCAL, &vec![0; 51 * MIB]].concat()), Err(Refused::Archive));
    assert_eq!(
        told(&[LOCAL, &vec![0; 51 * MIB]].concat())[0].1,
        Err(Refused::TooLarge { size: 51 * MIB as u64 + 4, limit: 50 * MIB as u64 })
    );
}

/// What packs about a hundred times smaller: below the ratio that gives a bomb away.
fn squeezable() -> Vec<u8> {
    let mut dice = Dice::new(7);
    let noise: Vec<u8> = (0..2_500).flat_map(|_| dice.roll().to_le_bytes()).collect();
    noise.iter().copied().cycle().take(30 * MIB).collect()
}

#[test]
fn all_entries_together_are_bounded() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("0.bin", SimpleFileOptions::default()).unwrap();
    writer.write_all(&squeezable()).unwrap();
    let one = writer.finish().unwrap().into_inner();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for copy in 0..5 {
        let mut source = zip::ZipArchive::new(Cursor::new(&one[..])).unwrap();
        writer.raw_copy_file_rename(source.by_index(0).unwrap(), format!("{copy}.bin")).unwrap();
    }
    let five = writer.finish().unwrap().into_inner();
    let too_much = || Err(ZipFault::TooMuch { limit: 128 * MIB }.into());
    let outcomes: Vec<_> = told(&five).into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes[..4], [(); 4].map(|()| Err(Refused::NotRecognised)));
    assert_eq!(outcomes[4..], [too_much()]);
}

#[test]
fn entries_are_counted_over_all_levels() {
    let names: Vec<String> = (0..4_097).map(|number| format!("{number}.txt")).collect();
    let of = |count: usize| zip(&names[..count].iter().map(|name| (name.as_str(), &b"x"[..])).collect::<Vec<_>>());
    assert_eq!(fault(&of(4_097)), ZipFault::TooManyEntries { entries: 4_097, limit: 4_096 });
    assert_eq!(told(&of(4_096)).len(), 4_096);
    let two = told(&zip(&[("a.zip", &of(3_000)), ("b.zip", &of(3_000))]));
    assert_eq!(two.len(), 3_001);
    assert_eq!(two[3_000], ("b.zip".to_owned(), Err(ZipFault::TooManyEntries { entries: 3_000, limit: 4_096 }.into())));
    let flood = [LOCAL, &CENTRAL.repeat(800_000)].concat();
    assert_eq!(fault(&flood), ZipFault::TooManyEntries { entries: 800_000, limit: 4_096 });
}

#[test]
fn long_names_are_cut_and_refused() {
    let told = told(&zip(&[(&"n".repeat(600), RED.as_bytes())]));
    assert_eq!(told, [("n".repeat(512), Err(ZipFault::NameTooLong { limit: 512 }.into()))]);
}
