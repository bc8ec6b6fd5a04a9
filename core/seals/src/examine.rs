//! Puts every signature of a package to every check.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::certificate::{Certificate, Holder};
use crate::chain::{self, Link};
use crate::check::digests::{self, Compared};
use crate::check::{coverage, seal, value};
use crate::entries::Entries;
use crate::finding::{Bearer, Check, Finding, Found, Outcome, Reason};
use crate::limits::{SIGNATURES, SIGNED_VALUE_BYTES, XML_BYTES};
use crate::manifest::{self, List, Manifest};
use crate::name::shown;
use crate::oid;
use crate::parts::{Package, Parts};
use crate::seal::Seal;
use crate::signed_data::SignedData;
use crate::signed_value::{Sealed, SignedValue};
use crate::trust::Trust;

/// All signatures of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// In the order in which the document lists them; its integrity protection last.
    pub signatures: Vec<Examined>,
    /// Signatures beyond the first 64, which were not looked at.
    pub left_out: usize,
}

/// A signature after it was put to every check that needs no trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// What it says of itself.
    pub facts: SignatureFacts,
    findings: Vec<Finding>,
    /// Certificates whose chain can be checked; none when the signature has none.
    links: Option<Vec<Link>>,
}

/// What a signature says of itself. Nothing of it is proved by standing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFacts {
    /// ID in the list of signatures.
    pub id: String,
    /// Path of its `Signature.xml`.
    pub path: String,
    /// What kind of signature it is.
    pub form: Form,
    /// The program that signed.
    pub provider: String,
    /// When it was made; from the signature value where it says so, else from `Signature.xml`.
    pub signed_at: Option<Timestamp>,
    /// The signature algorithm, dotted; empty when it is not named.
    pub algorithm: String,
    /// The seal.
    pub seal: Option<SealFacts>,
    /// The signer's certificate.
    pub signer: Option<Holder>,
}

/// Kinds of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// With an electronic seal (电子签章): 4 or 5 of GB/T 38540-2020, 1 of GM/T 0031-2014.
    Seal {
        /// Version.
        version: u32,
    },
    /// Without a seal (数字签名): signed data of GM/T 0010.
    Data,
    /// Without a seal and without a certificate: the two numbers alone.
    Raw,
    /// Integrity protection of the package (GM/T 0099).
    Integrity,
    /// It cannot be read.
    Unreadable,
}

/// What a seal says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealFacts {
    /// Name (印章名称).
    pub name: String,
    /// Number (印章标识).
    pub id: String,
    /// Version of its standard.
    pub version: u32,
    /// Mark of the product that made it.
    pub vendor: String,
    /// Who made it (制章人), from the certificate.
    pub maker: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Start of its validity.
    pub valid_from: Option<Timestamp>,
    /// End of its validity.
    pub valid_to: Option<Timestamp>,
    /// Kind of its picture: `png`, `ofd` and the like.
    pub picture: String,
    /// Width on the page, mm.
    pub width: u32,
    /// Height on the page, mm.
    pub height: u32,
}

/// Examines every signature of a package. Parts are read one by one; each is read at most a few times.
#[must_use]
pub fn examine(parts: &mut dyn Parts) -> Examination {
    let mut package = Package::new(parts);
    let lists = manifest::lists(&mut package);
    let entries = Entries::find(&mut package);
    let own = own_files(&mut package, &lists, entries.as_ref());
    let mut found = Examination::default();
    for list in &lists {
        match list {
            Ok(list) => {
                found.left_out += list.more;
                for place in 0..list.entries.len() {
                    if found.signatures.len() == SIGNATURES {
                        found.left_out += 1;
                    } else {
                        found.signatures.push(listed(&mut package, list, place, &own));
                    }
                }
            }
            Err(path) => found.signatures.push(Examined::unreadable(path, "", Reason::ListUnreadable { path: path.clone() })),
        }
    }
    match entries {
        Some(Ok(entries)) => found.signatures.push(integrity(&mut package, &entries, &own)),
        Some(Err(path)) => found.signatures.push(Examined::unreadable(&path, "", Reason::ManifestUnreadable { path: path.clone() })),
        None => {}
    }
    found
}

impl Examination {
    /// Whether the document has no signature at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signatures.is_empty()
    }

    /// All checks of all signatures together: failed when one failed, held when every one held; none without a signature.
    #[must_use]
    pub fn outcome(&self, trust: &Trust) -> Option<Outcome> {
        let outcomes: Vec<Outcome> = self.signatures.iter().flat_map(|one| one.findings(trust)).map(|finding| finding.outcome).collect();
        if outcomes.is_empty() {
            None
        } else if outcomes.contains(&Outcome::Fail) {
            Some(Outcome::Fail)
        } else if self.left_out > 0 || outcomes.contains(&Outcome::NotChecked) {
            Some(Outcome::NotChecked)
        } else {
            Some(Outcome::Pass)
        }
    }
}

impl Examined {
    /// One finding a check, in the order of [`Check`]; checks that do not apply are left out.
    #[must_use]
    pub fn findings(&self, trust: &Trust) -> Vec<Finding> {
        let chain = self.links.as_ref().map(|links| Finding::new(Check::Chain, chain::check(links, trust)));
        let mut findings: Vec<Finding> = self.findings.iter().cloned().chain(chain).collect();
        findings.sort_by_key(|finding| finding.check);
        findings
    }

    fn unreadable(path: &str, id: &str, reason: Reason) -> Self {
        let facts = SignatureFacts::new(id, path, Form::Unreadable);
        Self { facts, findings: vec![Finding::new(Check::Signature, (Outcome::Fail, reason))], links: None }
    }

    fn add(&mut self, check: Check, found: Found) {
        self.findings.push(Finding::new(check, found));
    }

    fn cover(&mut self, package: &Package<'_>, compared: Compared, own: &BTreeSet<String>) {
        self.add(Check::Digests, compared.found);
        self.add(Check::Coverage, coverage::coverage(package.paths(), &compared.covered, own));
    }

    /// A signature with a seal; `file` is its `Signature.xml`, `seal_file` the seal as a file of its own.
    fn sealed(&mut self, sealed: &Sealed<'_>, file: &[u8], seal_file: Option<(String, Vec<u8>)>) {
        let (signer, maker) = (Certificate::read(sealed.certificate), Certificate::read(sealed.seal.maker.certificate));
        let facts = &mut self.facts;
        facts.form = Form::Seal { version: sealed.version };
        facts.signed_at = sealed.at;
        facts.algorithm = oid::dotted(sealed.algorithm);
        facts.signer = signer.as_ref().ok().map(Certificate::holder);
        facts.seal = Some(SealFacts::new(&sealed.seal, maker.as_ref().ok()));
        self.add(Check::DataHash, value::data_hash(sealed.data_hash, file));
        self.add(Check::Signature, value::signature(&signer, sealed.algorithm, sealed.signed, sealed.signature));
        self.add(Check::Maker, seal::maker(&sealed.seal, &maker, seal_file));
        self.add(Check::SignerListed, seal::signer_listed(&sealed.seal, sealed.certificate));
        self.add(Check::Validity, seal::validity(&sealed.seal, sealed.at));
        self.add(Check::Certificate, value::certificate(&signer, sealed.at));
        if sealed.time_stamp {
            self.add(Check::TimeStamp, (Outcome::NotChecked, Reason::TimeStampNotChecked));
        }
        let made = sealed.seal.created.or(sealed.at);
        let links = [(Bearer::Signer, signer, sealed.at), (Bearer::Maker, maker, made)];
        self.links =
            Some(links.into_iter().filter_map(|(of, read, at)| read.ok().map(|certificate| Link { of, certificate, at })).collect());
    }

    /// Signed data over `file`.
    fn data(&mut self, data: &SignedData<'_>, file: &[u8]) {
        self.facts.algorithm = oid::dotted(data.algorithm);
        self.add(Check::DataHash, value::agreed(data.is_of(file)));
        let Some(encoded) = data.certificate else {
            return self.add(Check::Signature, (Outcome::NotChecked, Reason::NoCertificate));
        };
        let signer = Certificate::read(encoded);
        self.facts.signer = signer.as_ref().ok().map(Certificate::holder);
        self.add(Check::Signature, value::signature(&signer, data.algorithm, data.signed(file), data.signature));
        self.add(Check::Certificate, value::certificate(&signer, self.facts.signed_at));
        let at = self.facts.signed_at;
        self.links = Some(signer.ok().map(|certificate| Link { of: Bearer::Signer, certificate, at }).into_iter().collect());
    }

    /// The value at a location that the file at `from` names.
    fn value(&mut self, package: &mut Package<'_>, from: &str, location: &str, file: &[u8], seal_file: Option<(String, Vec<u8>)>) {
        let path = package.find(from, location);
        let Some(bytes) = path.and_then(|path| package.bytes(&path, SIGNED_VALUE_BYTES).ok()) else {
            self.facts.form = Form::Unreadable;
            return self.add(Check::Signature, (Outcome::Fail, Reason::ValueMissing { path: shown(location) }));
        };
        let integrity = self.facts.form == Form::Integrity;
        match SignedValue::read(&bytes) {
            Ok(SignedValue::Sealed(sealed)) => self.sealed(&sealed, file, seal_file),
            Ok(SignedValue::Data(data)) => {
                self.facts.form = Form::Data;
                self.data(&data, file);
            }
            Ok(SignedValue::Raw) => {
                self.facts.form = Form::Raw;
                self.add(Check::Signature, (Outcome::NotChecked, Reason::NoCertificate));
            }
            Err(fault) => {
                self.facts.form = Form::Unreadable;
                self.add(Check::Signature, value::unreadable(fault));
            }
        }
        if integrity {
            self.facts.form = Form::Integrity;
        }
    }
}

/// A signature of a list.
fn listed(package: &mut Package<'_>, list: &List, place: usize, own: &BTreeSet<String>) -> Examined {
    let Some(entry) = list.entries.get(place) else { return Examined::unreadable("", "", Reason::NothingSigned) };
    let path = package.find(&list.path, &entry.location);
    let file = path.as_ref().and_then(|path| package.bytes(path, XML_BYTES).ok());
    let manifest = file.as_ref().and_then(|bytes| Manifest::read(bytes));
    let (Some(path), Some(file), Some(manifest)) = (path, file, manifest) else {
        let location = shown(&entry.location);
        return Examined::unreadable(&location, &entry.id, Reason::ManifestUnreadable { path: location.clone() });
    };
    let mut examined = Examined { facts: SignatureFacts::new(&entry.id, &path, Form::Unreadable), findings: Vec::new(), links: None };
    examined.facts.provider = manifest.provider.clone();
    examined.facts.signed_at = manifest.at;
    let compared = digests::compare(package, &path, &manifest, list, place);
    examined.cover(package, compared, own);
    let seal_path = manifest.seal.as_ref().and_then(|location| package.find(&path, location));
    let seal_file = seal_path.and_then(|path| package.bytes(&path, SIGNED_VALUE_BYTES).ok().map(|bytes| (shown(&path), bytes)));
    examined.value(package, &path, manifest.value.as_deref().unwrap_or_default(), &file, seal_file);
    examined
}

/// The integrity protection of the package.
fn integrity(package: &mut Package<'_>, entries: &Entries, own: &BTreeSet<String>) -> Examined {
    let mut examined = Examined { facts: SignatureFacts::new("", &entries.path, Form::Integrity), findings: Vec::new(), links: None };
    let compared = digests::named(package, entries);
    examined.cover(package, compared, own);
    examined.value(package, &entries.path, &entries.value, &entries.bytes, None);
    examined
}

/// The files that signatures consist of.
fn own_files(package: &mut Package<'_>, lists: &[Result<List, String>], entries: Option<&Result<Entries, String>>) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    for list in lists.iter().flatten() {
        own.insert(list.path.clone());
        for entry in &list.entries {
            let Some(path) = package.find(&list.path, &entry.location) else { continue };
            let manifest = package.bytes(&path, XML_BYTES).ok().and_then(|bytes| Manifest::read(&bytes));
            let named = manifest.into_iter().flat_map(|manifest| [manifest.value, manifest.seal]).flatten();
            own.extend(named.filter_map(|location| package.find(&path, &location)));
            own.insert(path);
        }
    }
    if let Some(Ok(entries)) = entries {
        own.extend(package.find(&entries.path, &entries.value));
        own.insert(entries.path.clone());
    }
    own
}

impl SignatureFacts {
    fn new(id: &str, path: &str, form: Form) -> Self {
        Self {
            id: id.to_owned(),
            path: path.to_owned(),
            form,
            provider: String::new(),
            signed_at: None,
            algorithm: String::new(),
            seal: None,
            signer: None,
        }
    }
}

impl SealFacts {
    pub(crate) fn new(seal: &Seal<'_>, maker: Option<&Certificate>) -> Self {
        Self {
            name: seal.name.clone(),
            id: seal.id.clone(),
            version: seal.version,
            vendor: seal.vendor.clone(),
            maker: maker.map(|maker| maker.subject.short.clone()).unwrap_or_default(),
            created: seal.created,
            valid_from: seal.valid_from,
            valid_to: seal.valid_to,
            picture: seal.picture.clone(),
            width: seal.width,
            height: seal.height,
        }
    }
}
