//! QR code (二维码, ISO/IEC 18004) drawn with rectangles: black modules on white, quiet zone of four modules.

use std::sync::Arc;

use egui::{Color32, Id, Mesh, Rect, Response, Role, Sense, Shape, Ui, Vec2, Widget, WidgetInfo};
use qrcode::bits::Bits;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode, Version};

/// Modules of white around the code (ISO/IEC 18004, 6.3.8).
const QUIET: u16 = 4;
/// ECI designator of UTF-8 (AIM ECI); without it readers guess Shift-JIS for Chinese bytes.
const ECI_UTF8: u32 = 26;

/// A QR code of a text.
#[must_use = "put it into the ui with `ui.add(..)`"]
pub struct Qr<'a> {
    text: &'a str,
    name: &'a str,
    size: f32,
}

impl<'a> Qr<'a> {
    /// `name` is the accessible name, for example "登录二维码".
    pub fn new(text: &'a str, name: &'a str) -> Self {
        Self { text, name, size: 200.0 }
    }

    /// Side length in points, quiet zone included.
    pub fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }
}

/// The dark modules of a code, row by row.
#[derive(Debug)]
struct Modules {
    side: u16,
    dark: Vec<bool>,
}

impl Widget for Qr<'_> {
    /// Draws the code; a text too long for any code (over 2,331 bytes) leaves the white square empty.
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(self.size), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.name));
        ui.painter().rect_filled(rect, 0, Color32::WHITE);
        if let Some(modules) = cached(ui, self.name, self.text) {
            ui.painter().add(Shape::mesh(mesh(&modules, rect, ui.pixels_per_point())));
        }
        response
    }
}

/// Encoding takes about a millisecond, so each named code keeps its last one. A code that renews itself leaves nothing behind.
fn cached(ui: &Ui, name: &str, text: &str) -> Option<Arc<Modules>> {
    type Known = (String, Option<Arc<Modules>>);
    let id = Id::unique(("piaoxia qr", name));
    if let Some((known, modules)) = ui.data(|data| data.get_temp::<Known>(id))
        && known == text
    {
        return modules;
    }
    let made = encode(text).ok().map(Arc::new);
    ui.data_mut(|data| data.insert_temp::<Known>(id, (text.to_owned(), made.clone())));
    made
}

fn encode(text: &str) -> Result<Modules, QrError> {
    let code = if text.is_ascii() { QrCode::with_error_correction_level(text, EcLevel::M)? } else { encode_utf8(text)? };
    let side = u16::try_from(code.width()).map_err(|_| QrError::DataTooLong)?;
    let dark = code.into_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
    Ok(Modules { side, dark })
}

fn encode_utf8(text: &str) -> Result<QrCode, QrError> {
    for version in 1..=40 {
        let mut bits = Bits::new(Version::Normal(version));
        let fits = bits
            .push_eci_designator(ECI_UTF8)
            .and_then(|()| bits.push_byte_data(text.as_bytes()))
            .and_then(|()| bits.push_terminator(EcLevel::M));
        match fits {
            Ok(()) => return QrCode::with_bits(bits, EcLevel::M),
            Err(QrError::DataTooLong) => {}
            Err(other) => return Err(other),
        }
    }
    Err(QrError::DataTooLong)
}

/// One mesh of whole-pixel squares: scanners dislike blurred edges.
fn mesh(modules: &Modules, rect: Rect, pixels_per_point: f32) -> Mesh {
    let across = f32::from(modules.side + 2 * QUIET);
    let module = ((rect.width() * pixels_per_point / across).floor().max(1.0)) / pixels_per_point;
    let used = module * f32::from(modules.side);
    let snap = |value: f32| (value * pixels_per_point).round() / pixels_per_point;
    let left = snap(rect.center().x - used / 2.0);
    let top = snap(rect.center().y - used / 2.0);
    let mut mesh = Mesh::default();
    for (y, row) in (0_u16..).zip(modules.dark.chunks(usize::from(modules.side))) {
        for (x, _) in (0_u16..).zip(row).filter(|(_, dark)| **dark) {
            let min = egui::pos2(left + module * f32::from(x), top + module * f32::from(y));
            mesh.add_colored_rect(Rect::from_min_size(min, Vec2::splat(module)), Color32::BLACK);
        }
    }
    mesh
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn ascii_and_chinese_are_encoded() {
        assert_eq!(encode("https://example.com/s/abc").unwrap().side, 25);
        let chinese = encode("票匣登录").unwrap();
        assert_eq!(chinese.dark.len(), usize::from(chinese.side) * usize::from(chinese.side));
    }

    #[test]
    fn a_text_beyond_the_largest_code_is_refused() {
        assert_eq!(encode(&"x".repeat(2_332)).unwrap_err(), QrError::DataTooLong);
        assert_eq!(encode(&"票".repeat(1_000)).unwrap_err(), QrError::DataTooLong);
        assert!(encode(&"x".repeat(2_331)).is_ok());
    }

    #[test]
    fn modules_lie_on_whole_pixels_inside_the_quiet_zone() {
        let modules = encode("票匣").unwrap();
        let rect = Rect::from_min_size(egui::pos2(10.3, 20.7), Vec2::splat(200.0));
        let bounds = mesh(&modules, rect, 1.5).calc_bounds();
        let module = bounds.width() / f32::from(modules.side);
        assert!(bounds.left() - rect.left() >= module * f32::from(QUIET) - 1.0);
        assert!(((bounds.left() * 1.5).round() - bounds.left() * 1.5).abs() < 1e-3);
    }
}
