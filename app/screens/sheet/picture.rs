//! Pictures on the graphics card: each place in the details has one, uploaded when another picture comes to stand there.

use std::sync::{Arc, Weak};

use egui::{Color32, ColorImage, Context, Id, TextureHandle, TextureOptions, Ui};
use piaoxia_engine::Picture;

/// A picture on the graphics card.
#[derive(Clone)]
struct Uploaded {
    /// Which one. As long as this is held, no other picture comes to lie where it lay.
    of: Weak<Picture>,
    texture: TextureHandle,
}

/// The texture of a picture. `place` names where it stands.
pub(super) fn texture(ui: &Ui, place: (&'static str, usize), picture: &Arc<Picture>) -> TextureHandle {
    let id = Id::unique(place);
    let of = Arc::downgrade(picture);
    let kept: Option<Uploaded> = ui.data(|data| data.get_temp(id));
    if let Some(kept) = kept.filter(|kept| kept.of.ptr_eq(&of)) {
        return kept.texture;
    }
    let pixels = picture.rgba.chunks_exact(4).map(|pixel| match pixel {
        [r, g, b, a] => Color32::from_rgba_premultiplied(*r, *g, *b, *a),
        _ => Color32::TRANSPARENT,
    });
    let image = ColorImage::new([picture.width, picture.height], pixels.collect());
    let texture = ui.ctx().load_texture(place.0, image, TextureOptions::LINEAR);
    ui.data_mut(|data| data.insert_temp(id, Uploaded { of, texture: texture.clone() }));
    texture
}

/// The details are closed: nothing of them stays on the graphics card.
pub(super) fn forget(ctx: &Context) {
    ctx.data_mut(|data| data.remove_by_type::<Uploaded>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_page_of_the_same_size_is_another_texture() {
        let page = |shade| Arc::new(Picture { width: 2, height: 1, rgba: vec![shade; 8] });
        let (first, second) = (page(0), page(255));
        egui::__run_test_ui(|ui| {
            let id = |picture: &Arc<Picture>| texture(ui, ("test", 0), picture).id();
            let before = id(&first);
            assert_eq!(id(&first), before);
            let after = id(&second);
            assert_ne!(after, before);
            forget(ui.ctx());
            assert_ne!(id(&second), after);
        });
    }
}
