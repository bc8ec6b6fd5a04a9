//! 网络与诊断: the network check, the settings of the network, the 诊断文件.

use piaoxia_engine::Problem;
use piaoxia_engine::checkup::Line;
use piaoxia_engine::network::{Network, ProxyChoice};

/// Everything about it.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// The card is open as a dialog, on a page without settings.
    pub shown: bool,
    /// The dialog of the check is open.
    pub open: bool,
    /// A check is under way.
    pub running: bool,
    /// Its steps that are over.
    pub lines: Vec<Line>,
    /// The settings of the network that hold.
    pub network: Network,
    /// Which proxy is chosen in the card, by [`ProxyKind`].
    pub proxy: ProxyKind,
    /// Its address, as typed.
    pub typed: String,
    /// An answer about the settings is awaited.
    pub busy: bool,
    /// Why the settings stayed as they were.
    pub problem: Option<Problem>,
    /// The 诊断文件 is being put together.
    pub diagnosing: bool,
    /// What it says, while it is shown.
    pub diagnosis: Option<String>,
    /// What a file dialog asks a place for.
    pub saving: Option<String>,
    /// This PC's clock is so many seconds ahead of the service's, where that is too much; less than 0: behind.
    pub clock: Option<i64>,
}

/// How the proxy is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyKind {
    /// 跟随系统.
    #[default]
    System,
    /// 不使用代理.
    Direct,
    /// 手动填写.
    Manual,
}

impl ProxyKind {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Direct, Self::Manual];
}

impl Help {
    /// Takes the settings that hold into the card.
    pub fn take(&mut self, network: Network) {
        (self.proxy, self.typed) = match &network.proxy {
            ProxyChoice::System => (ProxyKind::System, String::new()),
            ProxyChoice::Direct => (ProxyKind::Direct, String::new()),
            ProxyChoice::Manual(address) => (ProxyKind::Manual, address.clone()),
        };
        self.network = network;
    }
}
