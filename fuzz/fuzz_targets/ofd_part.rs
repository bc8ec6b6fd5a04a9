//! The parts of an OFD within a sound package, so that no checksum stands in the way: the first byte says which part the rest is.
#![no_main]

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const PARTS: [(&str, &str); 7] = [
    (
        "OFD.xml",
        "<OFD><DocBody><DocInfo><CustomDatas><CustomData Name=\"发票号码\">26312000000000000018</CustomData></CustomDatas></DocInfo>\
         <DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>",
    ),
    (
        "Doc_0/Document.xml",
        "<Document><CommonData><TemplatePage ID=\"2\" BaseLoc=\"t.xml\"/></CommonData><Pages><Page ID=\"1\" BaseLoc=\"p.xml\"/></Pages>\
         <Attachments>list.xml</Attachments><CustomTags>tags.xml</CustomTags></Document>",
    ),
    ("Doc_0/list.xml", "<Attachments><Attachment Format=\"xml\"><FileLoc>a.xml</FileLoc></Attachment></Attachments>"),
    ("Doc_0/a.xml", "<eInvoice/>"),
    ("Doc_0/tags.xml", "<CustomTags><CustomTag><FileLoc>tag.xml</FileLoc></CustomTag></CustomTags>"),
    ("Doc_0/tag.xml", "<root><InvoiceNo><ObjectRef PageRef=\"1\">9</ObjectRef></InvoiceNo></root>"),
    (
        "Doc_0/p.xml",
        "<Page><Template TemplateID=\"2\"/><TextObject ID=\"9\" Boundary=\"1 1 9 9\"><TextCode X=\"0\" Y=\"3\">1</TextCode></TextObject></Page>",
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
    if let Ok(document) = piaoxia_documents::read("fuzz.ofd", &package) {
        let _verdicts = piaoxia_documents::verdicts(&document);
    }
});
