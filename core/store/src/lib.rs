//! piaoxia-store
