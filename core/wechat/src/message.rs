//! What the platform delivers.

use crate::error::WeChatError;
use crate::scene::Scene;
use crate::xml::Fields;

/// Prefix of the scene in the event of a person who follows by scanning.
const FOLLOWED_BY_QR: &str = "qrscene_";
/// Longest id of a person or an account that is taken; real ones have 28 characters.
const ID_LENGTH: usize = 64;

/// A delivery whose signature, age, mode and account were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The person's openid.
    pub from: String,
    /// The account's own id (`gh_…`).
    pub to: String,
    /// When the platform made it, Unix seconds.
    pub created: i64,
    /// What it says.
    pub message: Message,
    /// Equal for repeated deliveries of the same message.
    pub(crate) identity: String,
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// Followed the account (关注); with a scene when it was by a parametric QR.
    Subscribe {
        /// None when found by name.
        scene: Option<Scene>,
    },
    /// Scanned a parametric QR while following already.
    Scan {
        /// What the QR is for.
        scene: Scene,
    },
    /// Stopped following (取消关注); no message can be sent any more.
    Unsubscribe,
    /// Pressed a menu entry that carries a key (CLICK).
    Menu {
        /// The entry's key.
        key: String,
    },
    /// Pressed a menu entry that opens a page (VIEW). No reply is shown.
    View {
        /// The page.
        url: String,
    },
    /// Wrote a text.
    Text {
        /// As written.
        content: String,
    },
    /// Anything else: `image`, `voice`, `event:LOCATION`.
    Other {
        /// Its kind.
        kind: String,
    },
}

impl Incoming {
    /// The scene, if a parametric QR was scanned.
    #[must_use]
    pub fn scene(&self) -> Option<&Scene> {
        match &self.message {
            Message::Subscribe { scene } => scene.as_ref(),
            Message::Scan { scene } => Some(scene),
            _ => None,
        }
    }

    pub(crate) fn read(fields: &Fields) -> Result<Self, WeChatError> {
        let (from, to) = (id(fields.get("FromUserName"))?, id(fields.get("ToUserName"))?);
        let time = fields.get("CreateTime").trim();
        let created = time.parse().map_err(|_| WeChatError::Xml("no CreateTime"))?;
        let kind = fields.get("MsgType").trim();
        if kind.is_empty() || kind.len() > ID_LENGTH {
            return Err(WeChatError::Xml("no MsgType"));
        }
        let (event, key, number) = (fields.get("Event").trim(), fields.get("EventKey").trim(), fields.get("MsgId").trim());
        // Messages have a number. Events have none: who and when identify them; what is added keeps two different events
        // of one second apart.
        let identity = if number.is_empty() { format!("{from} {time} {kind} {event} {key}") } else { format!("{from} #{number}") };
        let message = match kind {
            "event" => read_event(event, key),
            "text" => Message::Text { content: fields.get("Content").to_owned() },
            other => Message::Other { kind: other.to_owned() },
        };
        Ok(Self { from, to, created, message, identity })
    }
}

fn read_event(event: &str, key: &str) -> Message {
    match event {
        "subscribe" => Message::Subscribe { scene: key.strip_prefix(FOLLOWED_BY_QR).map(Scene::parse) },
        "SCAN" => Message::Scan { scene: Scene::parse(key) },
        "unsubscribe" => Message::Unsubscribe,
        "CLICK" => Message::Menu { key: key.to_owned() },
        "VIEW" => Message::View { url: key.to_owned() },
        other => Message::Other { kind: format!("event:{}", other.chars().take(ID_LENGTH).collect::<String>()) },
    }
}

fn id(text: &str) -> Result<String, WeChatError> {
    let text = text.trim();
    let good = (1..=ID_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if good { Ok(text.to_owned()) } else { Err(WeChatError::Xml("no sender or receiver")) }
}
