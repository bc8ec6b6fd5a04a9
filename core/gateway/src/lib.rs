//! The service behind the window: contract endpoints, connectors to tax bureaus, phone pages, the sandbox.
//!
//! ```text
//! listen  accepts connections within limits
//!   guard   request id, panics, host allow-list, secret, error bodies
//!     faults  the sandbox's bad days
//!       api     one module a part of the contract; phone: the pages for phones
//!         tickets, sessions, activation, accounts, disks, jobs, links: what the service knows
//!           state        what outlives the process, one file
//!           connectors   the bureau, behind one trait
//! ```
//!
//! The same gateway runs inside the program on loopback (sandbox, own credentials) and by itself for a group.

mod accounts;
mod activation;
mod api;
mod app;
mod applications;
mod config;
pub mod connectors;
mod disks;
mod extract;
mod failure;
mod faults;
mod gateway;
mod guard;
mod jobs;
mod lan;
mod links;
mod listen;
mod mails;
mod patience;
mod persons;
mod phone;
mod random;
mod revocations;
mod sessions;
mod settings;
mod state;
mod throttle;
mod tickets;
mod wechat;
mod words;

pub use config::{GatewayConfig, Limits};
pub use connectors::Connector;
pub use connectors::sim::SimConnector;
pub use failure::{Answer, Failure, status_of};
pub use gateway::{Gateway, GatewayError, GatewayHandle, Warning};
pub use settings::SECRETS;
