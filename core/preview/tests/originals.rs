//! The sandbox bureau's own originals are drawn, and what must be seen on them is there: hanzi, QR code, seal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says what it skips"
)]

mod common;

use common::{file, invoice, on_own_stack, samples};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, Money, qr};
use piaoxia_preview::{Cancel, Picture, PreviewError, Scale, pages, render};

/// Kinds of the sandbox that have originals, and whether older ones.
const KINDS: [&str; 14] = ["51", "59", "61", "81", "82", "83", "84", "85", "86", "87", "88", "08", "10", "14"];

fn drawn(invoice: &Invoice, format: Format, page: usize, dpi: f64) -> Picture {
    let bytes = file(invoice, format);
    render(format, &bytes, page, Scale::Dpi(dpi), &Cancel::default())
        .unwrap_or_else(|error| panic!("{} {format:?}: {error}", invoice.kind.code()))
}

/// Pixels in a box (mm) for which `wanted` holds, as a part of all.
fn part(picture: &Picture, dpi: f64, [x, y, width, height]: [f64; 4], wanted: impl Fn([u8; 3]) -> bool) -> f64 {
    let pixel = |mm: f64| (mm / 25.4 * dpi) as usize;
    let (mut found, mut all) = (0.0, 0.0);
    for row in pixel(y)..pixel(y + height) {
        for column in pixel(x)..pixel(x + width) {
            let at = (row * picture.width + column) * 4;
            all += 1.0;
            found += f64::from(u8::from(wanted([picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2]])));
        }
    }
    found / all
}

fn is_dark([red, green, blue]: [u8; 3]) -> bool {
    red < 110 && green < 110 && blue < 110
}

fn is_brown([red, green, blue]: [u8; 3]) -> bool {
    (90..180).contains(&red) && green < 110 && blue < 110 && red > green + 40
}

fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red > 180 && green < 130 && blue < 130
}

/// What the QR code on a picture says.
fn decoded(picture: &Picture) -> Option<String> {
    let grey = |x: usize, y: usize| picture.rgba.get((y * picture.width + x) * 4).copied().unwrap_or(255);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, grey);
    image.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

fn payload(invoice: &Invoice) -> Option<String> {
    let amount: Money = if invoice.key.code().is_some() { invoice.net } else { invoice.gross };
    qr::payload(&invoice.key, &invoice.kind, amount, invoice.issued_on(), &invoice.check_code)
}

#[test]
fn every_kind_shows_its_texts_its_code_and_its_seal() {
    on_own_stack(|| {
        for code in KINDS {
            let invoice = invoice(code, 3);
            for format in [Format::Ofd, Format::Pdf] {
                let picture = drawn(&invoice, format, 0, 110.0);
                let shown = |place, wanted: fn([u8; 3]) -> bool| part(&picture, 110.0, place, wanted);
                assert_eq!((picture.width, picture.height), (909, 606), "{code} {format:?}");
                // The buyer's and the seller's block, the number, the table.
                assert!(
                    shown([112.0, 32.0, 90.0, 6.0], is_dark) + shown([30.0, 32.0, 60.0, 6.0], is_dark) > 0.02,
                    "{code} {format:?}: no party"
                );
                assert!(shown([165.0, 5.0, 40.0, 18.0], is_dark) > 0.02, "{code} {format:?}: no number");
                assert!(shown([4.5, 56.0, 100.0, 12.0], is_dark) > 0.01, "{code} {format:?}: no line");
                assert!(shown([50.0, 7.0, 100.0, 12.0], is_brown) > 0.02, "{code} {format:?}: no title");
                assert!(shown([88.0, 6.0, 36.0, 24.0], is_red) > 0.03, "{code} {format:?}: no seal");
                // Which pixels a module falls on differs with the size; a phone moves until it fits, too.
                let found = [200.0, 240.0, 300.0, 160.0].into_iter().find_map(|dpi| decoded(&drawn(&invoice, format, 0, dpi)));
                assert_eq!(found, payload(&invoice), "{code} {format:?}");
            }
        }
    });
}

#[test]
fn every_page_of_a_long_invoice_is_drawn() {
    on_own_stack(|| {
        for (code, least) in [("82", 10), ("10", 4)] {
            let invoice = invoice(code, 100);
            for format in [Format::Ofd, Format::Pdf] {
                let sizes = pages(format, &file(&invoice, format)).unwrap();
                assert!(sizes.len() >= least, "{code} {format:?}: {} pages", sizes.len());
                assert!(sizes.iter().all(|page| (page.width - 210.0).abs() < 0.1), "{sizes:?}");
                let last = drawn(&invoice, format, sizes.len() - 1, 60.0);
                assert!(part(&last, 60.0, [5.0, 30.0, 200.0, 60.0], is_dark) > 0.005, "{code} {format:?}: the last page is empty");
                let beyond = render(format, &file(&invoice, format), sizes.len(), Scale::Dpi(60.0), &Cancel::default());
                assert_eq!(beyond, Err(PreviewError::NoPage { page: sizes.len(), pages: sizes.len() }));
            }
        }
    });
}

#[test]
fn a_thumbnail_is_the_same_page_made_small() {
    on_own_stack(|| {
        let bytes = file(&invoice("81", 2), Format::Ofd);
        let small = render(Format::Ofd, &bytes, 0, Scale::Fit { width: 150, height: 400 }, &Cancel::default()).unwrap();
        assert_eq!((small.width, small.height), (150, 100));
        let seal =
            part(&small, 150.0 / 210.0 * 25.4, [88.0, 6.0, 36.0, 24.0], |[red, green, _]| red > 150 && red > green.saturating_add(30));
        assert!(seal > 0.05, "{seal}");
    });
}

#[test]
fn nobody_waits_for_a_cancelled_picture() {
    let cancel = Cancel::default();
    cancel.cancel();
    for format in [Format::Ofd, Format::Pdf] {
        assert_eq!(render(format, &file(&invoice("81", 2), format), 0, Scale::Dpi(96.0), &cancel), Err(PreviewError::Cancelled));
    }
    assert_eq!(render(Format::Xml, b"<a/>", 0, Scale::Dpi(96.0), &cancel), Err(PreviewError::NotPaged(Format::Xml)));
}

#[test]
fn all_samples_are_drawn_with_something_on_them() {
    let Some(files) = samples() else { return eprintln!("skipped: no samples") };
    on_own_stack(move || {
        let mut drawn = 0;
        for (name, format, bytes) in files {
            for page in 0..pages(format, &bytes).unwrap_or_else(|error| panic!("{name}: {error}")).len() {
                let picture = render(format, &bytes, page, Scale::Dpi(60.0), &Cancel::default()).unwrap();
                assert!(picture.rgba.chunks_exact(4).any(|pixel| pixel[..3] != [255, 255, 255]), "{name} page {page} is white");
                drawn += 1;
            }
        }
        assert!(drawn >= 30, "{drawn}");
    });
}

/// Codes and seals of files that others made, among them a JBIG2 code and a seal that is an OFD file itself.
#[test]
fn samples_show_their_codes_and_seals() {
    let Some(files) = samples() else { return eprintln!("skipped: no samples") };
    on_own_stack(move || {
        let sample = |wanted: &str| files.iter().find(|(name, ..)| name == wanted).unwrap_or_else(|| panic!("no {wanted}"));
        let first = |wanted: &str| {
            let (_, format, bytes) = sample(wanted);
            render(*format, bytes, 0, Scale::Dpi(150.0), &Cancel::default()).unwrap()
        };
        for (name, start) in [
            ("999.ofd", "01,10,050001700111,12235358,10000.00,20200805,"),
            ("v4signed.ofd", "01,10,050001700111,99999951,300.00,20201010,"),
            ("draw_param_ref.ofd", "01,10,011002680026,71500013,9709.00,20200220,"),
        ] {
            let picture = first(name);
            let text = decoded(&picture).unwrap_or_default();
            assert!(text.starts_with(start), "{name}: {text}");
            assert!(part(&picture, 150.0, [85.0, 8.0, 40.0, 22.0], is_red) > 0.03, "{name}: no seal");
        }
        // Its code is a JBIG2 picture.
        let code = part(&first("no_page_container.ofd"), 150.0, [8.5, 4.0, 20.0, 20.0], is_dark);
        assert!((0.3..0.7).contains(&code), "{code}");
        // A seal across the right edge of five pages shows a strip on each.
        let (_, format, bytes) = sample("V4RideRight.ofd");
        for page in 0..5 {
            let picture = render(*format, bytes, page, Scale::Dpi(60.0), &Cancel::default()).unwrap();
            assert!(part(&picture, 60.0, [202.0, 40.0, 7.5, 40.0], is_red) > 0.03, "page {page}");
            assert!(part(&picture, 60.0, [150.0, 40.0, 50.0, 40.0], |pixel| pixel != [255; 3]) < 0.01, "page {page}");
        }
    });
}
