//! Who is signed in, the sign-in page, the activation page.

use piaoxia_engine::Problem;
use piaoxia_engine::event::SignedOutBecause;
use piaoxia_service::contract::{LoginTicket, PersonInfo};

/// Who is signed in.
#[derive(Clone, Debug, Default)]
pub enum Session {
    /// Not known yet.
    #[default]
    Unknown,
    /// Nobody.
    Out(SignedOutBecause),
    /// Somebody.
    In {
        /// Who.
        person: PersonInfo,
        /// May use more than the activation page.
        activated: bool,
        /// The service is the sandbox.
        sandbox: bool,
    },
}

impl Session {
    /// The person, if one is signed in.
    #[must_use]
    pub fn person(&self) -> Option<&PersonInfo> {
        match self {
            Self::In { person, .. } => Some(person),
            Self::Unknown | Self::Out(_) => None,
        }
    }

    /// True for a person who may use more than the activation page.
    #[must_use]
    pub fn is_activated(&self) -> bool {
        matches!(self, Self::In { activated: true, .. })
    }

    /// True when the service is the sandbox.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        matches!(self, Self::In { sandbox: true, .. })
    }
}

/// The sign-in page.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// 30 天免登录.
    pub keep_signed_in: bool,
    /// What stands where the QR is.
    pub qr: Qr,
}

/// What stands where the QR is.
#[derive(Clone, Debug, Default)]
pub enum Qr {
    /// Getting one.
    #[default]
    Asking,
    /// To be scanned.
    Waiting {
        /// The ticket.
        ticket: LoginTicket,
        /// When it expires, by [`super::State::clock`].
        expires: f64,
    },
    /// A phone has opened it; the number is to be typed there.
    Scanned {
        /// The ticket.
        ticket: LoginTicket,
        /// When it expires, by [`super::State::clock`].
        expires: f64,
    },
    /// The phone said no.
    Denied,
    /// None could be had.
    Failed {
        /// Why.
        problem: Problem,
        /// When it is tried again, by [`super::State::clock`].
        retry: f64,
    },
}

/// The activation page.
#[derive(Clone, Debug, Default)]
pub struct Activation {
    /// Code as typed. Cleared when it has been used.
    pub code: String,
    /// An answer is awaited.
    pub busy: bool,
    /// Why the last code was refused.
    pub problem: Option<Problem>,
}
