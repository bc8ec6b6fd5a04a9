//! piaoxia-widgets
