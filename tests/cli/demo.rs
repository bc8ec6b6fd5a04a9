//! `demo`: the whole job, proved from outside.

use std::fs::File;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use jiff::Timestamp;
use jiff::civil::date;
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{DateRange, Money, Scope, Totals};
use serde_json::Value;

use crate::run::{Place, text};

const INVOICES: u64 = 300;
const SEED: u64 = 7;

#[test]
fn in_english_the_headings_follow_and_the_values_stay_the_bureaus() {
    let place = Place::new();
    let out = text(&place.path("out"));
    let run = place.run(&["demo", "--count", "20", "--lang", "en", "--out", &out]).ends(0);
    assert!(run.out.contains("They agree completely"), "{}", run.out);
    let table = std::fs::read_to_string(place.path("out/invoices.csv")).unwrap();
    let (headings, rows) = table.split_once('\n').unwrap();
    assert!(headings.contains("Invoice number") && headings.contains("Total incl. tax"), "{headings}");
    assert!(rows.contains("发票"), "{rows}");
}

#[test]
fn the_demo_equals_the_bureau_and_repeats() {
    let place = Place::new();
    let (one, two) = (place.path("one"), place.path("two"));
    let demo = |out: &Path| {
        let out = text(out);
        place.run(&["demo", "--count", "300", "--seed", "7", "--json", "--out", &out]).ends(0)
    };
    let before = shanghai_day(Timestamp::now());
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| demo(&two));
        (demo(&one), second.join().unwrap())
    });
    if shanghai_day(Timestamp::now()) != before {
        return; // Midnight in Shanghai: the two runs saw different days.
    }
    let [object] = first.objects().try_into().expect("one object");
    let expected = books(before);
    assert_eq!(object["bureau"], json_of(&expected));
    for field in ["invoices", "net", "tax", "gross"] {
        assert_eq!(object[field], object["bureau"][field], "{field}");
    }
    assert_eq!(object["invoices"], INVOICES);

    let exported: Vec<&str> = object["exported"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    let [xlsx, csv, zip] = exported[..] else { panic!("{exported:?}") };
    assert_eq!(in_table(Path::new(xlsx)), expected);
    assert_eq!(in_csv(Path::new(csv)), expected);
    let archive = zip::ZipArchive::new(File::open(zip).unwrap()).unwrap();
    assert_eq!(archive.len() as u64, object["originals"].as_u64().unwrap());
    assert!(archive.len() as u64 > INVOICES);

    let again = second.objects().remove(0);
    for field in ["invoices", "net", "tax", "gross", "originals", "bureau"] {
        assert_eq!(again[field], object[field], "{field}");
    }
    assert_eq!(std::fs::read(csv).unwrap(), std::fs::read(two.join("invoices.csv")).unwrap());
    let mut left: Vec<_> = std::fs::read_dir(&one).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["invoices.csv", "invoices.xlsx", "originals.zip"], "nothing else stays behind");
}

/// What the books of the same simulated bureau say, without the program.
fn books(today: jiff::civil::Date) -> Totals {
    let bureau = Bureau::new(BureauConfig::new(SEED, INVOICES, today));
    let dates = DateRange::new(date(2025, 1, 1), today.yesterday().unwrap()).unwrap();
    let company = bureau.companies()[0].no;
    let mut totals = bureau.truth(company, Scope::Issued, dates, today);
    totals.merge(&bureau.truth(company, Scope::Received, dates, today));
    totals
}

fn json_of(totals: &Totals) -> Value {
    serde_json::json!({"invoices": totals.invoices, "net": totals.net, "tax": totals.tax, "gross": totals.gross})
}

/// Sums of the rows of a workbook; numbers of invoices must be texts.
#[allow(clippy::disallowed_methods, reason = "the workbook is our own")]
fn in_table(path: &Path) -> Totals {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let mut rows = range.rows();
    let head: Vec<String> = rows.next().unwrap().iter().map(ToString::to_string).collect();
    let column = |name: &str| head.iter().position(|cell| cell == name).unwrap_or_else(|| panic!("no {name} in {head:?}"));
    let (number, net, tax, gross) = (column("数电发票号码"), column("金额"), column("税额"), column("价税合计"));
    let mut totals = Totals::default();
    let mut digital = 0;
    for row in rows.filter(|row| matches!(&row[0], Data::String(day) if day.starts_with("20")) || matches!(row[0], Data::DateTime(_))) {
        if let Data::String(number) = &row[number] {
            assert!(number.is_empty() || number.len() == 20 && number.bytes().all(|digit| digit.is_ascii_digit()), "{number}");
            digital += u64::from(!number.is_empty());
        } else {
            assert_eq!(row[number], Data::Empty, "a number that Excel would round");
        }
        let money = |cell: &Data| match cell {
            Data::Float(yuan) => Money::from_fen((yuan * 100.0).round() as i64),
            Data::Int(yuan) => Money::from_fen(yuan * 100),
            other => panic!("not an amount: {other:?}"),
        };
        totals.invoices += 1;
        totals.net += money(&row[net]);
        totals.tax += money(&row[tax]);
        totals.gross += money(&row[gross]);
    }
    assert!(digital > 100);
    totals
}

fn in_csv(path: &Path) -> Totals {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| head.iter().position(|cell| cell.trim_matches('"') == name).unwrap();
    let mut totals = Totals::default();
    for line in lines {
        let cells = fields(line);
        let money = |name: &str| cells[column(name)].parse::<Money>().unwrap();
        if cells[0].starts_with("20") {
            totals.invoices += 1;
            totals.net += money("金额");
            totals.tax += money("税额");
            totals.gross += money("价税合计");
        }
    }
    totals
}

/// RFC 4180, one record.
fn fields(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}
