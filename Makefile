# The thin front: each target is one or two commands that you could type yourself. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := build/bin

.PHONY: help setup build run test test-all bench lint fmt asan fuzz fuzz-run web-check clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that are missing (root or sudo)
	@tools/setup

build/build.ninja: CMakeLists.txt CMakePresets.json
	@$(MAKE) --no-print-directory setup
	cmake --preset release --log-level=WARNING

build: build/build.ninja ## Build the programs into build/bin
	cmake --build --preset release

run: build ## Replay the grand final under four policies and write out/grand-final/report.html
	$(BIN)/gamenight run scenarios/grand-final.yaml --out out/grand-final

test: build ## Run the tests and the lints
	ctest --preset release

test-all: build ## The same with the long ones, and the fuzzers where clang is installed
	ctest --preset release-all
	@if tools/has_fuzzer; then $(MAKE) --no-print-directory fuzz-run; \
	else echo "test-all: without the fuzzers: make fuzz installs clang and its runtime" >&2; fi

bench: build ## Run the benchmarks
	bench/run.sh $(BIN)

lint: ## Check layering, clocks, coroutines and formatting
	tools/lint/check_all.sh

fmt: ## Format all C++ sources
	git ls-files -z '*.h' '*.cc' | xargs -0 clang-format -i

asan: ## Build and test with the address and undefined-behaviour sanitizers
	cmake --preset asan --log-level=WARNING
	cmake --build --preset asan
	ctest --preset asan

fuzz: ## Build the fuzzers with clang and run each for a minute
	@tools/setup --fuzz
	@$(MAKE) --no-print-directory fuzz-run

fuzz-run:
	cmake --preset fuzz --log-level=WARNING
	cmake --build --preset fuzz
	ctest --preset fuzz

web-check: ## Rebuild the report's script with npm and compare it with the one checked in
	reports/web/check.sh

clean: ## Remove what was built
	rm -rf build build-asan build-fuzz out
