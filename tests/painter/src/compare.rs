//! Comparing a picture with its stored snapshot.

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{Rgba, RgbaImage};

/// How far a channel may be off, of 255.
///
/// Shapes come out to the last bit, but two inputs of the painter do not: glyph coverage is rasterised with the
/// CPU's own vector width, and round corners start from the C library's sine. Both move a value by one at most,
/// two where two such edges are blended over each other.
pub const TOLERANCE: u8 = 2;

/// What differs between two pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Pixels off by more than [`TOLERANCE`] in a channel.
    pub pixels: u64,
    /// The largest deviation of a channel.
    pub largest: u8,
    /// The first differing pixel from the top: x, y.
    pub first: Option<(u32, u32)>,
}

/// Compares two pictures of the same size.
pub fn difference(ours: &RgbaImage, theirs: &RgbaImage) -> Difference {
    let mut found = Difference::default();
    for ((x, y, a), b) in ours.enumerate_pixels().zip(theirs.pixels()) {
        let off = deviation(a, b);
        found.largest = found.largest.max(off);
        if off > TOLERANCE {
            found.pixels += 1;
            found.first.get_or_insert((x, y));
        }
    }
    found
}

fn deviation(a: &Rgba<u8>, b: &Rgba<u8>) -> u8 {
    a.0.iter().zip(b.0).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
}

/// Compares with `folder/name.png`, or writes it when `update` is set.
pub(crate) fn check(image: &RgbaImage, folder: &Path, name: &str, update: bool) -> Result<(), String> {
    let stored = folder.join(format!("{name}.png"));
    let new = folder.join(format!("{name}.new.png"));
    let diff = folder.join(format!("{name}.diff.png"));
    if update {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        remove(&new)?;
        remove(&diff)?;
        return save(image, &stored);
    }
    let hint = "run the test with UPDATE_SNAPSHOTS=1 to accept the new picture";
    if !stored.exists() {
        return Err(format!("snapshot {} is missing; {hint}", stored.display()));
    }
    let expected = image::open(&stored).map_err(|error| format!("{}: {error}", stored.display()))?.into_rgba8();
    if expected.dimensions() != image.dimensions() {
        save(image, &new)?;
        return Err(format!("snapshot {name}: size is {:?}, was {:?}; {hint}", image.dimensions(), expected.dimensions()));
    }
    let found = difference(image, &expected);
    let Some((x, y)) = found.first else {
        remove(&new)?;
        return remove(&diff);
    };
    save(image, &new)?;
    save(&picture_of_difference(image, &expected), &diff)?;
    let Difference { pixels, largest, .. } = found;
    Err(format!("snapshot {name}: {pixels} pixels differ by up to {largest}, first at {x},{y}; see {} and {hint}", diff.display()))
}

/// The expected picture, pale, with every difference in red.
fn picture_of_difference(ours: &RgbaImage, theirs: &RgbaImage) -> RgbaImage {
    let mut picture = theirs.clone();
    for (pixel, our) in picture.pixels_mut().zip(ours.pixels()) {
        let Rgba([r, g, b, _]) = *pixel;
        let pale = |channel: u8| 191 + channel / 4;
        *pixel = if deviation(pixel, our) > TOLERANCE { Rgba([220, 0, 0, 255]) } else { Rgba([pale(r), pale(g), pale(b), 255]) };
    }
    picture
}

/// Packed tightly: snapshots live in the repository.
fn save(image: &RgbaImage, path: &Path) -> Result<(), String> {
    let file = fs::File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let encoder = PngEncoder::new_with_quality(BufWriter::new(file), CompressionType::Best, FilterType::Adaptive);
    image.write_with_encoder(encoder).map_err(|error| format!("{}: {error}", path.display()))
}

fn remove(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{}: {error}", path.display())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_snapshot_is_missing_then_kept_then_differs() {
        let folder = tempfile::tempdir().unwrap();
        let picture = RgbaImage::from_pixel(6, 4, Rgba([10, 20, 30, 255]));
        let missing = check(&picture, folder.path(), "page", false).unwrap_err();
        assert!(missing.contains("is missing"), "{missing}");
        check(&picture, folder.path(), "page", true).unwrap();
        check(&picture, folder.path(), "page", false).unwrap();

        let mut other = picture.clone();
        other.put_pixel(2, 3, Rgba([10, 20, 40, 255]));
        let differs = check(&other, folder.path(), "page", false).unwrap_err();
        assert!(differs.contains("1 pixels differ by up to 10, first at 2,3"), "{differs}");
        let (new, diff) = (folder.path().join("page.new.png"), folder.path().join("page.diff.png"));
        assert_eq!(image::open(&new).unwrap().into_rgba8(), other);
        assert_eq!(image::open(&diff).unwrap().into_rgba8().get_pixel(2, 3), &Rgba([220, 0, 0, 255]));

        check(&picture, folder.path(), "page", false).unwrap();
        assert!(!new.exists() && !diff.exists(), "traces of a mended difference go");
    }

    #[test]
    fn another_size_is_a_difference() {
        let folder = tempfile::tempdir().unwrap();
        check(&RgbaImage::new(6, 4), folder.path(), "page", true).unwrap();
        let problem = check(&RgbaImage::new(6, 5), folder.path(), "page", false).unwrap_err();
        assert!(problem.contains("(6, 5), was (6, 4)"), "{problem}");
    }
}
