//! Readers that share nothing with the writers: a tree of XML, the OFD container, DER, SM2.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use sm2::dsa::signature::Verifier;
use sm2::dsa::{Signature, VerifyingKey};

/// An element with its attributes, its own text and its children.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Self>,
}

impl Element {
    pub fn parse(bytes: &[u8]) -> Self {
        let mut reader = Reader::from_str(std::str::from_utf8(bytes).unwrap());
        let mut stack = vec![Self::default()];
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => stack.push(Self::begin(&start)),
                Event::Empty(start) => stack.last_mut().unwrap().children.push(Self::begin(&start)),
                Event::End(_) => {
                    let done = stack.pop().unwrap();
                    stack.last_mut().unwrap().children.push(done);
                }
                Event::Text(text) => stack.last_mut().unwrap().text += &text.xml10_content(),
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref().unwrap() {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&reference).unwrap().to_owned(),
                    };
                    stack.last_mut().unwrap().text += &character;
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut document = stack.pop().unwrap();
        assert!(stack.is_empty() && document.children.len() == 1);
        document.children.pop().unwrap()
    }

    fn begin(start: &quick_xml::events::BytesStart) -> Self {
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            (attribute.key.as_ref().to_owned(), quick_xml::escape::unescape(&attribute.value).unwrap().into_owned())
        });
        Self { name: start.name().as_ref().to_owned(), attributes: attributes.collect(), ..Self::default() }
    }

    /// The first element down this path of names.
    pub fn find(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, name| element.children.iter().find(|child| child.name == name))
    }

    /// Text of the first element down this path.
    pub fn text_at(&self, path: &str) -> &str {
        &self.find(path).unwrap_or_else(|| panic!("{path}")).text
    }

    /// All elements of this name below.
    pub fn all<'a>(&'a self, name: &'a str) -> Vec<&'a Self> {
        let mut found: Vec<&Self> = self.children.iter().filter(|child| child.name == name).collect();
        found.extend(self.children.iter().flat_map(|child| child.all(name)));
        found
    }

    pub fn attribute(&self, name: &str) -> &str {
        &self.attributes[name]
    }
}

/// Files of a ZIP container by path.
pub fn unpack(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        let name = file.name().unwrap().into_owned();
        assert!(files.insert(name.clone(), content).is_none(), "{name} twice");
    }
    files
}

/// A DER value: its tag, its content and the bytes of the whole.
#[derive(Clone, Copy, Debug)]
pub struct Der<'a> {
    pub tag: u8,
    pub body: &'a [u8],
    pub whole: &'a [u8],
}

impl<'a> Der<'a> {
    pub fn one(bytes: &'a [u8]) -> Self {
        let all = Self::many(bytes);
        assert_eq!(all.len(), 1);
        all[0]
    }

    fn many(mut bytes: &'a [u8]) -> Vec<Self> {
        let mut values = Vec::new();
        while !bytes.is_empty() {
            let (start, length) = match usize::from(bytes[1]) {
                short @ 0..0x80 => (2, short),
                long => {
                    let count = long - 0x80;
                    (2 + count, bytes[2..2 + count].iter().fold(0, |length, byte| length * 256 + usize::from(*byte)))
                }
            };
            values.push(Self { tag: bytes[0], body: &bytes[start..start + length], whole: &bytes[..start + length] });
            bytes = &bytes[start + length..];
        }
        values
    }

    pub fn parts(&self) -> Vec<Self> {
        assert_eq!(self.tag & 0x20, 0x20, "constructed");
        Self::many(self.body)
    }

    pub fn part(&self, index: usize) -> Self {
        self.parts()[index]
    }

    /// Content of a BIT STRING of whole bytes.
    pub fn bits(&self) -> &'a [u8] {
        assert_eq!((self.tag, self.body[0]), (0x03, 0));
        &self.body[1..]
    }

    pub fn text(&self) -> &'a str {
        std::str::from_utf8(self.body).unwrap()
    }
}

/// Whether the key in a certificate made this signature (`SEQUENCE { r, s }`) over a message.
pub fn verifies(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    // Certificate / TBSCertificate / SubjectPublicKeyInfo / BIT STRING.
    let point = Der::one(certificate).part(0).part(6).part(1);
    let key = VerifyingKey::from_sec1_bytes("1234567812345678", point.bits()).unwrap();
    let mut raw = [0; 64];
    for (half, number) in raw.chunks_mut(32).zip(Der::one(signature).parts()) {
        let digits: Vec<u8> = number.body.iter().copied().skip_while(|byte| *byte == 0).collect();
        half[32 - digits.len()..].copy_from_slice(&digits);
    }
    key.verify(message, &Signature::from_slice(&raw).unwrap()).is_ok()
}

/// Whether a certificate is signed with the key of another.
pub fn issued_by(certificate: &[u8], issuer: &[u8]) -> bool {
    let certificate = Der::one(certificate);
    let names_match = certificate.part(0).part(3).whole == Der::one(issuer).part(0).part(5).whole;
    names_match && verifies(issuer, certificate.part(0).whole, certificate.part(2).bits())
}
