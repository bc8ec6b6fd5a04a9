//! Draws egui frames on the CPU, for snapshots that are the same on every machine.
