//! What a parametric QR (带参数二维码) is for.

use std::fmt;

/// Longest `scene_str` that the platform takes.
const LONGEST: usize = 64;

/// The scene of a parametric QR: a purpose and a nonce, `login:<nonce>`.
///
/// `Debug` hides the nonce: for a few minutes it stands for somebody's sign-in.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Scene {
    /// Signing in on a PC; the nonce is the ticket's.
    Login(String),
    /// Binding an account to the scanning person (微信绑定).
    Bind(String),
    /// An operation key (操作密钥) that the scanning person takes over.
    Key(String),
    /// Anything else that a QR of this account carried, as it came: an older version's, or another system's.
    Unknown(String),
}

impl Scene {
    /// Reads a scene as it comes in an event, without the prefix `qrscene_`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once(':') {
            Some(("login", nonce)) if is_nonce(nonce) => Self::Login(nonce.to_owned()),
            Some(("bind", nonce)) if is_nonce(nonce) => Self::Bind(nonce.to_owned()),
            Some(("key", nonce)) if is_nonce(nonce) => Self::Key(nonce.to_owned()),
            _ => Self::Unknown(text.chars().take(LONGEST).collect()),
        }
    }

    /// The `scene_str`, or none for a scene that the platform or [`Self::parse`] would not take.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let text = match self {
            Self::Login(nonce) => format!("login:{nonce}"),
            Self::Bind(nonce) => format!("bind:{nonce}"),
            Self::Key(nonce) => format!("key:{nonce}"),
            Self::Unknown(_) => return None,
        };
        (text.len() <= LONGEST && Self::parse(&text) == *self).then_some(text)
    }
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login(_) => "Login(hidden)",
            Self::Bind(_) => "Bind(hidden)",
            Self::Key(_) => "Key(hidden)",
            Self::Unknown(_) => "Unknown(hidden)",
        })
    }
}

/// Letters, digits, `-` and `_`: what a URL and base64url hold.
fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_come_back_as_they_went() {
        for scene in [Scene::Login("a-1_Z".to_owned()), Scene::Bind("x".to_owned()), Scene::Key("k".repeat(60))] {
            assert_eq!(scene.text().map(|text| Scene::parse(&text)), Some(scene));
        }
        for bad in [Scene::Login(String::new()), Scene::Login("a b".to_owned()), Scene::Key("k".repeat(61)), Scene::Unknown("0".to_owned())]
        {
            assert_eq!(bad.text(), None);
        }
        for odd in ["", "0", "login", "login:", "login:a:b", "Login:a", "pay:a", "login:<b>"] {
            assert_eq!(Scene::parse(odd), Scene::Unknown(odd.to_owned()));
        }
        assert!(!format!("{:?}", Scene::parse("login:n0nce")).contains("n0nce"));
    }
}
