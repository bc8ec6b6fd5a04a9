//! piaoxia-bureau
