# The front door. `make` alone lists what there is; the work is done by scripts/ and the CMake presets.

PREFIX ?= /usr/local
MAKEFLAGS += --no-print-directory -rR

.PHONY: help setup build demo test bench fuzz soak format tidy install

help:
	@awk -F ': .*## |## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$NF }' $(MAKEFILE_LIST)

setup: ## install what is missing (Debian packages, scripts/packages.txt)
	@scripts/setup.sh test

build: ## build the command: build/bin/switchback
	@scripts/setup.sh build
	@scripts/build.sh dev switchback
	@mkdir -p build/bin && ln -sfn ../dev/bin/switchback build/bin/switchback

demo: build ## the main job on an emulated board, with a power cut (BOARD=smartfusion2: over Ethernet); OLD=a.bin NEW=b.bin: your own pair, simulated
	@$(if $(OLD)$(NEW),true,scripts/setup.sh demo || echo "demo: goes on with what there is")
	@scripts/demo.py $(if $(BOARD),--board '$(BOARD)') $(if $(OLD),--old '$(OLD)') $(if $(NEW),--new '$(NEW)')

test: ## everything that must hold: builds, tests, budgets, sanitizers, coverage, format, tidy
	@scripts/test.sh

bench: ## run the benchmarks; JSON goes to bench/results/
	@scripts/setup.sh build
	@scripts/build.sh release
	@scripts/bench.py

fuzz: ## run each fuzzer for FUZZ_SECONDS (60)
	@scripts/setup.sh test
	@scripts/build.sh asan
	@scripts/fuzz.py

soak: ## the long versions: journal checker, power cuts, every state, fuzzers (an hour; SOAK=10 for more)
	@scripts/setup.sh test
	@scripts/build.sh release journal_checker switchback
	@scripts/build.sh asan
	@scripts/soak.sh

format: ## format the sources
	@scripts/setup.sh test
	@scripts/format.sh

tidy: ## clang-tidy over what changed since it last passed
	@scripts/setup.sh test
	@cmake --preset asan >/dev/null
	@scripts/tidy.py

install: ## install the command under PREFIX (/usr/local)
	@scripts/setup.sh build
	@scripts/build.sh release switchback
	@cmake --install build/release --prefix $(PREFIX)
