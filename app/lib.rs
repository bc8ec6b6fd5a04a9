//! The Piaoxia application: window and command line.
