# The stable faces of the project. Each target installs what it needs on Debian first.

.PHONY: run test bench dist
.DEFAULT_GOAL := run

# Opens the window. Without a display it says so and does the same job headless.
run:
	@.ci/packages run
	@cargo build --quiet --locked --bin piaoxia
	@.ci/open-window "$$(.ci/target-dir)/debug/piaoxia"

# Passes everything.
test:
	@.ci/packages test
	cargo test --workspace --locked --quiet

# One line a bench: name ours=<n> peer=<name>:<n> ratio=<ours/peer> unit=<s|MiB|...>
bench:
	@.ci/packages test
	@cargo run --release --quiet --locked --package piaoxia-bench

# The release files, in dist/.
dist:
	@.ci/packages run
	@.ci/dist
