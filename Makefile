# The stable faces of the project. Each target installs what it needs on Debian first.

.PHONY: run test gates bench dist advisories
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

# The long proofs that SECURITY.md names: power cuts, damages, kills, sticks that are pulled. Sticks need root.
gates:
	@.ci/packages gates
	cargo test --workspace --locked -- --ignored --nocapture gate_

# What it does beside what others do: a line a bench. `make bench BENCH="--long store"` chooses rows, `BENCH="--runs 1 million"` is a
# million invoices downloaded, searched, sorted and exported, once.
bench:
	@.ci/packages bench || echo "some peers cannot be installed" >&2
	@cargo build --quiet --locked --release --workspace --bin piaoxia --bin piaoxia-bench
	@"$$(.ci/target-dir)/release/piaoxia-bench" $(BENCH)

# Dependencies against a database of advisories, and deny.toml, without the network: `make advisories ADVISORIES=FILE.tar.xz`.
advisories:
	@.ci/advisories

# The release files, in dist/; `make dist FOR=windows` for the other system.
dist:
	@.ci/packages run
	@.ci/packages dist
	@.ci/dist $(FOR)
