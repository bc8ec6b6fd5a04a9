//! The contract between the program and the service, and the client that speaks it.
//!
//! [`contract`] holds the types of every request and answer; the gateway uses the same types and makes its OpenAPI
//! document from them. [`Client`] is the program's side.

pub mod contract;

mod client;

pub use client::{
    Client, ClientError, ClientOptions, Greeting, Held, LONGEST, Network, Pin, Probe, Proxy, ProxyChoice, Roots, Route, SKEW, Sandbox,
    TlsFault, Transfer, Verifier, WebFile, WebFolder,
};
