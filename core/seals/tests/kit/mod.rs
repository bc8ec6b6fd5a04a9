//! Documents that are sealed for a test: keys, certificates, seals, signatures and the files around them.
#![allow(
    dead_code,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "shared by several suites; a test may panic"
)]

pub mod authority;
pub mod der;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use piaoxia_seals::{Check, Examination, Finding, Outcome, Reason, Trust, examine};
use sm3::Digest;

pub use authority::{Person, SM2_SM3, USER_ID, Wish};

pub type Files = BTreeMap<String, Vec<u8>>;

pub const SIGN: &str = "Doc_0/Signs/Sign_0/";
pub const LIST: &str = "Doc_0/Signs/Signatures.xml";
pub const VALUE: &str = "Doc_0/Signs/Sign_0/SignedValue.dat";
pub const SM3: &str = "1.2.156.10197.1.401";

pub fn sm3(bytes: &[u8]) -> [u8; 32] {
    sm3::Sm3::digest(bytes).into()
}

/// A root, a maker and a signer.
pub struct Cast {
    pub root: Person,
    pub maker: Person,
    pub signer: Person,
}

impl Cast {
    pub fn new() -> Self {
        let root = Person::root("测试根", 3);
        Self { maker: root.issue("制章人", 4, &Wish::default()), signer: root.issue("签章人", 5, &Wish::default()), root }
    }

    pub fn trust(&self) -> Trust {
        let (trust, refused) = Trust::from_certificates([&self.root.certificate[..]]);
        assert!(refused.is_empty());
        trust
    }
}

/// How a seal and a signature with it are made.
#[derive(Clone)]
pub struct Order {
    pub version: u8,
    pub valid_from: &'static str,
    pub valid_to: &'static str,
    pub at: &'static str,
    /// Certificates in the seal's list; the signer's where none is given.
    pub listed: Option<Vec<Vec<u8>>>,
    /// List digests in place of certificates.
    pub digests: bool,
    pub user: &'static str,
    pub algorithm: &'static str,
    pub picture: Vec<u8>,
    pub time_stamp: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            version: 4,
            valid_from: "20200101000000Z",
            valid_to: "20301231235959Z",
            at: "20260519014714Z",
            listed: None,
            digests: false,
            user: USER_ID,
            algorithm: SM2_SM3,
            picture: b"\x89PNG".to_vec(),
            time_stamp: false,
        }
    }
}

impl Order {
    pub fn seal(&self, cast: &Cast) -> Vec<u8> {
        let short = self.version == 1;
        let time = |text: &'static str| der::time(if short { &text[2..] } else { text });
        let listed = self.listed.clone().unwrap_or_else(|| vec![cast.signer.certificate.clone()]);
        let entries: Vec<Vec<u8>> = listed
            .iter()
            .map(|certificate| {
                if self.digests {
                    der::sequence(&[&der::value(0x13, b"SM3"), &der::octets(&sm3(certificate))])
                } else {
                    der::octets(certificate)
                }
            })
            .collect();
        let kind = if short { Vec::new() } else { der::integer(&[if self.digests { 2 } else { 1 }]) };
        let info = der::sequence(&[
            &der::sequence(&[&der::ia5("ES"), &der::integer(&[self.version]), &der::ia5("KIT")]),
            &der::ia5("31000000000001"),
            &der::sequence(&[
                &der::integer(&[3]),
                &der::utf8("测试印章"),
                &kind,
                &der::sequence(&[&entries.concat()]),
                &time("20200101000000Z"),
                &time(self.valid_from),
                &time(self.valid_to),
            ]),
            &der::sequence(&[&der::ia5("png"), &der::octets(&self.picture), &der::integer(&[30]), &der::integer(&[20])]),
        ]);
        let (certificate, algorithm) = (der::octets(&cast.maker.certificate), der::oid(SM2_SM3));
        if short {
            let signature = cast.maker.sign(&der::sequence(&[&info, &certificate, &algorithm]));
            return der::sequence(&[&info, &der::sequence(&[&certificate, &algorithm, &der::bits(&signature)])]);
        }
        let signature = cast.maker.sign(&info);
        der::sequence(&[&info, &certificate, &algorithm, &der::bits(&signature)])
    }

    pub fn value(&self, cast: &Cast, file: &[u8]) -> Vec<u8> {
        self.value_with(cast, &self.seal(cast), file)
    }

    pub fn value_with(&self, cast: &Cast, seal: &[u8], file: &[u8]) -> Vec<u8> {
        let (certificate, algorithm) = (der::octets(&cast.signer.certificate), der::oid(self.algorithm));
        let short = self.version == 1;
        let time = if short { der::bits(b"2026-05-19T01:47:14Z") } else { der::time(self.at) };
        let mut to_sign =
            [der::integer(&[self.version]), seal.to_vec(), time, der::bits(&sm3(file)), der::ia5("/Doc_0/Signs/Sign_0/Signature.xml")]
                .concat();
        if short {
            to_sign.extend([certificate.clone(), algorithm.clone()].concat());
        }
        let to_sign = der::sequence(&[&to_sign]);
        let signature = der::bits(&cast.signer.sign_as(self.user, &to_sign));
        if short {
            return der::sequence(&[&to_sign, &signature]);
        }
        let stamp = if self.time_stamp { der::context(0, &der::bits(b"time stamp")) } else { Vec::new() };
        der::sequence(&[&to_sign, &certificate, &algorithm, &signature, &stamp])
    }
}

/// The files of a document without a signature.
pub fn plain() -> Files {
    let head = "<ofd:OFD xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>\
                <ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>";
    [
        ("OFD.xml", head.as_bytes()),
        ("Doc_0/Document.xml", b"<document/>"),
        ("Doc_0/Pages/Page_0/Content.xml", b"<page/>"),
        ("Doc_0/Attachs/original_invoice.xml", b"<eInvoice/>"),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
    .into()
}

/// `Signature.xml` over these parts.
pub fn manifest(files: &Files, parts: &[&str], folder: &str, method: &str) -> Vec<u8> {
    let references: String = parts
        .iter()
        .map(|path| {
            let digest = STANDARD.encode(sm3(&files[*path]));
            format!("<ofd:Reference FileRef=\"/{path}\"><ofd:CheckValue>{digest}</ofd:CheckValue></ofd:Reference>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Signature xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:SignedInfo>\
         <ofd:Provider ProviderName=\"kit\"/><ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>\
         <ofd:SignatureDateTime>20260519014714Z</ofd:SignatureDateTime>\
         <ofd:References CheckMethod=\"{method}\">{references}</ofd:References>\
         <ofd:Seal><ofd:BaseLoc>Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>\
         <ofd:SignedValue>/{folder}SignedValue.dat</ofd:SignedValue></ofd:Signature>"
    )
    .into_bytes()
}

pub fn list(entries: &str, largest: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Signatures xmlns:ofd=\"http://www.ofdspec.org/2016\">\n  \
         <ofd:MaxSignId>{largest}</ofd:MaxSignId>{entries}\n</ofd:Signatures>\n"
    )
    .into_bytes()
}

pub fn entry(number: usize) -> String {
    format!("\n  <ofd:Signature ID=\"{}\" Type=\"Seal\" BaseLoc=\"Sign_{number}/Signature.xml\"/>", number + 1)
}

/// A document with everything but `OFD.xml` under one seal.
pub fn sealed(cast: &Cast, order: &Order) -> Files {
    let mut files = plain();
    let parts: Vec<&str> = ["Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml", "Doc_0/Attachs/original_invoice.xml"].into();
    let signature = manifest(&files, &parts, SIGN, SM3);
    files.insert(LIST.to_owned(), list(&entry(0), "1"));
    files.insert(VALUE.to_owned(), order.value(cast, &signature));
    files.insert(format!("{SIGN}Seal.esl"), order.seal(cast));
    files.insert(format!("{SIGN}Signature.xml"), signature);
    files
}

pub fn examined(files: &Files) -> Examination {
    examine(&mut files.clone())
}

/// The findings of the only signature.
pub fn findings(files: &Files, trust: &Trust) -> Vec<Finding> {
    let examination = examined(files);
    assert_eq!(examination.signatures.len(), 1);
    examination.signatures[0].findings(trust)
}

pub fn finding(findings: &[Finding], check: Check) -> (Outcome, &Reason) {
    let found: Vec<&Finding> = findings.iter().filter(|finding| finding.check == check).collect();
    assert_eq!(found.len(), 1, "{check:?} in {findings:?}");
    (found[0].outcome, &found[0].reason)
}

/// The checks that did not hold.
pub fn not_held(findings: &[Finding]) -> Vec<(Check, Outcome)> {
    findings.iter().filter(|finding| finding.outcome != Outcome::Pass).map(|finding| (finding.check, finding.outcome)).collect()
}

/// `bytes` with the first `from` replaced, which must be there.
pub fn with(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the bytes to replace");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}
