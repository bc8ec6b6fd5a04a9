//! What came of a check, and why.

use jiff::Timestamp;

use crate::signed_value::Malformed;

/// A check that a signature is put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Every part that the signature names is there and has the SM3 digest that was signed (GB/T 33190, 18.2.3).
    Digests,
    /// The digest of `Signature.xml` is the one that the signature value holds.
    DataHash,
    /// The signature value is the signer's.
    Signature,
    /// The seal is its maker's (制章人) and nobody changed it.
    Maker,
    /// The seal names the signer among those who may use it.
    SignerListed,
    /// The seal was valid when it was used.
    Validity,
    /// The signer's certificate was valid at that time, and for signing.
    Certificate,
    /// The certificates go back to one that the user trusts.
    Chain,
    /// Which parts the signature leaves out.
    Coverage,
    /// The time stamp of GB/T 38540 version 5.
    TimeStamp,
}

impl Check {
    /// Stable word for JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Digests => "seal_digests",
            Self::DataHash => "seal_data_hash",
            Self::Signature => "seal_signature",
            Self::Maker => "seal_maker",
            Self::SignerListed => "seal_signer_listed",
            Self::Validity => "seal_validity",
            Self::Certificate => "seal_certificate",
            Self::Chain => "seal_chain",
            Self::Coverage => "seal_coverage",
            Self::TimeStamp => "seal_time_stamp",
        }
    }
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold. On an imported document this is a warning: the file is read and kept all the same.
    Fail,
    /// It could not be tried, or there was nothing to try it on.
    NotChecked,
}

impl Outcome {
    /// Stable word for JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotChecked => "not_checked",
        }
    }
}

/// One check of one signature, what came of it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// What came of it.
    pub outcome: Outcome,
    /// What that stands on.
    pub reason: Reason,
}

impl Finding {
    pub(crate) fn new(check: Check, (outcome, reason): Found) -> Self {
        Self { check, outcome, reason }
    }
}

/// Outcome and reason of a check.
pub(crate) type Found = (Outcome, Reason);

/// A time between two others, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Start.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
    /// The time in question: that of signing, or of making the seal.
    pub at: Timestamp,
}

/// Whose certificate a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// Who signed.
    Signer,
    /// Who made the seal (制章人).
    Maker,
}

/// How a seal lists those who may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Their certificates.
    Certificates,
    /// Digests of their certificates.
    Digests,
}

/// What a finding stands on. Paths are those of the package; texts of the file are made fit to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Every part has the digest that was signed.
    DigestsFit {
        /// Parts.
        parts: usize,
    },
    /// Parts were changed.
    PartsChanged {
        /// The first of them.
        first: String,
        /// Those changed.
        changed: usize,
        /// All that were signed.
        parts: usize,
    },
    /// Parts cannot be unpacked, so that nothing is known of their digests; all others fit.
    PartsUnreadable {
        /// The first of them.
        first: String,
        /// Those that cannot be unpacked.
        unreadable: usize,
        /// All that were signed.
        parts: usize,
    },
    /// Parts are missing.
    PartsMissing {
        /// The first of them.
        first: String,
        /// Those missing.
        missing: usize,
        /// All that were signed.
        parts: usize,
    },
    /// Only the list of signatures was changed, by signatures added later: without them it has the digest that was signed.
    SignedLater {
        /// Signatures added later.
        later: usize,
        /// All parts that were signed.
        parts: usize,
    },
    /// Only the list of signatures was changed and there are later signatures, but what it was before cannot be made out.
    SignedLaterUnproved {
        /// Signatures added later.
        later: usize,
    },
    /// The digests are of an algorithm that is not known here.
    DigestMethodUnknown {
        /// Its name in the file.
        method: String,
    },
    /// The signature names no part: it proves nothing of the document.
    NothingSigned,
    /// The list (GM/T 0099) names the parts without digests, so that their contents are not proved.
    NamesOnly {
        /// Parts.
        parts: usize,
    },
    /// The digest of `Signature.xml` is the one that was signed.
    DataHashFits,
    /// `Signature.xml` was changed, or the value belongs to another one.
    DataHashDiffers,
    /// The signature is directly over `Signature.xml`: there is no digest to compare.
    NoDataHash,
    /// The signature is the signer's.
    SignatureFits,
    /// It is not, or something that it covers was changed.
    SignatureWrong,
    /// A bare SM2 value: whose key it is, the file does not tell.
    NoCertificate,
    /// Signed by an algorithm that is not known here.
    AlgorithmUnknown {
        /// Dotted object identifier.
        algorithm: String,
    },
    /// The signature value cannot be read.
    ValueUnreadable(Malformed),
    /// The file with the signature value is not there or cannot be unpacked.
    ValueMissing {
        /// What the file names.
        path: String,
    },
    /// `Signature.xml` is not there or cannot be read.
    ManifestUnreadable {
        /// What the file names.
        path: String,
    },
    /// The document says that it has signatures, and the list of them is not there or cannot be read.
    ListUnreadable {
        /// What the file names.
        path: String,
    },
    /// The maker's signature over the seal holds.
    MakerFits {
        /// Who made the seal.
        maker: String,
    },
    /// It does not: the seal was changed, or made by someone else.
    MakerWrong {
        /// Who is said to have made it.
        maker: String,
    },
    /// The seal's file in the package is not the seal that was used.
    SealFileDiffers {
        /// Its path.
        path: String,
    },
    /// The maker's certificate had run out when the seal was made.
    MakerNotValid(Period),
    /// The maker's signature over the seal holds; his certificate began after the seal was made, so it was issued anew.
    MakerRenewed(Period),
    /// The signer is in the seal's list.
    SignerListed {
        /// Certificates or digests.
        by: Listing,
    },
    /// The signer is not.
    SignerNotListed {
        /// Those who are.
        listed: usize,
    },
    /// The list is of a kind that is not known here.
    ListUnknown,
    /// The seal was valid when it was used.
    SealValid(Period),
    /// It had expired.
    SealExpired(Period),
    /// It was not valid yet.
    SealTooEarly(Period),
    /// The signature does not say when it was made.
    NoTime,
    /// The certificate was valid when it was used.
    CertificateValid(Period),
    /// It had expired.
    CertificateExpired(Period),
    /// It was not valid yet.
    CertificateTooEarly(Period),
    /// Its key is not meant for signing documents.
    NotForSigning,
    /// It cannot be read.
    CertificateUnreadable(Bearer),
    /// It goes back to a trusted one.
    ChainFits {
        /// The trusted certificate's name.
        anchor: String,
    },
    /// Nothing is trusted, so nothing was checked.
    NoTrust {
        /// Who issued the signer's certificate.
        issuer: String,
    },
    /// The issuer is not among what is trusted.
    IssuerUnknown {
        /// Whose certificate.
        of: Bearer,
        /// Its issuer.
        issuer: String,
    },
    /// An issuer of this name is trusted, but another key signed.
    IssuerWrong {
        /// Whose certificate.
        of: Bearer,
        /// The name.
        issuer: String,
    },
    /// The issuer's certificate was not valid at the time.
    IssuerNotValid {
        /// Its name.
        issuer: String,
        /// Its validity, and the time.
        period: Period,
    },
    /// The issuer may not issue certificates.
    NotAuthority {
        /// Its name.
        issuer: String,
    },
    /// The issuer may not have so many authorities below it, or the chain has no end.
    PathTooLong {
        /// Its name.
        issuer: String,
    },
    /// The issuer's certificate has a condition that is not understood here.
    ConditionUnknown {
        /// Its name.
        issuer: String,
        /// Dotted object identifier of the extension.
        extension: String,
    },
    /// The signature covers every part.
    CoversAll,
    /// It covers every part but `OFD.xml`, as is usual: what that file says of the document is not proved.
    CoversAllButHead,
    /// It leaves out other parts.
    Uncovered {
        /// The first of them.
        paths: Vec<String>,
        /// Others.
        more: usize,
    },
    /// There is a time stamp; it is not checked here.
    TimeStampNotChecked,
}
