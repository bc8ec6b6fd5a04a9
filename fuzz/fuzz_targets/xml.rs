//! 数电 XML, 税控 XML, XBRL: told apart by content.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = piaoxia_documents::read("fuzz.xml", bytes) {
        let _verdicts = piaoxia_documents::verdicts(&document);
    }
});
