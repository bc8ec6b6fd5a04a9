//! Pages of the sandbox's originals against pictures that were looked at. `UPDATE_SNAPSHOTS=1` writes them anew; look at
//! each before it is committed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::path::Path;

use common::{file, invoice, on_own_stack};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use piaoxia_domain::invoice::Format;
use piaoxia_preview::{Cancel, Picture, Scale, render};

/// Largest mean difference of a channel: what other processors' arithmetic may round otherwise.
const MEAN: f64 = 0.5;
/// Largest part of pixels that may differ visibly.
const PART: f64 = 0.002;

/// Name, kind, lines, format, page.
const PAGES: [(&str, &str, usize, Format, usize); 6] = [
    ("digital_ofd", "81", 3, Format::Ofd, 0),
    ("digital_pdf", "81", 3, Format::Pdf, 0),
    ("digital_paper_ofd", "86", 2, Format::Ofd, 0),
    ("digital_second_page_ofd", "82", 20, Format::Ofd, 1),
    ("tax_control_ofd", "10", 3, Format::Ofd, 0),
    ("tax_control_list_pdf", "10", 40, Format::Pdf, 1),
];

#[test]
fn pages_look_as_they_were_reviewed() {
    on_own_stack(|| {
        let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
        for (name, code, lines, format, page) in PAGES {
            let bytes = file(&invoice(code, lines), format);
            let picture = render(format, &bytes, page, Scale::Dpi(60.0), &Cancel::default()).unwrap();
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.png"));
            if update {
                std::fs::write(&path, png(&picture)).unwrap();
            }
            let reviewed = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(reviewed.len() < 60_000, "{name} is {} bytes", reviewed.len());
            compare(name, &picture, &image::load_from_memory(&reviewed).unwrap().into_rgb8());
        }
    });
}

fn compare(name: &str, picture: &Picture, reviewed: &image::RgbImage) {
    let size = (u32::try_from(picture.width).unwrap(), u32::try_from(picture.height).unwrap());
    assert_eq!(size, reviewed.dimensions(), "{name}");
    let (mut sum, mut visible) = (0.0, 0.0);
    for (drawn, seen) in picture.rgba.chunks_exact(4).zip(reviewed.pixels()) {
        let differences = drawn.iter().zip(seen.0).map(|(one, other)| f64::from(one.abs_diff(other)));
        let largest = differences.clone().fold(0.0, f64::max);
        sum += differences.sum::<f64>() / 3.0;
        visible += f64::from(u8::from(largest > 40.0));
    }
    let pixels = (picture.width * picture.height) as f64;
    assert!(sum / pixels < MEAN && visible / pixels < PART, "{name}: mean {:.3}, visible {:.5}", sum / pixels, visible / pixels);
}

fn png(picture: &Picture) -> Vec<u8> {
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|pixel| pixel.iter().take(3).copied()).collect();
    let size = (u32::try_from(picture.width).unwrap(), u32::try_from(picture.height).unwrap());
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
        .write_image(&rgb, size.0, size.1, ExtendedColorType::Rgb8)
        .unwrap();
    png
}
