//! Which WeChat account scanned which QR.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_wechat::Scene;

/// How long a scan is remembered: longer than any QR lives.
const REMEMBERED: Duration = Duration::from_secs(900);
const MOST: usize = 4_000;

/// Scans of the last minutes.
#[derive(Default)]
pub(super) struct Scans {
    all: Mutex<HashMap<Scene, (String, Instant)>>,
}

impl Scans {
    /// Notes who scanned. False when somebody else was first: a QR is for one phone.
    pub(super) fn note(&self, scene: &Scene, openid: &str) -> bool {
        let now = Instant::now();
        let mut all = self.lock();
        all.retain(|_, (_, at)| now < *at + REMEMBERED);
        if let Some((first, _)) = all.get(scene) {
            return first == openid;
        }
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, (_, at))| *at).map(|(scene, _)| scene.clone())
        {
            all.remove(&oldest);
        }
        all.insert(scene.clone(), (openid.to_owned(), now));
        true
    }

    /// Who scanned, if somebody did.
    pub(super) fn of(&self, scene: &Scene) -> Option<String> {
        self.lock().get(scene).map(|(openid, _)| openid.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Scene, (String, Instant)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_phone_has_the_qr() {
        let (scans, scene) = (Scans::default(), Scene::Login("n".to_owned()));
        assert!(scans.note(&scene, "oA") && scans.note(&scene, "oA") && !scans.note(&scene, "oB"));
        assert_eq!(scans.of(&scene).as_deref(), Some("oA"));
        assert_eq!(scans.of(&Scene::Bind("n".to_owned())), None);
        for number in 0..MOST + 10 {
            scans.note(&Scene::Key(number.to_string()), "oA");
        }
        assert!(scans.lock().len() <= MOST);
    }
}
