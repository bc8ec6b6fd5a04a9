//! Archives of documents, and archives in archives.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (name, outcome) in piaoxia_documents::read_all("fuzz.zip", bytes) {
        assert!(name.chars().count() < 2_000);
        if let Ok(document) = outcome {
            let _verdicts = piaoxia_documents::verdicts(&document);
        }
    }
});
