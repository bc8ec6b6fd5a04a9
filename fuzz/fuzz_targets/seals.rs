//! Seals and signatures, without a ZIP around them: the first byte says which part the rest is.
#![no_main]

use std::borrow::Cow;

use piaoxia_seals::{PartFault, Parts, Trust, examine};

const LIST: &str = "<Signatures><MaxSignId>1</MaxSignId><Signature ID=\"1\" Type=\"Seal\" BaseLoc=\"Sign_0/Signature.xml\"/></Signatures>";
const MANIFEST: &str = "<Signature><SignedInfo><Provider ProviderName=\"a\"/><SignatureMethod>1.2.156.10197.1.501</SignatureMethod>\
    <SignatureDateTime>20260519094714Z</SignatureDateTime><References CheckMethod=\"1.2.156.10197.1.401\">\
    <Reference FileRef=\"/OFD.xml\"><CheckValue>AAAA</CheckValue></Reference></References></SignedInfo>\
    <SignedValue>SignedValue.dat</SignedValue></Signature>";
const MAIN: &str = "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot><Signatures>Doc_0/Signs/Signatures.xml</Signatures></DocBody></OFD>";

/// Names of the parts, and what they hold where the fuzzer gives another.
const PARTS: [(&str, &str); 5] = [
    ("OFD.xml", MAIN),
    ("Doc_0/Signs/Signatures.xml", LIST),
    ("Doc_0/Signs/Sign_0/Signature.xml", MANIFEST),
    ("Doc_0/Signs/Sign_0/SignedValue.dat", "0"),
    ("Doc_0/Signs/Sign_0/Seal.esl", "0"),
];

struct Package<'a> {
    which: usize,
    part: &'a [u8],
}

impl Parts for Package<'_> {
    fn paths(&self) -> Vec<String> {
        PARTS.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn bytes(&mut self, path: &str) -> Result<Cow<'_, [u8]>, PartFault> {
        let at = PARTS.iter().position(|(name, _)| *name == path.trim_start_matches('/')).ok_or(PartFault::Absent)?;
        Ok(Cow::Borrowed(if at == self.which { self.part } else { PARTS[at].1.as_bytes() }))
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, part)) = bytes.split_first() else { return };
    let examination = examine(&mut Package { which: usize::from(*which) % PARTS.len(), part });
    for signature in &examination.signatures {
        let _findings = signature.findings(&Trust::default());
    }
});
