//! PEM (RFC 7468): certificates as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Whether a file is PEM rather than DER.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// The certificates of a PEM file in their order; none in place of one that is no base64.
pub(crate) fn certificates(bytes: &[u8]) -> Vec<Option<Vec<u8>>> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    let mut rest = text.as_ref();
    while let Some((_, tail)) = rest.split_once(BEGIN) {
        let Some((body, behind)) = tail.split_once(END) else {
            found.push(None);
            break;
        };
        let packed: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        found.push(STANDARD.decode(packed).ok());
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_taken_out_of_text() {
        let text = format!("words\n{BEGIN}\nAQ\n==\n{END}\r\n{BEGIN}!{END}\n{BEGIN}\nAg==");
        assert_eq!(certificates(text.as_bytes()), [Some(vec![1]), None, None]);
        assert!(is_pem(text.as_bytes()) && !is_pem(b"-----BEGIN X-----"));
    }
}
