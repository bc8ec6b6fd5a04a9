//! Workbooks that somebody made to stop the program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Document, Refused, ZipFault, read_all};
use support::Dice;
use support::workbook::{BASE, SUMMARY, base, book, goods, raw, row, sheet};

const SHEET: &str = r#"<worksheet><sheetData>"#;

fn outcomes(bytes: &[u8]) -> Vec<Result<Document, Refused>> {
    read_all("a.xlsx", bytes).into_iter().map(|(_, outcome)| outcome).collect()
}

fn refused(bytes: &[u8]) -> Refused {
    let mut all = outcomes(bytes);
    assert_eq!(all.len(), 1);
    all.remove(0).unwrap_err()
}

/// Peak of the process's memory, KiB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn two_cells_in_the_farthest_corners_cost_nothing() {
    let rows = row("数电发票号码|开票日期|金额|税额")
        .iter()
        .enumerate()
        .map(|(column, cell)| {
            let support::workbook::C::T(text) = cell else { panic!("a text") };
            format!(r#"<c r="{}1" t="inlineStr"><is><t>{text}</t></is></c>"#, support::workbook::column_name(column))
        })
        .collect::<String>();
    let corner = format!(r#"{SHEET}<row r="1">{rows}</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#);
    assert_eq!(refused(&raw("a", &corner, "<sst/>")), Refused::NoInvoiceRows);
    let bare = format!(
        r#"{SHEET}<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#
    );
    assert_eq!(refused(&raw("a", &bare, "<sst/>")), Refused::NoInvoiceSheet);
    let beyond = format!(r#"{SHEET}<row r="4294967295"><c r="A4294967295"><v>1</v></c></row></sheetData></worksheet>"#);
    assert_eq!(refused(&raw("a", &beyond, "<sst/>")), Refused::DamagedPart);
    let column = format!(r#"{SHEET}<row><c r="{}1"><v>1</v></c></row></sheetData></worksheet>"#, "Z".repeat(60));
    assert_eq!(refused(&raw("a", &column, "<sst/>")), Refused::NoInvoiceSheet);
}

#[test]
#[cfg(target_os = "linux")]
fn counts_that_a_file_claims_are_not_believed_and_memory_stays_bounded() {
    let claimed = r#"<sst count="4294967295" uniqueCount="4294967295"><si><t>x</t></si></sst>"#;
    assert_eq!(refused(&raw("a", &format!("{SHEET}</sheetData></worksheet>"), claimed)), Refused::NoInvoiceSheet);
    let before = peak();
    // A million different strings.
    let items: String = (0..1_000_000).map(|number| format!("<si><t>{number}</t></si>")).collect();
    let many = raw("a", &format!("{SHEET}</sheetData></worksheet>"), &format!("<sst>{items}</sst>"));
    drop(items);
    assert_eq!(refused(&many), Refused::NoInvoiceSheet);
    // More text than is kept of any workbook, though it packs well.
    let text = (0..1_200_u32).map(|number| format!("<si><t>{}</t></si>", format!("{number:08x}").repeat(4_000))).collect::<String>();
    let long = raw("a", &format!("{SHEET}</sheetData></worksheet>"), &format!("<sst>{text}{text}</sst>"));
    drop(text);
    assert!(matches!(refused(&long), Refused::Zip(ZipFault::EntryTooLarge { .. } | ZipFault::Bomb { .. })));
    // The fixtures themselves take most of it.
    assert!(peak() - before < 512 * 1024, "{} MiB", (peak() - before) / 1024);
}

#[test]
fn a_text_without_an_end_is_noticed_early() {
    let heading = format!("{SHEET}<row><c t=\"inlineStr\"><is><t>{}</t></is></c></row></sheetData></worksheet>", "x".repeat(3 << 20));
    assert!(matches!(refused(&raw("a", &heading, "<sst/>")), Refused::Zip(ZipFault::EntryTooLarge { .. } | ZipFault::Bomb { .. })));
    let tag = format!("{SHEET}<row {}/></sheetData></worksheet>", "a=\"1\" ".repeat(600_000));
    assert!(matches!(refused(&raw("a", &tag, "<sst/>")), Refused::Zip(ZipFault::EntryTooLarge { .. } | ZipFault::Bomb { .. })));
    let idle = format!("<other>{}</other>", " ".repeat(900 << 10)).repeat(40);
    let zeros = support::workbook::sheet_xml(&[row(BASE)], &mut Vec::new()).replace("</sheetData>", &idle);
    assert_eq!(refused(&raw("a", &zeros, "<sst/>")), Refused::Zip(ZipFault::Bomb { ratio: 200 }));
    let deep = format!("{SHEET}{}", "<row>".repeat(100));
    assert_eq!(refused(&raw("a", &deep, "<sst/>")), Refused::TooDeep { limit: 64 });
    let entity = format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{SHEET}</sheetData></worksheet>");
    assert_eq!(refused(&raw("a", &entity, "<sst/>")), Refused::Doctype);
    let cut = format!("{SHEET}<row><c><v>1");
    assert_eq!(refused(&raw("a", &cut, "<sst/>")), Refused::DamagedPart);
    let astray = format!("{SHEET}<row><c t=\"s\"><v>99</v></c></row></sheetData></worksheet>");
    assert_eq!(refused(&raw("a", &astray, "<sst/>")), Refused::DamagedPart);
}

#[test]
fn a_cell_longer_than_any_field_refuses_its_row() {
    let mut long = base(1);
    long[18] = support::workbook::t(&"备".repeat(20_000));
    let all = outcomes(&book(&[sheet("发票基础信息", vec![row(BASE), long, base(2)])]));
    assert!(matches!(all[0], Err(Refused::TextTooLong { .. })));
    assert!(all[1].is_ok());
}

fn whole() -> Vec<u8> {
    let heads = [row(BASE)].into_iter().chain((0..12).map(base)).collect();
    let lines = [row(SUMMARY)].into_iter().chain((0..12).flat_map(|number| [goods(number, 1), goods(number, 2)])).collect();
    book(&[sheet("发票基础信息", heads), sheet("信息汇总表", lines)])
}

/// Damage to the packed file: most of it is found by checksums.
#[test]
fn damaged_workbooks_say_something_and_end() {
    let good = whole();
    assert!(outcomes(&good).iter().all(Result::is_ok));
    let mut dice = Dice::new(20_261_125);
    let mut told = 0;
    for _ in 0..600 {
        let mut bytes = good.clone();
        for _ in 0..=dice.below(6) {
            let at = dice.below(bytes.len());
            match dice.below(4) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes[at] = 0xFF,
                2 => bytes.truncate(at.max(1)),
                _ => bytes.splice(at..at, [0; 7]).for_each(drop),
            }
        }
        told += usize::from(!outcomes(&bytes).is_empty());
    }
    assert_eq!(told, 600, "never silent");
}

/// Damage to the XML within, with checksums that fit.
#[test]
fn damaged_sheets_say_something_and_end() {
    let mut shared = Vec::new();
    let heads: Vec<_> = [row(BASE)].into_iter().chain((0..6).map(base)).collect();
    let good = support::workbook::sheet_xml(&heads, &mut shared);
    let mut dice = Dice::new(7);
    let pieces = [
        "<",
        ">",
        "</c>",
        "<row r=\"9\">",
        "&#0;",
        "&amp;",
        "\"",
        "<v>9</v>",
        " t=\"s\"",
        "--",
        "9e9",
        "<is><t>",
        "\u{FFFD}",
        "r=\"XFD1\"",
    ];
    for _ in 0..600 {
        let mut xml = good.clone();
        for _ in 0..=dice.below(4) {
            let at = xml.floor_char_boundary(dice.below(xml.len()));
            let to = xml.floor_char_boundary((at + dice.below(40)).min(xml.len()));
            xml.replace_range(at..to.max(at), pieces[dice.below(pieces.len())]);
        }
        assert!(!outcomes(&raw("发票基础信息", &xml, "<sst/>")).is_empty(), "never silent");
    }
}
