# make demo ARGS="--once --fast"   see calls ring, be answered, recorded, transferred and logged
# make test                        everything that must hold; installs what it needs (deploy/setup-dev.sh)
# make bench                       how fast it is
# make bench-console            how soon the console is there, and how a list of 100,000 calls moves
# make bench-load                  what a recorded call costs, and whether anything is lost
# make screenshots                 pictures of every screen, in target/screenshots
# make soak                        the long version of the tests with chance in them

.DELETE_ON_ERROR:
.PHONY: demo test console screenshots bench bench-console bench-load soak setup rust fmt lint unit fuzz speech

# Arguments of the demo.
ARGS ?=
# The tests with real calls spend their time waiting for rings, so many run side by side.
TEST_THREADS ?= 16
# Each fuzz target runs for this long.
FUZZ_SECONDS ?= 20
# So many of them side by side.
FUZZ_JOBS ?= 2
# Where its chance begins: the same each time in `make test`, so that a red run is about the
# change; anywhere in `make soak`, which is there to find.
FUZZ_SEED ?= 1
# Cases of a property test in `make soak`.
SOAK_CASES ?= 20000
# Seeds of the simulation in `make soak`.
SOAK_SEEDS ?= 10000
# Random kills and power cuts in `make soak`, and seeds of the gap report.
SOAK_KILLS ?= 200
SOAK_CUTS ?= 100
SOAK_GAP_SEEDS ?= 10000
# How long the database is away in `make soak`.
SOAK_OUTAGE_SECONDS ?= 60
# The machine's Node, or the one that setup-dev.sh got because that is too old.
NODE_PATH_FIRST = if [ -x $(CURDIR)/target/node/bin/node ]; then PATH="$(CURDIR)/target/node/bin:$$PATH"; fi
# How long 20,000 REGISTERs a second come in `make soak`.
SOAK_FLOOD_SECONDS ?= 60

# The demo is built as the tests are: ten calls need no optimiser, and whoever waits for the
# first one waits for the compiler.
demo:
	@deploy/setup-dev.sh demo
	cargo run --quiet -- demo $(ARGS)

test: setup
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	$(MAKE) --no-print-directory console
	RUST_TEST_THREADS=$(TEST_THREADS) cargo test
	$(MAKE) --no-print-directory fuzz

# The console's types, lints and tests without a browser. Its packages are there once it is built.
console:
	@deploy/setup-dev.sh console
	cargo build --quiet
	$(NODE_PATH_FIRST); cd src/console/web && npm run --silent check

# Every screen in both languages and themes, as Chromium shows it.
screenshots: setup
	THIRDRING_SCREENSHOTS=$(CURDIR)/target/screenshots cargo test --test console

bench: rust
	cargo bench

# How soon the console is there from a cold cache, and how a list of 100,000 calls moves.
bench-console: setup
	THIRDRING_MEASURE=1 cargo test --release --test console

# 50 to 400 calls against a service of its own; thirdring load --help tells what else.
bench-load: rust
	cargo build --release
	target/release/thirdring load

soak: setup
	PROPTEST_CASES=$(SOAK_CASES) THIRDRING_SEEDS=$(SOAK_SEEDS) \
	    THIRDRING_KILLS=$(SOAK_KILLS) THIRDRING_CUTS=$(SOAK_CUTS) \
	    THIRDRING_GAP_SEEDS=$(SOAK_GAP_SEEDS) \
	    THIRDRING_OUTAGE_SECONDS=$(SOAK_OUTAGE_SECONDS) \
	    THIRDRING_FLOOD_SECONDS=$(SOAK_FLOOD_SECONDS) cargo test --release
	$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=600 FUZZ_SEED=0

setup:
	deploy/setup-dev.sh

rust:
	@deploy/setup-dev.sh rust

fmt: rust
	cargo fmt

lint: rust
	cargo clippy --all-targets -- -D warnings

unit: rust
	cargo test --lib

# cargo-fuzz asks for options of a nightly compiler; RUSTC_BOOTSTRAP lets a stable one take them.
# What is found goes to target/, so that the committed corpus stays as it is.
fuzz:
	RUSTC_BOOTSTRAP=1 cargo fuzz build --fuzz-dir tests/fuzz --target-dir target/fuzz/build
	@$(MAKE) --no-print-directory --jobs=$(FUZZ_JOBS) --output-sync=target \
	    $$(cargo fuzz list --fuzz-dir tests/fuzz | sed 's/^/fuzz-/')

fuzz-%:
	@echo "fuzz $* for $(FUZZ_SECONDS) s"; \
	    found=$(CURDIR)/target/fuzz/corpus/$*; \
	    committed=$(CURDIR)/tests/fuzz/corpus/$*; \
	    mkdir -p $$found; \
	    [ -d $$committed ] || committed=; \
	    RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --target-dir target/fuzz/build \
	        $* $$found $$committed -- -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_SECONDS) -max_len=4096 \
	        -timeout=5 -rss_limit_mb=1024 -verbosity=0 -print_funcs=0 -print_final_stats=1

# Makes the spoken sentences anew; the files are committed.
speech: setup
	proto-fixtures/speech/make.sh
