//! Pictures that were drawn, up to so many bytes; what was not looked at longest goes first.

use std::collections::HashMap;

use piaoxia_preview::Scale;

use super::{Preview, PreviewOrder};

/// Bytes of all pictures kept.
const BYTES: usize = 64 << 20;

/// Which picture: of which file, which page, how large.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    sha256: String,
    page: usize,
    scale: [u64; 2],
}

impl Key {
    pub(super) fn of(order: &PreviewOrder) -> Self {
        let scale = match order.scale {
            Scale::Dpi(dpi) => [dpi.to_bits(), u64::MAX],
            Scale::Fit { width, height } => [u64::from(width), u64::from(height)],
        };
        Self { sha256: order.sha256.clone(), page: order.page, scale }
    }
}

/// The kept pictures.
#[derive(Default)]
pub(super) struct Cache {
    pictures: HashMap<Key, (Preview, u64)>,
    bytes: usize,
    /// Counts looks, so that the last one of each picture is known.
    looks: u64,
}

impl Cache {
    pub(super) fn get(&mut self, key: &Key) -> Option<Preview> {
        let (preview, last_look) = self.pictures.get_mut(key)?;
        self.looks += 1;
        *last_look = self.looks;
        Some(preview.clone())
    }

    /// Keeps a picture, unless it alone is too large.
    pub(super) fn keep(&mut self, key: Key, preview: Preview) {
        let size = preview.picture.rgba.len();
        if size > BYTES {
            return;
        }
        self.looks += 1;
        if let Some((old, _)) = self.pictures.insert(key, (preview, self.looks)) {
            self.bytes -= old.picture.rgba.len();
        }
        self.bytes += size;
        while self.bytes > BYTES {
            let Some(oldest) = self.pictures.iter().min_by_key(|(_, (_, look))| *look).map(|(key, _)| key.clone()) else { return };
            if let Some((gone, _)) = self.pictures.remove(&oldest) {
                self.bytes -= gone.picture.rgba.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::sync::Arc;

    use piaoxia_domain::invoice::Format;
    use piaoxia_preview::Picture;

    use super::*;

    fn key(page: usize) -> Key {
        Key::of(&PreviewOrder { ticket: 0, sha256: "a".to_owned(), format: Format::Pdf, page, scale: Scale::Dpi(96.0) })
    }

    fn preview(bytes: usize) -> Preview {
        Preview { picture: Arc::new(Picture { width: 1, height: 1, rgba: vec![0; bytes] }), pages: Arc::from([]) }
    }

    #[test]
    fn the_longest_unseen_goes_first_and_the_size_is_kept() {
        let mut cache = Cache::default();
        for page in 0..6 {
            cache.keep(key(page), preview(10 << 20));
        }
        assert!(cache.get(&key(0)).is_some());
        cache.keep(key(6), preview(10 << 20));
        assert!(cache.get(&key(0)).is_some() && cache.get(&key(1)).is_none() && cache.get(&key(6)).is_some());
        cache.keep(key(6), preview(1 << 20));
        assert_eq!(cache.bytes, 51 << 20);
        cache.keep(key(7), preview(BYTES + 1));
        assert!(cache.get(&key(7)).is_none());
        assert_eq!(cache.bytes, cache.pictures.values().map(|(preview, _)| preview.picture.rgba.len()).sum::<usize>());
    }

    #[test]
    fn scales_are_told_apart() {
        let order = |scale| PreviewOrder { ticket: 1, sha256: "a".to_owned(), format: Format::Ofd, page: 0, scale };
        let keys = [Scale::Dpi(96.0), Scale::Dpi(97.0), Scale::Fit { width: 96, height: 96 }].map(|scale| Key::of(&order(scale)));
        let [first, second, third] = &keys;
        assert!(first != second && second != third && first != third);
    }
}
