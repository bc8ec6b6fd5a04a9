//! Which service to work with: 体验, 直连 or 连接服务.

use piaoxia_engine::{Problem, ServiceWish};

use super::Screen;

/// The page on which it is chosen.
#[derive(Clone, Debug, Default)]
pub struct Welcome {
    /// Address of a service as typed.
    pub address: String,
    /// What is being chosen.
    pub choosing: Option<ServiceWish>,
    /// A change that waits for the answer to its question.
    pub asked: Option<ServiceWish>,
    /// Why the last choice was not kept.
    pub problem: Option<Problem>,
    /// It was a service at an address.
    pub of_hosted: bool,
    /// The keyboard was given to its first button.
    pub greeted: bool,
    /// The page that it was reached from; none on the very first start, which has none.
    pub back: Option<Screen>,
}

impl Welcome {
    /// The sandbox is being started.
    #[must_use]
    pub fn is_starting_sandbox(&self) -> bool {
        self.choosing == Some(ServiceWish::Sandbox)
    }

    /// A service is asked whether it is there.
    #[must_use]
    pub fn is_connecting(&self) -> bool {
        matches!(self.choosing, Some(ServiceWish::Hosted(_)))
    }
}
