//! How much a signature may hold before it is refused. Real ones stay far below every one of these.

/// Largest `SignedValue.dat`, bytes. A seal holds a picture, so tens of KiB are usual.
pub(crate) const SIGNED_VALUE_BYTES: usize = 8 * 1024 * 1024;
/// Largest `OFD.xml`, `Signatures.xml`, `Signature.xml` or `OFDEntries.xml`, bytes.
pub(crate) const XML_BYTES: usize = 2 * 1024 * 1024;
/// Most elements of one of them.
pub(crate) const XML_ELEMENTS: usize = 20_000;
/// Deepest nesting of elements.
pub(crate) const XML_DEPTH: usize = 64;
/// Most attributes of one element.
pub(crate) const XML_ATTRIBUTES: usize = 64;

/// Most signatures of one document that are examined.
pub(crate) const SIGNATURES: usize = 64;
/// Most certificates or digests in a seal's list of signers.
pub(crate) const LISTED: usize = 4_096;
/// Most certificates that signed data may carry.
pub(crate) const CARRIED: usize = 32;
/// Largest certificate, bytes.
pub(crate) const CERTIFICATE_BYTES: usize = 64 * 1024;
/// Most extensions of a certificate.
pub(crate) const EXTENSIONS: usize = 64;
/// Most parts of a distinguished name.
pub(crate) const NAME_PARTS: usize = 32;

/// Largest file of the trust store, bytes.
pub(crate) const TRUST_FILE_BYTES: usize = 1024 * 1024;
/// Most certificates of the trust store.
pub(crate) const TRUSTED: usize = 512;
/// Longest chain, from the signer's certificate to a trusted one.
pub(crate) const CHAIN: usize = 8;

/// Longest text that is shown of a signature, characters.
pub(crate) const SHOWN: usize = 200;
/// Paths that a finding names one by one.
pub(crate) const NAMED: usize = 5;
/// Earlier forms of `Signatures.xml` that are tried.
pub(crate) const EARLIER_FORMS: usize = 256;
/// Largest `Signatures.xml` whose earlier form is sought, bytes.
pub(crate) const EARLIER_BYTES: usize = 64 * 1024;
