//! The QR code of an invoice as a grid of dots.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use piaoxia_domain::{Invoice, qr};
use qrcode::{Color, EcLevel, QrCode};

use super::{Generation, OriginalError};

/// Empty dots around the code (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;
/// Pixels a dot, so that a reader that takes the picture out of the file finds it large enough.
const SCALE: usize = 4;

/// A QR code.
pub(super) struct Qr {
    /// Dots on a side, without the quiet zone.
    width: usize,
    dark: Vec<bool>,
}

/// The code of an invoice: over 价税合计 with a 20-digit number, over 不含税金额 before. None for kinds without one.
pub(super) fn of(invoice: &Invoice, generation: Generation) -> Result<Option<Qr>, OriginalError> {
    let amount = match generation {
        Generation::Digital => invoice.gross,
        Generation::TaxControl => invoice.net,
    };
    let payload = qr::payload(&invoice.key, &invoice.kind, amount, invoice.issued_on(), &invoice.check_code);
    payload.map(|payload| Qr::new(&payload)).transpose()
}

impl Qr {
    fn new(payload: &str) -> Result<Self, OriginalError> {
        let code = QrCode::with_error_correction_level(payload, EcLevel::M)?;
        let width = code.width();
        let dark = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { width, dark })
    }

    /// Pixels on a side of the picture.
    pub(super) fn side(&self) -> usize {
        (self.width + 2 * QUIET) * SCALE
    }

    /// The picture, one bit a pixel, 1 is white; each row fills whole bytes.
    pub(super) fn bits(&self) -> Vec<u8> {
        let mut bits = Vec::with_capacity(self.side() * self.side().div_ceil(8));
        for y in 0..self.side() {
            let row: Vec<bool> = (0..self.side()).map(|x| self.is_dark(x, y)).collect();
            bits.extend(
                row.chunks(8).map(|eight| eight.iter().enumerate().fold(0xFF, |byte, (at, dark)| byte & !(u8::from(*dark) << (7 - at)))),
            );
        }
        bits
    }

    /// The picture as PNG.
    pub(super) fn png(&self) -> Result<Vec<u8>, OriginalError> {
        let side = self.side();
        let pixels: Vec<u8> = (0..side * side).map(|at| if self.is_dark(at % side, at / side) { 0 } else { 255 }).collect();
        let size = u32::try_from(side).unwrap_or(u32::MAX);
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::NoFilter).write_image(
            &pixels,
            size,
            size,
            ExtendedColorType::L8,
        )?;
        Ok(png)
    }

    /// Whether a pixel of the picture is dark.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let dot = |pixel: usize| (pixel / SCALE).checked_sub(QUIET).filter(|dot| *dot < self.width);
        match (dot(x), dot(y)) {
            (Some(x), Some(y)) => self.dark.get(y * self.width + x).copied().unwrap_or_default(),
            _ => false,
        }
    }
}
