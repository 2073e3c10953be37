# The front door: every target says what it does in one line, and CMake does the work (CMakePresets.json).
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
SECONDS ?= 3600
ROUND ?= 60
WORKLOAD ?=
BUILD := build

.DEFAULT_GOAL := help
.PHONY: help demo test bench asan tsan shared clang tidy coverage fuzz soak mutants nightly format lint install clean
# One target at a time: ninja and ctest use the cores already.
.NOTPARALLEL:

help:
	@echo 'aemp: ports that send each other messages, within a process and across a network'
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: ## build the example programs and watch a small network work
	scripts/install-deps build test
	cmake --preset release
	cmake --build --preset release --target programs
	demo/run

test: ## build everything and run all tests
	scripts/install-deps build test
	cmake --preset release
	cmake --build --preset release
	ctest --preset release

bench: ## measure beside the peers, WORKLOAD=R2 for one of the workloads
	scripts/install-deps build bench
	cmake --preset bench
	cmake --build --preset bench
	bench/run $(WORKLOAD)

asan: ## run the unit suites with the address and undefined behaviour sanitizers
	scripts/install-deps build test asan
	cmake --preset asan
	cmake --build --preset asan --target unit_suites
	ctest --preset asan-unit

tsan: ## run the suites with several threads with the thread sanitizer
	scripts/install-deps build test tsan
	cmake --preset tsan
	cmake --build --preset tsan --target thread_suites
	ctest --preset tsan-threads

shared: ## build libaemp as a shared library, and run programs with it
	scripts/install-deps build test
	cmake --preset shared
	cmake --build --preset shared --target aemp aemp_sim programs manuals helpers
	ctest --preset shared-quick

clang: ## build everything with clang 16
	scripts/install-deps build test clang
	cmake --preset clang
	cmake --build --preset clang

tidy: ## look for mistakes in all sources with clang-tidy
	scripts/install-deps build tidy
	scripts/tidy

coverage: ## run all tests, and say which part of the lines they have run
	scripts/install-deps build test coverage
	cmake --preset coverage
	cmake --build --preset coverage
	ctest --preset coverage
	scripts/coverage

fuzz: ## run each fuzzer for FUZZ_SECONDS seconds (30)
	scripts/install-deps build fuzz
	cmake --preset fuzz
	cmake --build --preset fuzz --target fuzzers
	scripts/fuzz $(BUILD)/fuzz $(FUZZ_SECONDS)

soak: ## run the torture test for SECONDS seconds (3600)
	scripts/install-deps build test
	cmake --preset release
	cmake --build --preset release --target torture_node
	tests/torture/run --seconds $(SECONDS) --round $(ROUND) || [ $$? -eq 77 ]

mutants: ## break guarantees and limits one at a time: which breaks do the tests notice?
	scripts/install-deps build test
	scripts/mutate

nightly: ## run what takes hours: all with clang and sanitizers, long fuzzing and torture, mutants
	scripts/install-deps build test asan tsan fuzz
	$(MAKE) clang
	$(MAKE) tidy
	for kind in asan tsan; do cmake --preset $$kind && cmake --build --preset $$kind && ctest --preset $$kind || exit 1; done
	$(MAKE) fuzz FUZZ_SECONDS=600
	$(MAKE) soak SECONDS=7200
	$(MAKE) mutants

format: ## format the sources
	scripts/install-deps lint
	scripts/lint --fix

lint: ## check rooms, formatting and paths
	scripts/install-deps lint
	scripts/lint

install: ## install library, headers, tool and packages below PREFIX (/usr/local)
	scripts/install-deps build test
	cmake --preset release
	cmake --build --preset release
	cmake --install $(BUILD)/release --prefix '$(PREFIX)'

clean: ## remove everything that was built
	rm -rf $(BUILD)
