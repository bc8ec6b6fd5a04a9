//! Pictures on the graphics card: each place in the details has one, uploaded when another picture comes to stand there.

use egui::{Color32, ColorImage, Id, TextureHandle, TextureOptions, Ui};
use piaoxia_engine::Picture;

/// The texture of a picture. `place` names where it stands, `ticket` which picture it is.
pub(super) fn texture(ui: &Ui, place: (&'static str, usize), ticket: u64, picture: &Picture) -> TextureHandle {
    let id = Id::unique(place);
    let kept: Option<(u64, TextureHandle)> = ui.data(|data| data.get_temp(id));
    if let Some((of, texture)) = kept
        && of == ticket
        && texture.size() == [picture.width, picture.height]
    {
        return texture;
    }
    let pixels = picture.rgba.chunks_exact(4).map(|pixel| match pixel {
        [r, g, b, a] => Color32::from_rgba_premultiplied(*r, *g, *b, *a),
        _ => Color32::TRANSPARENT,
    });
    let image = ColorImage::new([picture.width, picture.height], pixels.collect());
    let texture = ui.ctx().load_texture(place.0, image, TextureOptions::LINEAR);
    ui.data_mut(|data| data.insert_temp(id, (ticket, texture.clone())));
    texture
}
