//! The bureau's workbooks, deduction and posting files.

use std::fs;
use std::path::Path;

use piaoxia_export::write_list;

use crate::run::{Place, text};

fn book(path: &Path, sheet: &str, heading: &str, rows: &[&str]) {
    let columns: Vec<(String, u32)> = heading.split('|').map(|heading| (heading.to_owned(), 12)).collect();
    write_list(path, sheet, &columns, rows.iter().map(|row| row.split('|').collect())).unwrap();
}

const FULL: &str = "数电发票号码|销方识别号|销方名称|购方识别号|购买方名称|开票日期|金额|税额|价税合计|发票票种|发票状态|备注二";
const ONE: &str = "26112000000000000001|91110108MA0TE0T12L|甲公司|91440300MA5TE0T2XF|乙公司|2026-10-08 09:30:00|100.00|13.00|113.00|数电发票（增值税专用发票）|正常|x";
const TICKS: &str = "是否勾选*|数电发票号码|开票日期*|金额*|票面税额*|有效抵扣税额*|购买方识别号*|销售方纳税人名称|票种*|发票状态|勾选时间";

#[test]
fn a_workbook_is_inspected_row_by_row() {
    let place = Place::new();
    let file = place.path("全量.xlsx");
    book(&file, "发票基础信息", FULL, &[ONE, &ONE.replace("100.00|", "一百|")]);
    let run = place.run(&["inspect", "--json", &text(&file)]).ends(1);
    let [read, refused] = run.objects().try_into().expect("two objects");
    assert_eq!((read["file"].clone(), read["format"].clone()), (format!("{}/发票基础信息/2", text(&file)).into(), "xlsx".into()));
    assert_eq!(
        (read["gross"].clone(), read["kind"].clone(), read["sources"]["net"].clone()),
        ("113.00".into(), "81".into(), "workbook".into())
    );
    assert!(read["warnings"][0].as_str().is_some_and(|warning| warning.contains("备注二")));
    assert_eq!(refused["file"], format!("{}/发票基础信息/3", text(&file)));
    assert!(refused["refused"].as_str().is_some_and(|why| why.contains("一百") && !why.contains('{')));
}

#[test]
fn voided_invoices_count_in_no_statistics_unless_they_are_asked_for() {
    let place = Place::new();
    let file = place.path("全量.xlsx");
    book(&file, "发票基础信息", FULL, &[ONE, &ONE.replace("0001|", "0002|").replace("|正常|", "|作废|")]);
    place.on_data(&["import", &text(&file)]).ends(0);
    let cases: [(&[&str], u64); 4] =
        [(&[], 1), (&["--by", "month"], 1), (&["--export", "统计.xlsx"], 1), (&["--status", "void,normal"], 2)];
    for (more, expected) in cases {
        let objects = place.on_data(&[&["stats", "--json"][..], more].concat()).ends(0).objects();
        assert_eq!(objects.last().unwrap()["total"]["invoices"], expected, "{more:?}");
    }
    // The sums of an export say that one is in them, and their row is no invoice when the file comes back.
    let exported = place.on_data(&["export", "--format", "xlsx", "--to", "表.xlsx", "--json"]).ends(0).objects();
    assert_eq!(exported.last().unwrap()["voided"], 1);
    assert!(place.on_data(&["export", "--format", "csv", "--to", "表.csv"]).ends(0).out.contains("（含作废 1 张）"));
    let again = place.on_data(&["import", "表.xlsx", "--json"]).ends(0).objects();
    let last = again.last().unwrap();
    assert_eq!((last["known"].clone(), last["refused"].clone()), (2.into(), 0.into()));
}

#[test]
fn an_amount_that_the_ledger_has_otherwise_is_told_of_an_imported_file() {
    let place = Place::new();
    let file = place.path("全量.xlsx");
    book(&file, "发票基础信息", FULL, &[ONE]);
    place.on_data(&["import", &text(&file)]).ends(0);
    book(&file, "发票基础信息", FULL, &[&ONE.replace("100.00|13.00|113.00", "200.00|26.00|226.00")]);
    let objects = place.on_data(&["import", "--json", &text(&file)]).ends(1).objects();
    let last = objects.last().unwrap();
    assert_eq!((last["known"].clone(), last["refused"].clone(), last["partial"].clone()), (1.into(), 0.into(), 1.into()));
    assert!(objects.iter().any(|told| told["partial"].as_str().is_some_and(|why| why.contains("226.00"))), "{objects:?}");
}

#[test]
fn lists_are_imported_summed_up_and_booked() {
    let place = Place::new();
    let folder = place.path("票");
    fs::create_dir(&folder).unwrap();
    book(&folder.join("全量.xlsx"), "发票基础信息", FULL, &[ONE]);
    let tick = "是|26112000000000000001|2026-10-08|100.00|13.00|12.00|91440300MA5TE0T2XF|甲公司|数电发票（增值税专用发票）|正常|2026-10-20 09:00:00";
    book(&folder.join("勾选.xlsx"), "抵扣勾选", TICKS, &[tick]);
    fs::write(folder.join("坏.xml"), "<EInvoice>").unwrap();
    let run = place.on_data(&["import", "--json", "--report", "报告.xlsx", &text(&folder)]).ends(1);
    let objects = run.objects();
    let last = objects.last().unwrap();
    assert_eq!((last["new"].clone(), last["known"].clone(), last["refused"].clone()), (1.into(), 1.into(), 1.into()));
    // A column that is not read is no refusal.
    let noted = objects.iter().filter_map(|told| told["note"].as_str()).collect::<Vec<_>>();
    assert!(noted.len() == 1 && noted[0].contains("备注二") && last["notes"] == 1, "{noted:?}");
    assert!(fs::metadata(place.path("报告.xlsx")).unwrap().len() > 1_000);

    let run = place.on_data(&["stats", "--deduction", "--period", "2026-10", "--json"]).ends(0);
    let [row, total] = run.objects().try_into().expect("a row and the sum");
    assert_eq!((row["use"].clone(), row["kind"].clone(), row["effective_tax"].clone()), ("deduct".into(), "81".into(), "12.00".into()));
    assert_eq!((total["total"]["invoices"].clone(), total["total"]["tax"].clone()), (1.into(), "13.00".into()));
    assert!(place.on_data(&["stats", "--deduction", "--period", "202610"]).ends(0).out.contains("有效抵扣税额"));
    assert!(place.on_data(&["stats", "--deduction", "--period", "2025-10"]).ends(0).out.contains("2025-10"));
    place.on_data(&["stats", "--deduction"]).ends(2);
    place.on_data(&["stats", "--period", "2026-10"]).ends(2);

    let table = "发票号码,凭证号,入账日期,摘要,借贷,总账科目,明细科目,金额\n\
        26112000000000000001,记-1,2026-10-31,采购,借,库存商品,,100.00\n\
        26112000000000000001,记-1,2026-10-31,采购,借,应交税费,进项税额,13.00\n\
        26112000000000000001,记-1,2026-10-31,采购,贷,应付账款,甲公司,113.00\n\
        26112000000000000009,记-2,2026-10-31,采购,借,费用,,1\n\
        26112000000000000009,记-2,2026-10-31,采购,贷,费用,,2\n";
    fs::write(place.path("入账.csv"), table).unwrap();
    let run = place.on_data(&["export", "--format", "posting", "--to", "入账", "--postings", "入账.csv", "--json"]).ends(1);
    let [written, unknown, end] = run.objects().try_into().expect("three objects");
    let file = written["file"].as_str().unwrap();
    assert!(file.ends_with("einv_spcl_receiver_20261031_26112000000000000001.xml"), "{file}");
    assert!(
        fs::read_to_string(place.path("入账").join("einv_spcl_receiver_20261031_26112000000000000001.xml")).unwrap().contains("进项税额")
    );
    assert!(unknown["refused"].as_str().is_some_and(|why| why.contains("台账中没有")));
    assert_eq!((end["files"].clone(), end["refused"].clone()), (1.into(), 1.into()));
    place.on_data(&["export", "--format", "posting", "--to", "入账"]).ends(2);
    place.on_data(&["export", "--format", "posting", "--to", "入账", "--to", "2026-10-31", "--postings", "入账.csv"]).ends(2);
    place.on_data(&["export", "--format", "xlsx", "--to", "a.xlsx", "--postings", "入账.csv"]).ends(2);
    fs::write(place.path("坏.csv"), "发票号码,金额\n1,2\n").unwrap();
    assert!(place.on_data(&["export", "--format", "posting", "--to", "入账", "--postings", "坏.csv"]).ends(2).err.contains("凭证号"));
}
