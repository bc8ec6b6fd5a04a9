//! The bureau's electronic seal (电子印章): keys, certificates, the seal's data and its picture.

mod art;
mod authority;
mod certificate;
mod der;
mod raster;
mod ses;

use piaoxia_domain::Region;

pub(super) use art::{Art, Step};
pub(super) use authority::{Authority, Signer};
pub(super) use certificate::SM2_SM3;
pub(super) use ses::utc;

use super::font::Font;
use super::{OriginalError, names};

/// Width of the seal on the page, mm (发票监制章: 30 × 20).
pub(super) const WIDTH: u16 = 30;
/// Height of the seal on the page, mm.
pub(super) const HEIGHT: u16 = 20;

/// The seal of one region's bureau.
pub(super) struct Seal {
    signer: Signer,
    /// GB/T 38540 seal, DER.
    data: Vec<u8>,
    art: Art,
}

impl Seal {
    /// Has a region's seal made and certified by the sandbox.
    pub(super) fn new(authority: &Authority, region: &Region, font: &Font) -> Result<Self, OriginalError> {
        let signer = authority.signer(&format!("沙箱测试 {}", names::bureau(region)), &region.code)?;
        let art = Art::new(&format!("{}税务局", names::province(region)), font)?;
        let picture = raster::png(&art)?;
        let data = ses::seal(authority.maker(), &signer, region, &picture)?;
        Ok(Self { signer, data, art })
    }

    /// Who signs with this seal.
    pub(super) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The seal as drawn.
    pub(super) fn art(&self) -> &Art {
        &self.art
    }

    /// The content of `SignedValue.dat` over a `Signature.xml` (GB/T 38540-2020, version 4).
    pub(super) fn signed_value(&self, signature_xml: &[u8], path: &str, at: jiff::civil::DateTime) -> Result<Vec<u8>, OriginalError> {
        ses::signed_value(&self.data, &self.signer, signature_xml, path, at)
    }
}
