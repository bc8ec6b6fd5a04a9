//! PDF: objects, filters, fonts, text, attachments, pictures.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = piaoxia_documents::read("fuzz.pdf", bytes) {
        let _verdicts = piaoxia_documents::verdicts(&document);
    }
});
