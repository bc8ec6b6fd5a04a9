//! What can be proved of a document offline: one verdict a check, each with what it stands on, never a bare tick.

mod arithmetic;
mod other;
mod seals;

use piaoxia_domain::qr::{Checksum, Payload};
use piaoxia_domain::tax_number::TaxNumberFault;
use piaoxia_domain::{Invoice, InvoiceKey, Money, TaxNumber};
use piaoxia_seals::{Examination, Trust};

use crate::document::{Document, Numbers};
use crate::field::Field;
use crate::statement::Agreement;

pub use other::against;
pub use piaoxia_seals::Outcome;
pub use seals::SealReason;

/// A check that a document was put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// 合计金额 + 合计税额 = 价税合计, within 0.01.
    Totals,
    /// The lines' 金额 and 税额 add up to the totals, within 0.01.
    LineSums,
    /// 数量 × 单价 = 金额 within 0.01 and 金额 × 税率 = 税额 within 0.06 a line and 1.27 an invoice.
    Lines,
    /// Check digit of the seller's number (GB 32100-2015, GB 11643).
    SellerTaxNo,
    /// Check digit of the buyer's number.
    BuyerTaxNo,
    /// 20 digits, or 发票代码 and 发票号码.
    NumberShape,
    /// The number in the head is that of the bureau's part.
    NumbersAgree,
    /// Fields that the file states in several places are the same in all of them.
    SourcesAgree,
    /// The QR code is this invoice's and its checksum fits.
    QrCrc,
    /// The bureau's signature: in an OFD all its seals and digital signatures together.
    Signature,
    /// One of the checks of one seal or digital signature of an OFD.
    Seal(piaoxia_seals::Check),
    /// Another document of the same invoice, or its row in the ledger, says the same ([`against`]).
    AgreesWithOther,
}

impl Check {
    /// Stable word for JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Totals => "totals",
            Self::LineSums => "line_sums",
            Self::Lines => "lines",
            Self::SellerTaxNo => "seller_tax_no",
            Self::BuyerTaxNo => "buyer_tax_no",
            Self::NumberShape => "number_shape",
            Self::NumbersAgree => "numbers_agree",
            Self::SourcesAgree => "sources_agree",
            Self::QrCrc => "qr_crc",
            Self::Signature => "signature",
            Self::Seal(check) => check.id(),
            Self::AgreesWithOther => "agrees_with_other",
        }
    }
}

/// One check and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was checked.
    pub check: Check,
    /// What came of it.
    pub result: Outcome,
    /// What that stands on.
    pub reason: Reason,
}

/// What a verdict stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The totals add up.
    TotalsFit {
        /// 合计金额.
        net: Money,
        /// 合计税额.
        tax: Money,
        /// 价税合计.
        gross: Money,
    },
    /// The totals do not add up.
    TotalsDiffer {
        /// 合计金额.
        net: Money,
        /// 合计税额.
        tax: Money,
        /// 价税合计.
        gross: Money,
    },
    /// A total is missing and was computed from the others: adding them up again proves nothing.
    TotalsComputed,
    /// The lines add up to the totals.
    LineSumsFit {
        /// Number of lines.
        lines: u32,
    },
    /// The lines do not add up to the totals.
    LineSumsDiffer {
        /// Sum of the lines' 金额.
        lines_net: Money,
        /// Sum of the lines' 税额.
        lines_tax: Money,
        /// 合计金额.
        net: Money,
        /// 合计税额.
        tax: Money,
    },
    /// The document has no goods lines.
    NoLines,
    /// Every line that can be computed fits.
    LinesFit {
        /// Lines of which at least one product was computed.
        checked: u32,
        /// All lines.
        lines: u32,
    },
    /// Lines do not fit.
    LinesDiffer {
        /// The first of them.
        first: LineFault,
        /// Products that do not fit, in all lines.
        faults: u32,
    },
    /// Every line fits, and their differences of tax add up to too much.
    LineTaxDrift {
        /// The sum of the differences.
        drift: Money,
    },
    /// No line has 数量 and 单价, or a rate that is a number.
    LinesNotComputable,
    /// The check digit fits.
    CheckDigitFits,
    /// The number is wrong.
    TaxNumberWrong(TaxNumberFault),
    /// The party has no number: a natural person.
    NoTaxNumber,
    /// Numbers of this length have no check digit.
    NoCheckDigit {
        /// Characters.
        length: usize,
    },
    /// The number has the right shape.
    NumberShapeFits,
    /// The number has the wrong shape.
    NumberShapeWrong {
        /// The number.
        number: String,
    },
    /// The kind is none of the bureau's, and how its numbers look is not known.
    NumberShapeUnknown,
    /// Both statements of the number agree.
    NumbersAgree,
    /// They do not.
    NumbersDiffer {
        /// In the head.
        header: String,
        /// In the bureau's part.
        supervision: String,
    },
    /// The document states its number once.
    NumberStatedOnce,
    /// Every field that several places state is the same in all of them.
    SourcesAgree {
        /// Fields stated more than once.
        fields: u32,
        /// Places that state one of them.
        sources: u32,
    },
    /// Places differ; each difference is a warning of the document.
    SourcesDiffer {
        /// The first such field.
        field: Field,
        /// All such fields.
        fields: u32,
    },
    /// No field is stated in two places.
    SourcesSingle,
    /// The QR code is this invoice's and its checksum fits.
    QrFits,
    /// The checksum in the QR code is not that of its text: the code was not made by the bureau, or altered.
    QrChecksumDiffers {
        /// In the code.
        stated: String,
        /// Of the text.
        computed: String,
    },
    /// The QR code has a checksum of a kind that is not public (铁路电子客票).
    QrChecksumNotPublic,
    /// The QR code has no checksum.
    QrChecksumAbsent,
    /// The QR code is another invoice's.
    QrOfAnother {
        /// The number in the code.
        number: String,
    },
    /// The document has no QR code that could be read.
    NoQr,
    /// Everything that both state is the same.
    OtherAgrees {
        /// Fields that were compared.
        fields: u32,
    },
    /// The other is another invoice.
    OtherInvoice {
        /// Number in this document.
        here: String,
        /// Number of the other.
        other: String,
    },
    /// The other is the same invoice and states something else.
    OtherDiffers {
        /// The first such field.
        field: Field,
        /// In this document.
        here: String,
        /// In the other.
        other: String,
        /// All such fields.
        fields: u32,
    },
    /// The bureau signed, and how it normalises the text before signing is not published:
    /// unproved, which is not the same as wrong.
    SignatureNotProvable,
    /// The document carries no signature.
    NoSignature,
    /// Every check of every seal holds.
    SealsHold {
        /// Seals and digital signatures.
        signatures: usize,
    },
    /// Checks of seals do not hold.
    SealsFail {
        /// How many.
        failed: usize,
    },
    /// No check of a seal fails, and some could not be tried: what holds is told one by one.
    SealsOpen {
        /// How many could not be tried.
        open: usize,
    },
    /// Of one check of one seal.
    Seal(SealReason),
}

/// A product on a line that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Goods line, from 1.
    pub line: u32,
    /// Which product.
    pub part: LinePart,
    /// What it comes to; none when it is beyond any amount.
    pub expected: Option<Money>,
    /// What the line states.
    pub stated: Money,
}

/// A product on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinePart {
    /// 数量 × 单价 = 金额.
    Net,
    /// 金额 × 税率 = 税额.
    Tax,
}

/// One verdict a check, in the order of [`Check`]; of an OFD with seals also those of each seal, one seal after the other.
/// Nothing is trusted, so no chain of certificates is checked.
#[must_use]
pub fn verdicts(document: &Document) -> Vec<Verdict> {
    verdicts_trusting(document, &Trust::default())
}

/// As [`verdicts`], with certificates that the user trusts.
#[must_use]
pub fn verdicts_trusting(document: &Document, trust: &Trust) -> Vec<Verdict> {
    let invoice = &document.invoice;
    let found = [
        (Check::Totals, arithmetic::totals(document)),
        (Check::LineSums, arithmetic::line_sums(document)),
        (Check::Lines, arithmetic::lines(invoice)),
        (Check::SellerTaxNo, tax_number(&invoice.seller.tax_no)),
        (Check::BuyerTaxNo, tax_number(&invoice.buyer.tax_no)),
        (Check::NumberShape, number_shape(invoice)),
        (Check::NumbersAgree, numbers_agree(&document.evidence.numbers)),
        (Check::SourcesAgree, sources_agree(&document.evidence.agreement)),
        (Check::QrCrc, qr(document)),
        (Check::Signature, signature(document, trust)),
    ];
    found
        .into_iter()
        .chain(seals::each(&document.evidence.seals, trust))
        .map(|(check, (result, reason))| Verdict { check, result, reason })
        .collect()
}

/// The verdicts on the seals of a file that is no invoice; none where it has none.
#[must_use]
pub fn seal_verdicts(examination: &Examination, trust: &Trust) -> Vec<Verdict> {
    let together = seals::together(examination, trust).map(|found| (Check::Signature, found));
    let all = together.into_iter().chain(seals::each(examination, trust));
    all.map(|(check, (result, reason))| Verdict { check, result, reason }).collect()
}

type Finding = (Outcome, Reason);

fn tax_number(number: &TaxNumber) -> Finding {
    match number.fault() {
        _ if number.is_empty() => (Outcome::NotChecked, Reason::NoTaxNumber),
        Some(fault) => (Outcome::Fail, Reason::TaxNumberWrong(fault)),
        None if number.as_str().len() == 18 => (Outcome::Pass, Reason::CheckDigitFits),
        None => (Outcome::NotChecked, Reason::NoCheckDigit { length: number.as_str().len() }),
    }
}

fn number_shape(invoice: &Invoice) -> Finding {
    match &invoice.key {
        InvoiceKey::Digital(_) | InvoiceKey::Legacy { .. } => (Outcome::Pass, Reason::NumberShapeFits),
        // Vouchers of other authorities (财政电子票据) have numbers of their own.
        InvoiceKey::Other(_) if !invoice.kind.code().is_empty() && invoice.kind.info().is_none() => {
            (Outcome::NotChecked, Reason::NumberShapeUnknown)
        }
        InvoiceKey::Other(number) => (Outcome::Fail, Reason::NumberShapeWrong { number: number.clone() }),
    }
}

fn numbers_agree(numbers: &Numbers) -> Finding {
    match numbers {
        Numbers::Single => (Outcome::NotChecked, Reason::NumberStatedOnce),
        Numbers::Agree => (Outcome::Pass, Reason::NumbersAgree),
        Numbers::Differ { header, supervision } => {
            (Outcome::Fail, Reason::NumbersDiffer { header: header.clone(), supervision: supervision.clone() })
        }
    }
}

fn sources_agree(agreement: &Agreement) -> Finding {
    match agreement.differing.first() {
        Some(field) => (Outcome::Fail, Reason::SourcesDiffer { field: *field, fields: count(agreement.differing.len()) }),
        None if agreement.agreed.is_empty() => (Outcome::NotChecked, Reason::SourcesSingle),
        None => {
            let (fields, sources) = (count(agreement.agreed.len()), count(agreement.sources.len()));
            (Outcome::Pass, Reason::SourcesAgree { fields, sources })
        }
    }
}

fn signature(document: &Document, trust: &Trust) -> Finding {
    let alone = if document.evidence.signed { Reason::SignatureNotProvable } else { Reason::NoSignature };
    seals::together(&document.evidence.seals, trust).unwrap_or((Outcome::NotChecked, alone))
}

fn qr(document: &Document) -> Finding {
    let Some(Payload { key, checksum, .. }) = &document.evidence.qr else { return (Outcome::NotChecked, Reason::NoQr) };
    if *key != document.invoice.key && Some(key) != document.invoice.paper_key.as_ref() {
        return (Outcome::Fail, Reason::QrOfAnother { number: key.number().to_owned() });
    }
    match checksum {
        Checksum::Fits => (Outcome::Pass, Reason::QrFits),
        Checksum::Absent => (Outcome::NotChecked, Reason::QrChecksumAbsent),
        // The one real ticket that is known has a checksum of another algorithm.
        Checksum::Differs { .. } if document.invoice.kind.code() == "51" => (Outcome::NotChecked, Reason::QrChecksumNotPublic),
        Checksum::Differs { stated, computed } => {
            (Outcome::Fail, Reason::QrChecksumDiffers { stated: stated.clone(), computed: computed.clone() })
        }
    }
}

fn count(items: usize) -> u32 {
    items.try_into().unwrap_or(u32::MAX)
}
