//! The steps to the service.

use std::net::SocketAddr;
use std::time::Duration;

use piaoxia_service::contract::PROTOCOL;
use piaoxia_service::{Client, ClientError, Greeting, Probe, Route, SKEW, TlsFault};

use super::{Checkup, Finding, Line, Step, Verdict, address, probe_elsewhere};

/// What is known of the way so far.
pub(super) struct Way {
    /// None when no service is asked.
    service: Option<Probe>,
    /// The way that is checked; none when the service runs in this program and nothing else is known.
    outside: Option<Probe>,
    addresses: Vec<SocketAddr>,
    connected: bool,
    greeting: Option<Result<Greeting, ClientError>>,
}

impl Way {
    pub(super) fn new(checkup: &Checkup) -> Self {
        let service = checkup.client.as_ref().map(Client::probe);
        let hosted = service.clone().filter(|service| !service.route().here);
        let outside = hosted.or_else(|| probe_elsewhere(checkup));
        Self { service, outside, addresses: Vec::new(), connected: false, greeting: None }
    }

    pub(super) async fn take(&mut self, step: Step) -> Line {
        if step == Step::Gateway {
            return self.gateway().await;
        }
        let Some(probe) = self.outside.clone() else { return Line::new(step, Verdict::Skipped, Finding::InsideProgram) };
        let route = probe.route();
        match step {
            Step::Proxy => proxy(&route),
            Step::Name => self.name(&probe, route).await,
            Step::Connection if self.addresses.is_empty() => Line::not_reached(step),
            Step::Connection => self.connection(&probe, &route).await,
            _ if !self.connected => Line::not_reached(step),
            Step::Identity => {
                let greeting = probe.greet().await;
                let line = identity(&route, &greeting);
                self.greeting = Some(greeting);
                line
            }
            _ => self.clock(),
        }
    }

    async fn name(&mut self, probe: &Probe, route: Route) -> Line {
        match probe.resolve().await {
            Ok(found) => {
                let host = route.proxy.map_or(route.host, |proxy| proxy.host);
                let addresses = found.iter().map(SocketAddr::ip).collect();
                self.addresses = found;
                Line::new(Step::Name, Verdict::Good, Finding::Resolved { host, addresses })
            }
            Err(error) => Line::refused(Step::Name, error),
        }
    }

    async fn connection(&mut self, probe: &Probe, route: &Route) -> Line {
        match probe.connect(&self.addresses).await {
            Ok((address, took)) => {
                self.connected = true;
                let finding = Finding::Connected { address, millis: millis(took) };
                Line::new(Step::Connection, Verdict::Good, finding)
            }
            // It is the proxy that is not there, and not the service.
            Err(error) if route.proxy.is_some() => Line::refused(Step::Connection, ClientError::Proxy(error.to_string())),
            Err(error) => Line::refused(Step::Connection, error),
        }
    }

    fn clock(&self) -> Line {
        let (verdict, finding) = match &self.greeting {
            Some(Ok(Greeting { ahead: Some(ahead), .. })) if ahead.abs() <= SKEW => (Verdict::Good, Finding::ClockRight),
            Some(Ok(Greeting { ahead: Some(ahead), .. }) | Err(ClientError::Tls { fault: TlsFault::Clock { ahead }, .. })) => {
                (Verdict::Bad, Finding::ClockWrong { ahead: *ahead })
            }
            Some(Err(ClientError::Tls { fault: TlsFault::Expired, .. })) => (Verdict::Good, Finding::ClockRight),
            Some(Ok(_)) => (Verdict::Warning, Finding::NoTime),
            _ => (Verdict::Skipped, Finding::NotReached),
        };
        Line::new(Step::Clock, verdict, finding)
    }

    /// Of a service in this program, too: it may have ended.
    async fn gateway(&mut self) -> Line {
        let Some(service) = &self.service else { return Line::new(Step::Gateway, Verdict::Skipped, Finding::InsideProgram) };
        let here = service.route().here;
        let greeting = if here { Some(service.greet().await) } else { self.greeting.take() };
        match greeting {
            Some(Ok(greeting)) => contract(greeting),
            Some(Err(error)) if here => Line::refused(Step::Gateway, error),
            // Why was said of an earlier step.
            _ => Line::not_reached(Step::Gateway),
        }
    }
}

fn contract(greeting: Greeting) -> Line {
    match greeting {
        Greeting { protocol: Some(protocol), .. } if protocol == PROTOCOL => {
            Line::new(Step::Gateway, Verdict::Good, Finding::Speaks { protocol })
        }
        Greeting { protocol: Some(protocol), .. } => Line::new(Step::Gateway, Verdict::Bad, Finding::OtherContract { protocol }),
        Greeting { status: status @ (500..=510 | 512..=599), .. } => {
            Line::refused(Step::Gateway, ClientError::Unreachable(format!("a proxy answered {status}")))
        }
        _ => Line::refused(Step::Gateway, ClientError::CaptivePortal),
    }
}

fn proxy(route: &Route) -> Line {
    let finding = match &route.proxy {
        None => Finding::NoProxy,
        Some(proxy) => Finding::ThroughProxy { address: address(proxy), manual: proxy.manual },
    };
    Line::new(Step::Proxy, Verdict::Good, finding)
}

fn identity(route: &Route, greeting: &Result<Greeting, ClientError>) -> Line {
    match greeting {
        Ok(_) if !route.encrypted => Line::new(Step::Identity, Verdict::Good, Finding::NotEncrypted),
        Ok(_) => Line::new(Step::Identity, Verdict::Good, Finding::Proved { host: route.host.clone() }),
        Err(error) => Line::refused(Step::Identity, error.clone()),
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
