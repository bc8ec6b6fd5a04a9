# The stable faces of the project. Each target installs what it needs on Debian first.

.PHONY: run test dist
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

# The release files, in dist/.
dist:
	@.ci/packages run
	@.ci/dist
