//! Which WeChat account scanned which QR.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_wechat::Scene;

/// How long a scan is remembered: longer than any QR lives.
const REMEMBERED: Duration = Duration::from_secs(900);
const MOST: usize = 4_000;

/// What is known of a QR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// It was made, and nobody has scanned it yet.
    Nobody,
    /// The openid that scanned it first.
    By(String),
}

/// QRs of the last minutes.
#[derive(Default)]
pub(super) struct Scans {
    all: Mutex<HashMap<Scene, (Scan, Instant)>>,
}

impl Scans {
    /// A QR was made: who confirms has to scan it. Made again, as when its page is loaded anew, it stays with whoever scanned it.
    pub(super) fn made(&self, scene: &Scene) {
        if self.of(scene).is_none() {
            self.put(scene, Scan::Nobody);
        }
    }

    /// Notes who scanned. False when somebody else was first: a QR is for one phone.
    pub(super) fn note(&self, scene: &Scene, openid: &str) -> bool {
        if let Some(Scan::By(first)) = self.of(scene) {
            return first == openid;
        }
        self.put(scene, Scan::By(openid.to_owned()));
        true
    }

    fn put(&self, scene: &Scene, scan: Scan) {
        let now = Instant::now();
        let mut all = self.lock();
        all.retain(|_, (_, at)| now < *at + REMEMBERED);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, (_, at))| *at).map(|(scene, _)| scene.clone())
        {
            all.remove(&oldest);
        }
        all.insert(scene.clone(), (scan, now));
    }

    /// What is known of a QR; none where no QR of WeChat was made.
    pub(super) fn of(&self, scene: &Scene) -> Option<Scan> {
        self.lock().get(scene).map(|(scan, _)| scan.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Scene, (Scan, Instant)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_phone_has_the_qr() {
        let (scans, scene) = (Scans::default(), Scene::Login("n".to_owned()));
        scans.made(&scene);
        assert_eq!(scans.of(&scene), Some(Scan::Nobody));
        assert!(scans.note(&scene, "oA") && scans.note(&scene, "oA") && !scans.note(&scene, "oB"));
        scans.made(&scene);
        assert_eq!(scans.of(&scene), Some(Scan::By("oA".to_owned())));
        assert_eq!(scans.of(&Scene::Bind("n".to_owned())), None);
        for number in 0..MOST + 10 {
            scans.note(&Scene::Key(number.to_string()), "oA");
        }
        assert!(scans.lock().len() <= MOST);
    }
}
