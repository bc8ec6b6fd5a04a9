//! piaoxia-gateway
