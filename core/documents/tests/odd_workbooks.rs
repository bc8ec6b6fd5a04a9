//! Workbooks after people and other programs had them: retyped, retitled, merged, saved by other writers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Document, Field, Refused, Warning, read_all};
use piaoxia_domain::{Deduction, Invoice};
use support::workbook::{BASE, C, SUMMARY, Sheet, base, book, frame, goods, n, raw, row, s, sheet, t};
use support::zip;

fn documents(bytes: &[u8]) -> Vec<Document> {
    read_all("a.xlsx", bytes).into_iter().map(|(name, outcome)| outcome.unwrap_or_else(|refused| panic!("{name}: {refused}"))).collect()
}

fn only(sheets: &[Sheet]) -> Invoice {
    let mut all = documents(&book(sheets));
    assert_eq!(all.len(), 1);
    all.remove(0).invoice
}

fn amounts(invoice: &Invoice) -> [String; 3] {
    [invoice.net, invoice.tax, invoice.gross].map(|amount| amount.to_string())
}

const PLAIN: &str = "数电发票号码|销方识别号|销方名称|开票日期|金额|税额|价税合计|发票票种";

#[test]
fn values_are_read_however_people_typed_them() {
    for (number, date, net, tax, gross) in [
        ("26112000000000000001", "2026-03-02 10:15:30", "1234.50", "160.49", "1394.99"),
        ("'26112000000000000001", "2026/3/2 10:15:30", "¥1,234.50", "￥ 160.49", "1,394.99"),
        ("２６１１２００００００００００００００１", "２０２６－０３－０２", "１２３４．５０", "￥１６０．４９", "１，３９４．９９"),
        ("2611 2000 0000 0000 0001", "2026.03.02", "1234.5元", "160.49 元", "\u{A0}1394.99\u{A0}"),
        ("26112000000000000001\t", "46083", "1,234.50 ", "+160.49", "1394.990"),
        ("\u{200B}26112000000000000001", "2026年3月2日", "1234.50", "160.49", "CNY"),
    ] {
        let gross = if gross == "CNY" { "--" } else { gross };
        let cells =
            vec![t(number), t("９１１１０１０８ＭＡ０ＴＥ０Ｔ１２Ｌ"), t("甲"), t(date), t(net), t(tax), t(gross), t("数电票(普通发票)")];
        let invoice = only(&[sheet("Sheet1", vec![row(PLAIN), cells])]);
        assert_eq!(invoice.key.to_string(), "26112000000000000001", "{number:?}");
        assert_eq!(invoice.issued_on().to_string(), "2026-03-02", "{date}");
        assert_eq!(amounts(&invoice), ["1234.50", "160.49", "1394.99"], "{net} {tax} {gross}");
        assert_eq!((invoice.seller.tax_no.as_str(), invoice.kind.code()), ("91110108MA0TE0T12L", "82"));
    }
    for (net, tax, gross) in [("-1234.50", "-160.49", "-1394.99"), ("(1,234.50)", "（160.49）", "-¥1,394.99")] {
        let red = vec![t("26112000000000000001"), t(""), t("甲"), t("2026-03-02"), t(net), t(tax), t(gross), t("数电票(普通发票)")];
        assert_eq!(amounts(&only(&[sheet("a", vec![row(PLAIN), red])])), ["-1234.50", "-160.49", "-1394.99"]);
    }
}

#[test]
fn a_comma_that_is_no_separator_is_no_amount() {
    let cells = row("26112000000000000001||甲|2026-03-02|622,64|80,94|703,58|数电票(普通发票)");
    let found = read_all("a.xlsx", &book(&[sheet("a", vec![row(PLAIN), cells])]));
    assert!(matches!(&found[..], [(_, Err(Refused::BadValue { .. }))]), "{found:?}");
}

#[test]
fn lines_find_their_invoice_however_its_number_is_typed() {
    let mut line = goods(1, 1);
    line[3] = t("'2611 2000 0000 0000 0001 ");
    let sheets = [sheet("Sheet1", vec![row(BASE), base(1)]), sheet("Sheet2", vec![row(SUMMARY), line, goods(1, 2)])];
    assert_eq!(only(&sheets).lines.len(), 2);
}

#[test]
fn headings_are_found_below_titles_and_over_two_rows() {
    let titles: Vec<Vec<C>> = (0..18).map(|at| row(if at % 3 == 0 { "某公司发票登记表" } else { "" })).collect();
    let one_row = [titles, vec![row(BASE), base(1)]].concat();
    assert_eq!(amounts(&only(&[sheet("登记", one_row)])), ["100.00", "6.00", "106.00"]);
    // A merged cell holds its text in the first of its cells.
    let above = row("数电发票号码|开票日期|销方信息||购方信息||金额信息|||发票票种");
    let below = row("||识别号|名称|纳税人识别号|名称|金额|税额|价税合计|");
    let values = row("26112000000000000001|2026-03-02|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙|100.00|6.00|106.00|数电票(普通发票)");
    let invoice = only(&[sheet("登记", vec![above, below, values.clone()])]);
    assert_eq!((invoice.seller.tax_no.as_str(), invoice.seller.name.as_str()), ("91110108MA0TE0T12L", "甲"));
    assert_eq!((invoice.buyer.tax_no.as_str(), invoice.buyer.name.as_str()), ("91440300MA5TE0T2XF", "乙"));
    assert_eq!((amounts(&invoice), invoice.kind.code()), (["100.00", "6.00", "106.00"].map(str::to_owned), "82"));
    // Everything else in the lower row.
    let above = row("发票信息||销售方||购买方||金额|||");
    let below = row("数电发票号码|开票日期|税号|名称|税号|名称|不含税金额|税额|价税合计|发票票种");
    let invoice = only(&[sheet("登记", vec![above, below, values])]);
    assert_eq!((invoice.seller.name.as_str(), invoice.buyer.tax_no.as_str()), ("甲", "91440300MA5TE0T2XF"));
}

#[test]
fn sheets_may_have_any_name_and_headings_any_invisible_mark() {
    let headings: Vec<C> = BASE.split('|').map(|heading| t(&format!("\u{FEFF}{heading}\u{A0}\n"))).collect();
    let ticks = "是否勾选|数电票号码|开票日期|金额|票面税额|有效抵扣税额|销售方纳税人名称|票种|发票状态|勾选时间";
    let tick = row("是|26112000000000000002|2026-03-10|¥1,000.00|130.00|１３０．００|甲|数电发票（增值税专用发票）|正常|2026/3/12 9:00:00");
    let all = documents(&book(&[sheet("1月", vec![headings, base(1)]), sheet("我的表", vec![row(ticks), tick])]));
    assert_eq!(all.len(), 2);
    let ticked = &all[1].invoice;
    assert_eq!(
        (ticked.deduction, ticked.usage.as_ref().unwrap().effective_tax.unwrap().to_string()),
        (Some(Deduction::Ticked), "130.00".to_owned())
    );
}

/// One invoice, as other writers put cells: no places, formulas, rich text, phonetics, errors, dates of their own, prefixes.
#[test]
fn every_way_to_write_a_cell_is_read() {
    let heading: String = PLAIN.split('|').map(|heading| format!("<c t=\"inlineStr\"><is><t>{heading}</t></is></c>")).collect();
    let shared = "<sst><si><r><t>261120000000</t></r><r><rPr/><t>00000001</t></r><rPh sb=\"0\" eb=\"1\"><t>yi</t></rPh></si></sst>";
    let cells = "<c t=\"s\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c><c t=\"str\"><f>A1&amp;B1</f><v>甲&amp;_x4E59_</v></c>\
        <c t=\"d\"><v>2026-03-02T10:15:30</v></c><c><f>1+1</f><v>100</v></c><c t=\"n\"><v>6.0</v></c><c t=\"inlineStr\"><is><r><t>106</t></r>\
        <r><t>.00</t></r></is></c><c t=\"inlineStr\"><is><t><![CDATA[数电票(普通发票)]]></t></is></c>";
    let plain = format!("<worksheet><sheetData><row>{heading}</row><row>{cells}</row></sheetData></worksheet>");
    let prefixed = plain.replace("</", "</x:").replace('<', "<x:").replace("<x:/x:", "</x:").replace("<x:!", "<!");
    for xml in [plain, prefixed] {
        let all = documents(&raw("a", &xml, shared));
        let invoice = &all[0].invoice;
        assert_eq!((invoice.key.to_string().as_str(), invoice.seller.name.as_str()), ("26112000000000000001", "甲&乙"));
        assert_eq!(
            (amounts(invoice), invoice.issued_at.to_string()),
            (["100.00", "6.00", "106.00"].map(str::to_owned), "2026-03-02T10:15:30".to_owned())
        );
        assert_eq!(invoice.seller.tax_no.as_str(), "");
    }
}

#[test]
fn escapes_of_excel_are_decoded_wherever_a_text_stands() {
    let number = t("26112000000000000001");
    let cells = vec![number, s("甲_x0041_"), t("乙_x005F_x0041_"), t("2026-03-02"), t("100"), t("6"), s("一_x000D_\n二_x0007_")];
    let invoice = only(&[sheet("a", vec![row("数电发票号码|销方名称|购买方名称|开票日期|金额|税额|备注"), cells])]);
    assert_eq!((invoice.seller.name.as_str(), invoice.buyer.name.as_str(), invoice.remark.as_str()), ("甲A", "乙_x0041_", "一\n二"));
}

fn registered(headings: &str, values: &str) -> Vec<Vec<C>> {
    vec![row(&format!("发票号码|开票日期|{headings}")), row(&format!("26112000000000000001|2026-03-02|{values}"))]
}

#[test]
fn brackets_of_a_heading_say_whether_the_amount_includes_tax() {
    let hundred = ["100.00", "6.00", "106.00"];
    for (headings, values) in [
        ("金额（含税）|税额", "106.00|6.00"),
        ("金额（不含税）|税额", "100.00|6.00"),
        ("金额（含税）|金额（不含税）", "106.00|100.00"),
        ("合计金额【含税，元】|税额(元)", "106.00|6.00"),
        ("金额（价税合计）|金额", "106.00|100.00"),
    ] {
        assert_eq!(amounts(&only(&[sheet("登记", registered(headings, values))])), hundred, "{headings}");
    }
    let mut below = registered("金额|税额", "106.00|6.00");
    below.insert(1, row("||（含税）|（元）"));
    assert_eq!(amounts(&only(&[sheet("登记", below)])), hundred);
    // Which part of the group includes the tax is told by the parts.
    let above = row("发票号码|开票日期|开票金额（含税）||");
    let parts = vec![above, row("||金额|税额|价税合计"), row("26112000000000000001|2026-03-02|100.00|6.00|106.00")];
    assert_eq!(amounts(&only(&[sheet("登记", parts)])), hundred);
}

#[test]
fn a_second_column_of_the_same_is_not_read_and_told() {
    let rows = registered("序号|金额|税额|不含税金额|价税合计（不含税）|序号", "1|100.00|6.00|90.00|80.00|2");
    let document = documents(&book(&[sheet("登记", rows)])).remove(0);
    assert_eq!(amounts(&document.invoice), ["100.00", "6.00", "106.00"]);
    let names = ["不含税金额", "价税合计（不含税）"].map(str::to_owned).to_vec();
    let left_out = Warning::ColumnsLeftOut { sheet: "登记".to_owned(), names, count: 2 };
    assert!(document.warnings.contains(&left_out), "{:?}", document.warnings);
}

#[test]
fn amounts_that_are_not_in_yuan_refuse_their_sheet() {
    let titled = |title: &str| [vec![row(title)], registered("金额|税额|销方名称", "0.01|0.0006|甲")].concat();
    let mut below = registered("金额|税额", "0.01|0.0006");
    below.insert(1, row("||（万元）|（万元）"));
    for (rows, label) in [
        (registered("金额（万元）|税额（万元）", "0.01|0.0006"), "金额（万元）"),
        (registered("税额|价税合计（人民币千元）", "6.00|0.106"), "价税合计（人民币千元）"),
        (below, "金额（万元）"),
        (titled("发票登记表（单位：万元）"), "发票登记表（单位：万元）"),
        (titled("金额单位|百万元"), "金额单位：百万元"),
    ] {
        let found = read_all("a.xlsx", &book(&[sheet("登记", rows)]));
        assert_eq!(found, [("登记".to_owned(), Err(Refused::NotInYuan { label: label.to_owned() }))]);
    }
    let millions = registered("金额|税额|注册资本（万元）|数量（万支）|单价（元/万支）", "100.00|6.00|500|2|50");
    assert_eq!(amounts(&only(&[sheet("登记", millions)])), ["100.00", "6.00", "106.00"]);
}

#[test]
fn goods_that_state_no_tax_refuse_their_sheet() {
    let untaxed = registered("项目名称|金额|税率", "*纸*纸|100.00|13%");
    let missing = || Err(Refused::MissingField { field: Field::LineTax });
    assert_eq!(read_all("a.xlsx", &book(&[sheet("Sheet1", untaxed.clone())])), [("Sheet1".to_owned(), missing())]);
    // Invoices that state their sums come without those lines.
    let found = read_all("a.xlsx", &book(&[sheet("Sheet1", vec![row(BASE), base(1)]), sheet("Sheet2", untaxed)]));
    assert_eq!((found.len(), &found[0]), (2, &("Sheet2".to_owned(), missing())));
    assert_eq!(found[1].1.as_ref().unwrap().invoice.lines, []);
    for (headings, values) in [("金额|价税合计", "100.00|113.00"), ("金额（含税）|税额", "113.00|13.00")] {
        let rows = registered(&format!("项目名称|税率|{headings}"), &format!("*纸*纸|13%|{values}"));
        assert_eq!(amounts(&only(&[sheet("Sheet1", rows)])), ["100.00", "13.00", "113.00"], "{headings}");
    }
}

const LONG: &str = "911101085658269920";

#[test]
fn tax_numbers_that_a_number_cell_has_rounded_refuse_their_row() {
    let with = |column: usize, number: &str| {
        let mut cells = base(1);
        cells[column] = n(number);
        cells
    };
    let rows = vec![row(BASE), with(4, LONG), with(6, LONG), with(6, "110108565826992")];
    let found = read_all("a.xlsx", &book(&[sheet("发票基础信息", rows)]));
    let rounded = |field| Refused::NumberRounded { field, value: LONG.to_owned() };
    let refused: Vec<_> = found.iter().map(|(_, outcome)| outcome.as_ref().err()).collect();
    assert_eq!(refused, [Some(&rounded(Field::SellerTaxNo)), Some(&rounded(Field::BuyerTaxNo)), None]);
    assert_eq!(found[2].1.as_ref().unwrap().invoice.buyer.tax_no.as_str(), "110108565826992");
    // The number of the company whose list it is stands above the headings.
    let ticks = row("是否勾选|数电发票号码|开票日期|金额|税额|有效抵扣税额");
    let ticked = |number: u32| row(&format!("是|2611200000000000000{number}|2026-03-02|100.00|6.00|6.00"));
    let rows = vec![vec![t("纳税人识别号"), n(LONG)], ticks, ticked(1), ticked(2)];
    let found = read_all("a.xlsx", &book(&[sheet("抵扣勾选", rows)]));
    assert_eq!(found, [("抵扣勾选".to_owned(), Err(rounded(Field::BuyerTaxNo)))], "once, not for every row");
    // Rows that name it themselves need no title.
    let ticks = row("是否勾选|数电发票号码|开票日期|金额|税额|有效抵扣税额|购买方识别号");
    let named = |number: u32, buyer: &str| row(&format!("是|2611200000000000000{number}|2026-03-02|100.00|6.00|6.00|{buyer}"));
    let rows = vec![vec![t("纳税人识别号"), n(LONG)], ticks, named(1, "91350100M000100Y43"), named(2, "")];
    let found = read_all("a.xlsx", &book(&[sheet("抵扣勾选", rows)]));
    assert_eq!(found[0].1.as_ref().unwrap().invoice.buyer.tax_no.as_str(), "91350100M000100Y43");
    assert_eq!(found[1], ("抵扣勾选/4".to_owned(), Err(rounded(Field::BuyerTaxNo))));
}

#[test]
fn a_class_code_that_a_number_cell_has_rounded_is_left_out_and_told() {
    let mut line = goods(1, 1);
    line[9] = n("3040201010000000000");
    let sheets = [sheet("发票基础信息", vec![row(BASE), base(1)]), sheet("信息汇总表", vec![row(SUMMARY), line, goods(1, 2)])];
    let document = documents(&book(&sheets)).remove(0);
    let codes: Vec<&str> = document.invoice.lines.iter().map(|line| line.class_code.as_str()).collect();
    assert_eq!(codes, ["", "3040201010000000000"]);
    let value = "3040201010000000000".to_owned();
    assert_eq!(document.warnings, [Warning::NumberRounded { line: 1, field: Field::LineClassCode, value }]);
}

#[test]
fn parts_are_found_wherever_a_writer_puts_them() {
    let rows: Vec<Vec<C>> =
        vec![row(PLAIN), vec![s("26112000000000000001"), s(""), s("甲"), n("46083"), n("100"), n("6"), n("106"), s("数电票(普通发票)")]];
    let mut shared = Vec::new();
    let sheet_xml = support::workbook::sheet_xml(&rows, &mut shared);
    let shared = support::workbook::shared_xml(&shared);
    let (workbook, relations) = frame(&["a"], "");
    let absolute = relations.replace("worksheets/", "/xl/worksheets/");
    let elsewhere = relations.replace("worksheets/sheet1.xml", "../data/blatt.xml");
    for (relations, names) in [
        (&relations, ["xl\\workbook.xml", "xl\\_rels\\workbook.xml.rels", "xl\\sharedStrings.xml", "xl\\worksheets\\sheet1.xml"]),
        (&relations, ["XL/Workbook.xml", "XL/_rels/Workbook.xml.rels", "XL/SharedStrings.xml", "XL/worksheets/Sheet1.xml"]),
        (&absolute, ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"]),
        (&elsewhere, ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "data/blatt.xml"]),
    ] {
        let [first, second, third, fourth] = names;
        let bytes = zip(&[
            (first, workbook.as_bytes()),
            (second, relations.as_bytes()),
            (third, shared.as_bytes()),
            (fourth, sheet_xml.as_bytes()),
        ]);
        let all = documents(&bytes);
        assert_eq!(amounts(&all[0].invoice), ["100.00", "6.00", "106.00"], "{names:?}");
    }
}
