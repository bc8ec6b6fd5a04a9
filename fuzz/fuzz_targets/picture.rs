//! Pictures of QR codes as files of their own, and the text of a code.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // A picture is refused either way: with the invoice that its code names, or without.
    assert!(piaoxia_documents::read("fuzz.png", bytes).is_err() || !bytes.starts_with(b"\x89PNG\r\n\x1A\n"));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _payload = piaoxia_domain::qr::Payload::parse(text);
        let _found = piaoxia_domain::qr::Payload::find(text);
    }
});
