//! An OFD as a whole: the ZIP, the paths, the parts.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(package) = piaoxia_documents::OfdPackage::open(bytes) {
        for name in package.parts() {
            assert!(package.contains(name));
        }
        if let Ok(document) = piaoxia_documents::read("fuzz.ofd", bytes) {
            let _verdicts = piaoxia_documents::verdicts(&document);
        }
    }
});
