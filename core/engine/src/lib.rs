//! piaoxia-engine
