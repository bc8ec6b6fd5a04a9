//! `import`, `list`, `stats`, `export` on a ledger without any service.

use std::fs;
use std::process::Stdio;

use piaoxia_domain::Money;
use serde_json::Value;

use crate::papers::{papers, totals, write_all};
use crate::run::{Place, Run, text};

fn imported() -> Place {
    let place = Place::new();
    write_all(&place.path("in"));
    place.on_data(&["import", "in"]).ends(0);
    place
}

#[test]
fn what_was_imported_is_listed_summed_and_exported() {
    let place = imported();
    let all = totals();
    let again = place.on_data(&["import", "in", "--json"]).ends(0).objects();
    let nothing = serde_json::json!({"new": 0, "known": all.invoices, "second_originals": 0, "refused": 0, "partial": 0, "notes": 0});
    assert_eq!(again, [nothing]);

    let listed = place.on_data(&["list", "--json"]).ends(0).objects();
    assert_eq!(listed.len() as u64, all.invoices);
    let sum: Money = listed.iter().map(|row| row["gross"].as_str().unwrap().parse::<Money>().unwrap()).sum();
    assert_eq!(sum, all.gross);
    assert_eq!(listed[0]["originals"], serde_json::json!(["xml"]));

    let stats = place.on_data(&["stats", "--json"]).ends(0).objects();
    let (total, rows) = stats.split_last().unwrap();
    assert_eq!(total["total"]["gross"], all.gross.to_string());
    assert_eq!(rows.iter().map(|row| row["invoices"].as_u64().unwrap()).sum::<u64>(), all.invoices);

    let out = place.on_data(&["export", "--format", "jsonl", "--to", "out.jsonl", "--json"]).ends(0).objects();
    assert_eq!((&out[0]["invoices"], &out[0]["tax"]), (&Value::from(all.invoices), &Value::from(all.tax.to_string())));
    assert_eq!(fs::read_to_string(place.path("out.jsonl")).unwrap().lines().count() as u64, all.invoices);

    place.on_data(&["export", "--format", "csv", "--to", "utf.csv"]).ends(0);
    place.on_data(&["export", "--format", "csv", "--encoding", "gb18030", "--to", "gb.csv"]).ends(0);
    let utf = fs::read_to_string(place.path("utf.csv")).unwrap();
    let gb = fs::read(place.path("gb.csv")).unwrap();
    let gb = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&gb).unwrap();
    assert_eq!(utf.strip_prefix('\u{feff}').unwrap(), gb);
    place.on_data(&["export", "--format", "xlsx", "--encoding", "gb18030", "--to", "out.xlsx"]).ends(2);

    let out = place.on_data(&["export", "--format", "parquet", "--to", "out.parquet", "--json"]).ends(0).objects();
    assert_eq!((&out[0]["invoices"], &out[0]["gross"]), (&Value::from(all.invoices), &Value::from(all.gross.to_string())));
    let table = fs::read(place.path("out.parquet")).unwrap();
    assert!(table.starts_with(b"PAR1") && table.ends_with(b"PAR1"));

    place.on_data(&["export", "--format", "originals", "--to", "papers", "--pattern", "{number}"]).ends(0);
    let first = &papers()[0];
    assert_eq!(fs::read(place.path("papers").join(format!("{}.xml", first.invoice.key.number()))).unwrap(), first.xml);
}

#[test]
fn a_second_use_is_refused_until_it_is_insisted_on() {
    let place = imported();
    let listed = place.on_data(&["list", "--json"]).ends(0).objects();
    let numbers: Vec<&str> = listed.iter().take(2).map(|row| row["number"].as_str().unwrap()).collect();
    place.on_data(&["claim", numbers[0], "--by", "王五", "--on", "2026-11-01", "--note", "BX-1"]).ends(0);
    let refused = place.on_data(&["claim", numbers[0], numbers[1], "--by", "赵六", "--json"]).ends(1);
    let objects = refused.objects();
    assert_eq!((objects.len(), &objects[0]["by"], &objects[0]["on"]), (1, &Value::from("王五"), &Value::from("2026-11-01")));
    assert!(refused.err.contains("--again"), "{}", refused.err);
    let used = |word: &str| place.on_data(&["list", "--json", "--claimed", word]).ends(0).objects().len();
    assert_eq!((used("used"), used("unused")), (1, listed.len() - 1));
    place.on_data(&["claim", numbers[0], numbers[1], "--by", "赵六", "--again"]).ends(0);
    assert_eq!(used("used"), 2);
    // Typed twice, it is claimed once, and that is told.
    let third = listed[2]["number"].as_str().unwrap();
    let twice = place.on_data(&["claim", third, third, "--by", "王五", "--json"]).ends(0);
    let [repeated, done] = twice.objects().try_into().unwrap();
    assert_eq!((&repeated["event"], &repeated["number"]), (&Value::from("repeated"), &Value::from(third)));
    assert_eq!((&done["event"], &done["invoices"]), (&Value::from("claimed"), &Value::from(1)));
    assert!(twice.err.contains(third), "{}", twice.err);
    assert_eq!(used("used"), 3);
    place.on_data(&["claim", "123 456", "--by", "赵六"]).ends(2);
    place.on_data(&["claim", "26312000009999999999", "--by", "赵六"]).ends(6);
}

#[test]
fn a_template_is_used_by_its_name() {
    let place = imported();
    // As the window of a later version keeps it.
    let template =
        r#"{"name":"客户","format":"csv","columns":[{"id":"gross","heading":"含税"},{"id":"seller.score"},{"id":"date"}],"chart":1}"#;
    let newer = r#"{"name":"新","format":"ods"}"#;
    keep(&place, &[("客户", template), ("新", newer)]);
    let out = place.on_data(&["export", "--template", "客户", "--to", "a.csv", "--json"]).ends(0).objects();
    assert_eq!((&out[0]["format"], &out[0]["invoices"]), (&Value::from("csv"), &Value::from(totals().invoices)));
    let table = fs::read_to_string(place.path("a.csv")).unwrap();
    assert_eq!(table.trim_start_matches('\u{feff}').lines().next(), Some("含税,开票日期"));
    // What is typed beside it counts more.
    place.on_data(&["export", "--template", "客户", "--format", "xlsx", "--to", "a.xlsx"]).ends(0);
    assert!(fs::read(place.path("a.xlsx")).unwrap().starts_with(b"PK"));
    // One that the program brings has two sheets.
    place.on_data(&["export", "--template", "全量发票查询（两张表）", "--to", "b.xlsx"]).ends(0);
    let book: calamine::Xlsx<_> = calamine::open_workbook(place.path("b.xlsx")).unwrap();
    assert_eq!(calamine::Reader::sheet_names(&book), ["发票基础信息", "信息汇总表"]);

    let absent = place.on_data(&["export", "--template", "没有", "--to", "c.csv"]).ends(2);
    assert!(absent.err.contains("客户") && absent.err.contains("全量发票查询（两张表）"), "{}", absent.err);
    let newer = place.on_data(&["export", "--template", "新", "--to", "c.csv"]).ends(2);
    assert!(newer.err.contains("ods"), "{}", newer.err);
    assert!(!place.path("c.csv").exists());
    place.on_data(&["export", "--to", "c.csv"]).ends(2);
}

fn keep(place: &Place, templates: &[(&str, &str)]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = piaoxia_store::Store::open(&place.path("Data"), piaoxia_store::OpenOptions::default()).unwrap().store;
        for (name, template) in templates {
            let document: Value = serde_json::from_str(template).unwrap();
            store.put_document("templates", name, &document).await.unwrap();
        }
        store.close().await.unwrap();
    });
}

#[test]
fn a_selection_is_printed_into_one_file() {
    let place = imported();
    let line = ["export", "--format", "print", "--to", "print.pdf", "--per-page", "4", "--order", "date", "--group", "month", "--json"];
    let out = place.on_data(&line).ends(0).objects();
    // Only XML is kept, which has no pages: each invoice is drawn from its record.
    let expected = (Value::from(totals().invoices), Value::from(totals().invoices), Value::from(0));
    assert_eq!((&out[0]["invoices"], &out[0]["without_original"], &out[0]["originals"]), (&expected.0, &expected.1, &expected.2));
    assert!(fs::read(place.path("print.pdf")).unwrap().starts_with(b"%PDF-"));
    let run = place.on_data(&["export", "--format", "print", "--to", "print.pdf", "--per-page", "3"]).ends(2);
    assert!(run.err.contains("1, 2, 4") || run.out.contains("1, 2, 4"), "{}{}", run.out, run.err);
}

#[test]
fn filters_choose_and_tables_line_up() {
    let place = imported();
    let wanted = &papers()[4].invoice;
    let found = place.on_data(&["list", "--json", "--text", wanted.key.number()]).ends(0).objects();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["number"], wanted.key.number());
    let day = wanted.issued_on().to_string();
    let of_day = place.on_data(&["list", "--json", "--from", &day, "--to", &day]).ends(0).objects();
    assert!(of_day.iter().all(|row| row["issued_on"] == day.as_str()) && !of_day.is_empty());
    // No company is known yet, so that no invoice has a direction: each is found by either party.
    for party in [&wanted.buyer, &wanted.seller] {
        let of_company = place.on_data(&["list", "--json", "--company", party.tax_no.as_str()]).ends(0).objects();
        let count = papers()
            .iter()
            .filter(|paper| [&paper.invoice.seller, &paper.invoice.buyer].iter().any(|of| of.tax_no == party.tax_no))
            .count();
        assert_eq!(of_company.len(), count, "{}", party.name);
    }
    let other = place.on_data(&["list", "--json", "--company", "91110105MA00A1B2X9"]);
    assert!(other.code == 2 || other.out.is_empty());

    let table = place.on_data(&["list"]).ends(0).out;
    let amounts: Vec<usize> = table.lines().skip(1).filter(|line| line.starts_with("20")).filter_map(end_of_amount).collect();
    assert_eq!(amounts.len() as u64, totals().invoices);
    assert!(amounts.windows(2).all(|pair| pair[0] == pair[1]), "{table}");
}

/// The cell in which the amount of a line ends; a Chinese character takes two.
fn end_of_amount(line: &str) -> Option<usize> {
    let end = line.rfind(|c: char| c.is_ascii_digit())? + 1;
    Some(line.get(..end)?.chars().map(|c| if c.is_ascii() || c == '…' { 1 } else { 2 }).sum())
}

#[test]
fn a_refused_file_is_named_and_the_rest_comes_in() {
    let place = Place::new();
    write_all(&place.path("in"));
    fs::write(place.path("in/notes.xml"), "not an invoice").unwrap();
    let run = place.on_data(&["import", "in", "gone.xml", "--json"]).ends(1);
    let objects = run.objects();
    let (report, refused) = objects.split_last().unwrap();
    assert_eq!((&report["new"], &report["refused"]), (&Value::from(totals().invoices), &Value::from(2)));
    assert!(refused.iter().all(|file| file["refused"].is_string()));
}

#[test]
fn an_export_of_nothing_is_a_mistake_and_leaves_no_file() {
    let place = imported();
    let run = place.on_data(&["export", "--format", "xlsx", "--to", "none.xlsx", "--text", "没有这样的发票", "--json"]).ends(2);
    assert_eq!(run.objects()[0]["error"]["code"], "nothingSelected");
    assert!(!place.path("none.xlsx").exists());
    place.on_data(&["export", "--format", "originals", "--to", "x", "--pattern", "{colour}"]).ends(2);
    let missing = place.run(&["list", "--data", &text(&place.path("nowhere"))]).ends(6);
    assert!(missing.err.contains("nowhere") && !place.path("nowhere").exists());
}

#[test]
fn mistakes_of_typing_end_with_2_and_one_sentence() {
    let place = Place::new();
    for line in ["lst", "list --kind 99", "export --format xlsx", "list --from 2026-02-01 --to 2026-01-01", "demo --count 0", "inspect"] {
        let run = place.run(&line.split(' ').collect::<Vec<_>>()).ends(2);
        assert_eq!(run.err.lines().count(), 1, "{line}: {}", run.err);
        assert!(run.out.is_empty(), "{line}");
    }
    let run = place.run(&["list", "--json", "--kind", "99"]).ends(2);
    assert_eq!(run.objects()[0]["error"]["code"], "usage");
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let place = imported();
    let mut child = place.command(&["list", "--data", &place.data()]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap()).ends(0);
    assert_eq!(run.err, "");
}

/// A disk of its own, so small that the table does not fit. It lives in a namespace of this run alone.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let place = imported();
    fs::create_dir(place.path("small")).unwrap();
    let line = "mount -t tmpfs -o size=4k none small && { \"$@\"; code=$?; ls -A small; exit $code; }";
    let program = env!("CARGO_BIN_EXE_piaoxia");
    // Where users may have no namespaces of their own, root may still have one for mounts.
    let own = ["--user", "--map-root-user", "--mount"];
    let is_allowed = std::process::Command::new("unshare").args(own).arg("true").status().unwrap().success();
    let mut command = std::process::Command::new("unshare");
    command.args(if is_allowed { &own[..] } else { &own[2..] }).args(["sh", "-c", line, "sh", program]);
    command.args(["export", "--format", "xlsx", "--to", "small/t.xlsx", "--json", "--data", &place.data()]);
    command.current_dir(place.path(".")).env("HOME", place.path("."));
    let run = Run::from(command.output().unwrap()).ends(6);
    assert!(run.err.contains("磁盘已满") && run.err.contains("t.xlsx"), "{}", run.err);
    assert_eq!(run.out.lines().count(), 1, "nothing lies on the small disk: {}", run.out);
}

#[test]
fn statistics_are_broken_down_and_every_table_is_the_whole() {
    let place = imported();
    let all = totals();
    let money = |value: &Value| value.as_str().unwrap().parse::<Money>().unwrap();
    for by in ["month", "rate", "party"] {
        let objects = place.on_data(&["stats", "--by", by, "--json"]).ends(0).objects();
        let (total, rows) = objects.split_last().unwrap();
        for (key, expected) in [("net", all.net), ("tax", all.tax), ("gross", all.gross)] {
            assert_eq!(money(&total["total"][key]), expected, "{by} {key}");
            assert_eq!(rows.iter().map(|row| money(&row[key])).sum::<Money>(), expected, "{by} {key}");
        }
        assert_eq!(total["total"]["invoices"], Value::from(all.invoices));
    }
    let rates = place.on_data(&["stats", "--by", "rate", "--json"]).ends(0).objects();
    assert!(rates.iter().any(|row| row["rate"] == "13%" && row["direction"].is_null()), "nobody of ours is a party: {rates:?}");
    let parties = place.on_data(&["stats", "--by", "party", "--json", "--direction", "received"]).ends(0).objects();
    assert_eq!(parties[0]["total"]["invoices"], Value::from(0));
    let balance = place.on_data(&["stats", "--by", "balance", "--json"]).ends(0).objects();
    assert_eq!(balance.last().unwrap()["total"]["unknown_direction_tax"], all.tax.to_string());

    let run = place.on_data(&["stats", "--by", "rate", "--to", "2026-05-31", "--export", "税率.xlsx"]).ends(0);
    assert!(run.out.contains("税率") && run.out.contains("合计"), "{}", run.out);
    assert!(fs::metadata(place.path("税率.xlsx")).unwrap().len() > 1_000);
    place.on_data(&["stats", "--by", "day"]).ends(2);
    place.on_data(&["stats", "--deduction", "--period", "2026-05", "--by", "rate"]).ends(2);
    assert!(place.on_data(&["stats", "--deduction", "--period", "2026-05", "--kind", "81"]).ends(2).err.contains("--company"));
    assert!(place.on_data(&["stats", "--help"]).ends(0).out.contains("balance"));
}
