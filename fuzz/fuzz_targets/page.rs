//! What a page shows: its content is drawn, small.
#![no_main]

use std::io::{Cursor, Write};

use piaoxia_preview::{Cancel, Scale, rasterise, scene};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MAIN: &str = "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>";
const DOCUMENT: &str = "<Document><CommonData><PageArea><PhysicalBox>0 0 210 140</PhysicalBox></PageArea>\
    <PublicRes>r.xml</PublicRes></CommonData><Pages><Page ID=\"1\" BaseLoc=\"p.xml\"/></Pages></Document>";
const RESOURCES: &str = "<Res BaseLoc=\"\"><Fonts><Font ID=\"3\" FontName=\"宋体\"/></Fonts></Res>";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("OFD.xml", MAIN.as_bytes()),
        ("Doc_0/Document.xml", DOCUMENT.as_bytes()),
        ("Doc_0/r.xml", RESOURCES.as_bytes()),
        ("Doc_0/p.xml", bytes),
    ];
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).expect("an entry");
        writer.write_all(content).expect("its bytes");
    }
    let package = writer.finish().expect("a ZIP").into_inner();
    let cancel = Cancel::default();
    if let Ok(scene) = scene(&package, 0, &cancel) {
        let _drawn = rasterise(&scene, Scale::Fit { width: 64, height: 64 }, &cancel);
    }
});
