//! The files that say what was signed: the list of signatures (`Signatures.xml`) and each `Signature.xml` (GB/T 33190,
//! clause 18).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::limits::{SIGNATURES, XML_BYTES};
use crate::markup::Markup;
use crate::name::shown;
use crate::parts::{Digest, Package};
use crate::time;

/// The list of a document's signatures.
#[derive(Debug)]
pub(crate) struct List {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    pub markup: Markup,
    /// The first signatures, in the order of the list.
    pub entries: Vec<Listed>,
    /// Those beyond the limit.
    pub more: usize,
}

/// A signature in the list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub id: String,
    /// Where its `Signature.xml` is.
    pub location: String,
    /// The element's place.
    pub place: usize,
}

/// What a `Signature.xml` says.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    pub provider: String,
    /// SignatureDateTime.
    pub at: Option<Timestamp>,
    /// CheckMethod of the references.
    pub method: String,
    pub references: Vec<Reference>,
    /// Where the seal's own file is.
    pub seal: Option<String>,
    /// Where the signature value is.
    pub value: Option<String>,
}

/// A part and its digest.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Where the part is.
    pub location: String,
    /// Its digest; none when it is not 32 bytes in base64.
    pub digest: Option<Digest>,
}

/// The lists that `OFD.xml` names, or else every part that is called like one; `Err` with the location of one that cannot
/// be read.
pub(crate) fn lists(package: &mut Package<'_>) -> Vec<Result<List, String>> {
    const HEAD: &str = "OFD.xml";
    let head = package.find("", HEAD).and_then(|path| package.bytes(&path, XML_BYTES).ok());
    let markup = head.and_then(|bytes| Markup::read(&bytes));
    let mut named: Vec<String> = Vec::new();
    for (_, element) in markup.iter().flat_map(|markup| markup.all("Signatures")).filter(|(_, element)| !element.text.is_empty()) {
        if named.len() < SIGNATURES && !named.contains(&element.text) {
            named.push(element.text.clone());
        }
    }
    if named.is_empty() {
        let called = |path: &&String| path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("Signatures.xml"));
        named = package.paths().iter().filter(called).take(SIGNATURES).map(|path| format!("/{path}")).collect();
    }
    named.into_iter().map(|location| List::read(package, &location).ok_or_else(|| shown(&location))).collect()
}

impl List {
    fn read(package: &mut Package<'_>, location: &str) -> Option<Self> {
        let path = package.find("", location)?;
        let bytes = package.bytes(&path, XML_BYTES).ok()?;
        let markup = Markup::read(&bytes)?;
        if !markup.root()?.is("Signatures") {
            return None;
        }
        let mut entries: Vec<Listed> = Vec::new();
        let mut more = 0;
        for (place, element) in markup.children(0).filter(|(_, element)| element.is("Signature")) {
            if entries.len() == SIGNATURES {
                more += 1;
                continue;
            }
            let location = element.attribute("BaseLoc").unwrap_or_default().to_owned();
            entries.push(Listed { id: shown(element.attribute("ID").unwrap_or_default()), location, place });
        }
        Some(Self { path, bytes, markup, entries, more })
    }
}

impl Manifest {
    /// Reads a `Signature.xml`.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let markup = Markup::read(bytes)?;
        if !markup.root()?.is("Signature") {
            return None;
        }
        let value = markup.child_text(0, "SignedValue").map(str::to_owned);
        let (info, _) = markup.child(0, "SignedInfo")?;
        let (references, element) = markup.child(info, "References")?;
        let method = shown(element.attribute("CheckMethod").unwrap_or_default());
        let provider = markup.child(info, "Provider").and_then(|(place, element)| {
            let text = element.attribute("ProviderName").or_else(|| markup.child_text(place, "ProviderName"));
            text.map(shown)
        });
        let seal = markup.child(info, "Seal").and_then(|(place, element)| {
            let location = element.attribute("BaseLoc").or_else(|| markup.child_text(place, "BaseLoc"));
            location.map(str::to_owned)
        });
        Some(Self {
            provider: provider.unwrap_or_default(),
            at: markup.child_text(info, "SignatureDateTime").and_then(time::of_text),
            method,
            references: markup
                .children(references)
                .filter(|(_, element)| element.is("Reference"))
                .map(|(place, element)| Reference {
                    location: element.attribute("FileRef").unwrap_or_default().to_owned(),
                    digest: markup.child_text(place, "CheckValue").and_then(digest_of),
                })
                .collect(),
            seal,
            value,
        })
    }
}

fn digest_of(text: &str) -> Option<Digest> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(packed).ok()?.try_into().ok()
}
