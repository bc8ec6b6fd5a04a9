//! The originals (版式文件) that the simulated bureau hands out: XML, OFD and PDF in the formats of the real one.
//!
//! Each file is a pure function of the seed, the invoice and its region: the same call gives the same bytes. Every file
//! says that it is a sandbox document: the certificates' issuer is 票匣沙箱测试CA, the seal and the margin name the sandbox.
//!
//! ```text
//! Invoice ─┬─ xml::einvoice ──────────────────────────────► XML
//!          └─ layout (texts, lines, QR, seal in mm) ─┬─ ofd ─► OFD, with the XML attached and a GB/T 38540 seal
//!                                                    └─ pdf ─► PDF
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceKey, Region};

use font::Font;
use seal::{Authority, Seal};

mod digest;
mod font;
mod invented;
mod layout;
mod names;
mod ofd;
mod pdf;
mod qr;
mod seal;
#[cfg(test)]
mod tests;
mod xml;

/// Longest part of a file name that a party's name may take, in characters.
const NAME_LIMIT: usize = 60;

/// What is needed to make originals: the sandbox's certificate authority, its seals and the font. Made once, shared freely.
pub struct Originals {
    font: Font,
    authority: Authority,
    /// One seal a region, made when first needed.
    seals: RwLock<BTreeMap<String, Arc<Seal>>>,
}

/// Why an original cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OriginalError {
    /// The bureau has no file of this format for the invoice: paper, customs, or an unknown kind.
    #[error("the bureau hands out no {} of invoice {key}", format.extension())]
    NotHandedOut {
        /// The invoice.
        key: InvoiceKey,
        /// The format asked for.
        format: Format,
    },
    /// The compiled-in font cannot be read or cut down to the characters of a document.
    #[error("the font cannot be used: {0}")]
    Font(String),
    /// A key of the sandbox cannot be derived or cannot sign.
    #[error("the sandbox's certificate authority failed: {0}")]
    Signature(#[from] sm2::dsa::signature::Error),
    /// The QR payload does not fit.
    #[error("no QR code: {0}")]
    Qr(#[from] qrcode::types::QrError),
    /// A picture cannot be written.
    #[error("picture: {0}")]
    Picture(#[from] image::ImageError),
    /// The OFD container cannot be written.
    #[error("OFD container: {0}")]
    Container(#[from] zip::result::ZipError),
    /// Compression failed.
    #[error("compression: {0}")]
    Compression(#[from] std::io::Error),
}

impl Originals {
    /// Prepares a sandbox whose keys follow from `seed`; the same seed gives the same certificates.
    ///
    /// # Errors
    /// [`OriginalError::Font`] or [`OriginalError::Signature`], neither of which a good build shows.
    pub fn new(seed: u64) -> Result<Self, OriginalError> {
        Ok(Self { font: Font::compiled_in()?, authority: Authority::new(seed)?, seals: RwLock::default() })
    }

    /// Certificate of the sandbox's root (票匣沙箱测试CA), X.509 in DER: the anchor that its signatures verify against.
    #[must_use]
    pub fn root_certificate(&self) -> &[u8] {
        self.authority.root_certificate()
    }

    /// The same for a seed alone, without making all that documents need.
    ///
    /// # Errors
    /// [`OriginalError::Signature`], which a good build does not show.
    pub fn root_certificate_of(seed: u64) -> Result<Vec<u8>, OriginalError> {
        Ok(Authority::new(seed)?.root_certificate().to_vec())
    }

    /// The formats that the bureau has of an invoice: XML, OFD and PDF of 数电 kinds, OFD and PDF of the older electronic
    /// kinds (08, 10, 14), nothing of paper and customs documents.
    #[must_use]
    pub fn formats(invoice: &Invoice) -> &'static [Format] {
        match (Generation::of(invoice), &Format::ALL) {
            (Some(Generation::Digital), all) => all,
            (Some(Generation::TaxControl), [_, paged @ ..]) => paged,
            (None, _) => &[],
        }
    }

    /// The bytes of one original.
    ///
    /// # Errors
    /// [`OriginalError::NotHandedOut`] for a format that [`Originals::formats`] does not list; the others when making it fails.
    pub fn file(&self, invoice: &Invoice, region: &Region, format: Format) -> Result<Vec<u8>, OriginalError> {
        let missing = || OriginalError::NotHandedOut { key: invoice.key.clone(), format };
        let generation = Generation::of(invoice).ok_or_else(missing)?;
        if format == Format::Xml && generation == Generation::TaxControl {
            return Err(missing());
        }
        let seal = self.seal(region)?;
        if format == Format::Xml {
            return xml::einvoice::write(invoice, region, &seal);
        }
        let sheet = match generation {
            Generation::Digital => layout::digital::sheet(invoice),
            Generation::TaxControl => layout::tax_control::sheet(invoice, region),
        };
        let qr = qr::of(invoice, generation)?;
        if format == Format::Pdf {
            return pdf::write(invoice, generation, &sheet, qr.as_ref(), &self.font, &seal);
        }
        let attachment = match generation {
            Generation::Digital => xml::einvoice::write(invoice, region, &seal)?,
            Generation::TaxControl => xml::tax_control::write(invoice, region, &seal)?,
        };
        ofd::write(invoice, generation, &sheet, qr.as_ref(), &attachment, &seal)
    }

    /// The name under which the bureau sends a file: `dzfp_<number>_<counterparty>_<yyyyMMddHHmmss>.<ext>`; an older
    /// invoice's code and number make twenty digits together.
    #[must_use]
    pub fn file_name(invoice: &Invoice, format: Format) -> String {
        let code = invoice.key.code().unwrap_or_default();
        let name = safe_name(&invoice.counterparty().name);
        let time = invoice.issued_at.strftime("%Y%m%d%H%M%S");
        format!("dzfp_{code}{}_{name}_{time}.{}", invoice.key.number(), format.extension())
    }

    fn seal(&self, region: &Region) -> Result<Arc<Seal>, OriginalError> {
        // A seal is never half made, so a poisoned lock still guards whole ones.
        if let Some(seal) = self.seals.read().unwrap_or_else(PoisonError::into_inner).get(&region.code) {
            return Ok(Arc::clone(seal));
        }
        let seal = Arc::new(Seal::new(&self.authority, region, &self.font)?);
        let mut seals = self.seals.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(seals.entry(region.code.clone()).or_insert(seal)))
    }
}

/// Which system issued an electronic invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    /// 电子发票服务平台: 20-digit number.
    Digital,
    /// 增值税发票管理系统 (税控): code and number.
    TaxControl,
}

impl Generation {
    fn of(invoice: &Invoice) -> Option<Self> {
        match &invoice.key {
            InvoiceKey::Digital(_) => invoice.kind.info().is_some_and(|info| info.digital).then_some(Self::Digital),
            InvoiceKey::Legacy { .. } => matches!(invoice.kind.code(), "08" | "10" | "14").then_some(Self::TaxControl),
            InvoiceKey::Other(_) => None,
        }
    }
}

/// A party's name as part of a file name: nothing that a file system refuses or that reverses the reading direction.
fn safe_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
        })
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*') || c.is_whitespace() { '_' } else { c })
        .take(NAME_LIMIT)
        .collect();
    if safe.is_empty() { "未命名".to_owned() } else { safe }
}
