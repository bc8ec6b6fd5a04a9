//! What the painter puts on the canvas.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use egui::{Align2, Color32, ColorImage, FontId, Rect, TextureHandle, TextureOptions, Ui, Vec2, pos2};
use egui_kittest::Harness;
use image::{Rgba, RgbaImage};
use piaoxia_painter::{Difference, difference, painter};

fn harness<'a>(size: Vec2, scale: f32, draw: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    let mut harness =
        Harness::builder().with_size(size).with_pixels_per_point(scale).with_theme(egui::Theme::Light).renderer(painter()).build_ui(draw);
    harness.set_render_cursor(false);
    harness.run();
    harness
}

fn picture<'a>(size: Vec2, scale: f32, draw: impl FnMut(&mut Ui) + 'a) -> RgbaImage {
    harness(size, scale, draw).render().unwrap()
}

fn fill(ui: &Ui, rect: Rect, color: Color32) {
    let mut mesh = egui::Mesh::default();
    mesh.add_colored_rect(rect, color);
    ui.painter().add(egui::Shape::mesh(mesh));
}

#[test]
fn a_rectangle_covers_exactly_its_pixels() {
    let red = Color32::from_rgb(200, 10, 30);
    let rect = Rect::from_min_max(pos2(10.0, 12.0), pos2(40.0, 30.0));
    let image = picture(Vec2::new(64.0, 48.0), 2.0, |ui| {
        fill(ui, Rect::EVERYTHING, Color32::WHITE);
        fill(ui, rect, red);
    });
    assert_eq!(image.dimensions(), (128, 96));
    for (x, y, pixel) in image.enumerate_pixels() {
        let inside = (20..80).contains(&x) && (24..60).contains(&y);
        let expected = if inside { Rgba([200, 10, 30, 255]) } else { Rgba([255, 255, 255, 255]) };
        assert_eq!(*pixel, expected, "at {x},{y}");
    }
}

#[test]
fn shared_edges_are_painted_once() {
    // A fan of half-transparent triangles around a point: any pixel painted twice would be darker.
    let half = Color32::from_rgba_premultiplied(0, 0, 0, 128);
    let image = picture(Vec2::new(60.0, 60.0), 1.0, |ui| {
        fill(ui, Rect::EVERYTHING, Color32::WHITE);
        let mut mesh = egui::Mesh::default();
        mesh.colored_vertex(pos2(29.3, 31.7), half);
        let ring = [(-9.0, -9.0), (33.1, -9.0), (71.0, -9.0), (71.0, 28.6), (71.0, 71.0), (25.5, 71.0), (-9.0, 71.0), (-9.0, 33.3)];
        for (x, y) in ring {
            mesh.colored_vertex(pos2(x, y), half);
        }
        for corner in 1..=8 {
            mesh.add_triangle(0, corner, corner % 8 + 1);
        }
        ui.painter().add(egui::Shape::mesh(mesh));
    });
    assert!(image.pixels().all(|pixel| *pixel == Rgba([127, 127, 127, 255])));
}

#[test]
fn blends_premultiplied_in_gamma_space() {
    let image = picture(Vec2::new(8.0, 8.0), 1.0, |ui| {
        fill(ui, Rect::EVERYTHING, Color32::from_rgb(100, 100, 100));
        fill(ui, Rect::EVERYTHING, Color32::from_rgba_premultiplied(60, 0, 20, 51));
    });
    // 100 * (1 - 51/255) = 80.
    assert_eq!(*image.get_pixel(4, 4), Rgba([140, 80, 100, 255]));
}

#[test]
fn clips_to_the_painter_s_rectangle() {
    let image = picture(Vec2::new(40.0, 40.0), 1.0, |ui| {
        fill(ui, Rect::EVERYTHING, Color32::WHITE);
        let mut mesh = egui::Mesh::default();
        mesh.add_colored_rect(Rect::EVERYTHING, Color32::BLACK);
        ui.painter_at(Rect::from_min_max(pos2(5.0, 6.0), pos2(20.0, 10.0))).add(egui::Shape::mesh(mesh));
    });
    let black = image.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] == 0);
    let inside = |x, y| (5..20).contains(&x) && (6..10).contains(&y);
    let mut count = 0;
    for (x, y, _) in black {
        assert!(inside(x, y));
        count += 1;
    }
    assert_eq!(count, 15 * 4);
}

#[test]
fn text_leaves_ink_of_its_colour() {
    let image = picture(Vec2::new(80.0, 40.0), 1.0, |ui| {
        fill(ui, Rect::EVERYTHING, Color32::WHITE);
        ui.painter().text(pos2(40.0, 20.0), Align2::CENTER_CENTER, "88", FontId::monospace(24.0), Color32::BLACK);
    });
    let dark = image.pixels().filter(|pixel| pixel.0[0] < 60).count();
    let light = image.pixels().filter(|pixel| pixel.0[0] > 240).count();
    assert!((60..900).contains(&dark), "{dark} dark pixels");
    assert!(light > 2_000, "{light} light pixels");
}

#[test]
fn images_are_sampled_as_asked() {
    let mut handle: Option<TextureHandle> = None;
    let mut sampled = |options: TextureOptions| {
        handle = None;
        let texture = &mut handle;
        picture(Vec2::new(40.0, 20.0), 1.0, move |ui| {
            let pixels = ColorImage::new([2, 1], vec![Color32::BLACK, Color32::WHITE]);
            let texture = texture.get_or_insert_with(|| ui.ctx().load_texture("two", pixels, options));
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), Rect::from_min_size(pos2(0.0, 0.0), Vec2::new(40.0, 20.0)), whole, Color32::WHITE);
        })
    };
    let nearest = sampled(TextureOptions::NEAREST);
    assert_eq!([0, 19, 20, 39].map(|x| nearest.get_pixel(x, 9).0[0]), [0, 0, 255, 255]);
    let linear = sampled(TextureOptions::LINEAR);
    let middle = linear.get_pixel(20, 9).0[0];
    assert!((120..=140).contains(&middle), "{middle}");
    assert_eq!((linear.get_pixel(2, 9).0[0], linear.get_pixel(37, 9).0[0]), (0, 255));
}

fn scene(ui: &mut Ui) {
    ui.heading("Invoice 26117000000000000001");
    ui.add(egui::ProgressBar::new(0.4));
    ui.painter().circle_filled(pos2(100.0, 90.0), 30.0, Color32::from_rgb(10, 100, 110));
    ui.painter().line_segment([pos2(3.0, 60.0), pos2(170.0, 140.0)], (1.5, Color32::DARK_RED));
}

#[test]
fn two_renders_are_identical() {
    let size = Vec2::new(200.0, 160.0);
    let first = picture(size, 1.5, scene);
    let second = picture(size, 1.5, scene);
    assert_eq!(first.as_raw(), second.as_raw());
    assert_eq!(difference(&first, &second), Difference::default());
}

#[test]
fn a_difference_is_found_and_counted() {
    let first = picture(Vec2::new(40.0, 30.0), 1.0, |ui| fill(ui, Rect::EVERYTHING, Color32::from_gray(100)));
    let mut second = first.clone();
    second.put_pixel(3, 4, Rgba([102, 100, 100, 255]));
    assert_eq!(difference(&first, &second).pixels, 0);
    second.put_pixel(7, 8, Rgba([100, 103, 100, 255]));
    assert_eq!(difference(&first, &second), Difference { pixels: 1, largest: 3, first: Some((7, 8)) });
}
