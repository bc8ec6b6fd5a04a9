//! Every scene as it looks in both themes, both languages and two sizes: one sheet of small pictures a scene. What is wrong in one of them is
//! seen there; with FULL_PICTURES=FOLDER they are written whole, to be looked at.

use std::path::PathBuf;

use image::imageops::{self, FilterType};
use image::{Rgba, RgbaImage};
use piaoxia::state::State;
use piaoxia::text::Language;
use piaoxia_widgets::Tokens;

use crate::{Drawn, harness, scenes};

/// A small picture has one pixel for so many of the whole one.
const SMALLER: u32 = 6;
/// Pixels between two pictures.
const GAP: u32 = 4;
/// Between the pictures.
const GROUND: Rgba<u8> = Rgba([128, 128, 128, 255]);

/// The pixels that a PC of 2013 has, and 1920 x 1080 at 150 %.
const SIZES: [((f32, f32), f32); 2] = [((1366.0, 768.0), 1.0), ((1280.0, 720.0), 1.5)];

fn variations() -> impl Iterator<Item = (u32, u32, Drawn)> {
    let looks = [
        (Language::ZhCn, Tokens::light()),
        (Language::ZhCn, Tokens::dark()),
        (Language::En, Tokens::light()),
        (Language::En, Tokens::dark()),
    ];
    (0..).zip(looks).flat_map(|(row, (language, tokens))| {
        (0..).zip(SIZES).map(move |(column, (size, scale))| (column, row, Drawn { language, tokens, size, scale }))
    })
}

fn contact_sheet(name: &str, state: fn() -> State) {
    let mut small = Vec::new();
    for (column, row, drawn) in variations() {
        let whole = harness(drawn, state()).render().unwrap();
        if let Some(folder) = std::env::var_os("FULL_PICTURES") {
            whole.save(PathBuf::from(folder).join(format!("{name}-{column}{row}.png"))).unwrap();
        }
        let (width, height) = (whole.width() / SMALLER, whole.height() / SMALLER);
        small.push((column, row, imageops::resize(&whole, width, height, FilterType::Triangle)));
    }
    let cell = |pictures: &[(u32, u32, RgbaImage)], of: u32| {
        let widest =
            pictures.iter().filter(|(column, _, _)| *column == of).map(|(_, _, picture)| picture.width()).max().unwrap_or_default();
        let highest = pictures.iter().map(|(_, _, picture)| picture.height()).max().unwrap_or_default();
        (widest, highest)
    };
    let (first, height) = cell(&small, 0);
    let (second, _) = cell(&small, 1);
    let mut sheet = RgbaImage::from_pixel(first + second + 3 * GAP, 4 * (height + GAP) + GAP, GROUND);
    for (column, row, picture) in &small {
        let left = GAP + column * (first + GAP);
        imageops::replace(&mut sheet, picture, i64::from(left), i64::from(GAP + row * (height + GAP)));
    }
    piaoxia_painter::snapshot_image(&sheet, &format!("variations/{name}"));
}

macro_rules! sheets {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                contact_sheet(stringify!($name), scenes::$name);
            }
        )+
    };
}

every_scene!(sheets);
