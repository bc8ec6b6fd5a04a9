//! Draws the first page of files, `measure DPI ROUNDS [--out FOLDER] FILE...`: CPU seconds of reading, drawing and writing
//! PNG. `measure make FOLDER` writes twenty originals of the simulated bureau in each format.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement prints and may panic"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::PathBuf;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use piaoxia_domain::Region;
use piaoxia_domain::invoice::Format;
use piaoxia_preview::{Cancel, Picture, Scale, pages, render};

fn main() {
    let worker = std::thread::Builder::new().stack_size(piaoxia_preview::STACK).spawn(run).expect("a thread");
    worker.join().expect("it ends");
}

fn run() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "make") {
        return make(std::path::Path::new(&arguments.remove(1)));
    }
    let out =
        arguments.iter().position(|argument| argument == "--out").map(|at| PathBuf::from(arguments.drain(at..at + 2).nth(1).unwrap()));
    let dpi: f64 = arguments.remove(0).parse().expect("dots an inch");
    let rounds: u32 = arguments.remove(0).parse().expect("a number of rounds");
    let started = cpu_seconds();
    for round in 0..rounds {
        for file in &arguments {
            let format = if file.ends_with("pdf") { Format::Pdf } else { Format::Ofd };
            let bytes = std::fs::read(file).expect("a file");
            let last = match &out {
                Some(_) if round == 0 => pages(format, &bytes).map_or(1, |pages| pages.len()),
                _ => 1,
            };
            for page in 0..last {
                match render(format, &bytes, page, Scale::Dpi(dpi), &Cancel::default()) {
                    Ok(picture) => {
                        let png = png(&picture);
                        if let Some(out) = out.as_ref().filter(|_| round == 0) {
                            let stem = std::path::Path::new(file).file_stem().unwrap().to_string_lossy().into_owned();
                            std::fs::write(out.join(format!("{stem}-{page}.png")), png).expect("a picture");
                        }
                    }
                    Err(error) => println!("{file} page {page}: {error}"),
                }
            }
        }
    }
    println!("{} files x {rounds}: {:.3} CPU s", arguments.len(), cpu_seconds() - started);
}

fn make(folder: &std::path::Path) {
    let originals = piaoxia_bureau::originals::Originals::new(7).expect("a sandbox");
    let region = Region::from_code("3100").expect("Shanghai");
    for number in 0..20 {
        let invoice = common::invoice(["81", "82", "10", "08"][number % 4], 1 + number % 8);
        for format in [Format::Ofd, Format::Pdf] {
            let bytes = originals.file(&invoice, region, format).expect("an original");
            std::fs::write(folder.join(format!("{number}.{}", format.extension())), bytes).expect("a file");
        }
    }
}

fn png(picture: &Picture) -> Vec<u8> {
    let (width, height) = (u32::try_from(picture.width).unwrap(), u32::try_from(picture.height).unwrap());
    let mut png = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
    encoder.write_image(&picture.rgba, width, height, ExtendedColorType::Rgba8).expect("PNG");
    png
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // utime and stime are the 14th and 15th fields; the command's name and the state letter are not among these.
    fields.get(10).copied().unwrap_or_default() / 100.0 + fields.get(11).copied().unwrap_or_default() / 100.0
}
