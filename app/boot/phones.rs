//! The switch of the phone pages, for the engine.

use std::pin::Pin;
use std::sync::Arc;

use piaoxia_engine::PhoneSwitch;
use piaoxia_gateway::GatewayHandle;

/// Lets phones on the LAN reach the embedded gateway.
pub(super) struct Phones(pub Arc<GatewayHandle>);

impl PhoneSwitch for Phones {
    fn allow(&self, allow: bool) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + '_>> {
        Box::pin(async move { self.0.allow_phones(allow).await.map_err(|error| error.to_string()) })
    }
}
