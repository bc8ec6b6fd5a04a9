//! The embedded gateway, for the engine.

use std::pin::Pin;
use std::sync::Arc;

use piaoxia_engine::OwnGateway;
use piaoxia_gateway::GatewayHandle;

/// Phone pages and passwords of the embedded gateway.
pub(super) struct Embedded(pub Arc<GatewayHandle>);

impl OwnGateway for Embedded {
    fn allow_phones(&self, allow: bool) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + '_>> {
        Box::pin(async move { self.0.allow_phones(allow).await.map_err(|error| error.to_string()) })
    }

    fn forget_passwords(&self) {
        self.0.forget_passwords();
    }
}
