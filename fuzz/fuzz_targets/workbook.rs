//! The sheet and the strings of a workbook within a sound package: the first byte says which part the rest is.
#![no_main]

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const PARTS: [(&str, &str); 4] = [
    ("xl/workbook.xml", "<workbook><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
    ("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
    ("xl/sharedStrings.xml", "<sst><si><t>数电发票号码</t></si><si><t>开票日期</t></si><si><t>金额</t></si></sst>"),
    (
        "xl/worksheets/sheet1.xml",
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>\
         <c r=\"C1\" t=\"s\"><v>2</v></c></row><row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>26312000000000000018</t></is></c>\
         <c r=\"B2\" t=\"inlineStr\"><is><t>2026-05-19</t></is></c><c r=\"C2\"><v>100</v></c></row></sheetData></worksheet>",
    ),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, part)) = bytes.split_first() else { return };
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, usual)) in PARTS.iter().enumerate() {
        let content = if at == usize::from(*which) % PARTS.len() { part } else { usual.as_bytes() };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).expect("an entry");
        writer.write_all(content).expect("its bytes");
    }
    let package = writer.finish().expect("a ZIP").into_inner();
    for (_, outcome) in piaoxia_documents::read_all("fuzz.xlsx", &package) {
        if let Ok(document) = outcome {
            let _verdicts = piaoxia_documents::verdicts(&document);
        }
    }
});
