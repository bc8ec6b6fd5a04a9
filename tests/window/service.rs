//! A service that runs in a process of its own, as an operator has it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `piaoxia gateway` as a process of its own.
pub struct Service {
    child: Child,
    pub address: String,
}

impl Service {
    /// Starts it with a bureau of so many invoices.
    pub fn start(data: &Path, listen: &str, invoices: u32) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_piaoxia"))
            .args(["gateway", "--listen", listen, "--invoices", &invoices.to_string(), "--json", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self { child, address: told["address"].as_str().unwrap().to_owned() }
    }

    /// As its administrator stops it.
    pub fn stop(&mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(stopped.success() && self.child.wait().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.child.kill();
    }
}
