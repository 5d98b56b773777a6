# The two that matter: `make test` runs every test, `make release` builds the program to install.

PYTHON := .build/venv/bin/python
SERVER := .build/release/cached
TLS_SERVER := .build/tls/release/cached
export SWIFT_BACKTRACE := enable=no

.PHONY: help release test unit sanitize blackbox differential clients eviction docs fuzz soak format lint bootstrap build \
	bench bench-tests build-bench tls-build

help:
	@echo 'make release   build .build/release/cached with the Swift library inside'
	@echo 'make test      every test; installs what it needs'
	@echo 'make fuzz      libFuzzer on the parser and the engine, two minutes'
	@echo 'make soak      the long runs: millions of sets, 10 million items, stalls'
	@echo 'make bench     measure beside memcached: tables and charts in docs/benchmarks'
	@echo 'make format    format the Swift sources in place'
	@echo 'make lint      check their format'

build:
	swift build -c release --product cached

# The same with TLS, beside the build without. It needs OpenSSL: libssl-dev.
tls-build: bootstrap
	swift build -c release --product cached --traits TLS --scratch-path .build/tls

# The load generator.
build-bench:
	swift build -c release --product cached-bench

release:
	swift build -c release --product cached --static-swift-stdlib

test: bootstrap build unit blackbox differential clients eviction docs bench-tests sanitize
	@echo 'every test passed'

bootstrap:
	Tests/bootstrap.sh

# Unit and model tests, in a debug build with all checks.
unit:
	swift test

# The engine under many threads; and with the free parts of its memory poisoned, which wants the
# C compiler to know of the sanitizer too. (XCTest, which is not used, leaks a little.)
sanitize:
	TSAN_OPTIONS=halt_on_error=1 swift test --scratch-path .build/thread \
		--disable-xctest --sanitize=thread \
		--filter 'AtomicityTests|MixedLoadTests|CullingConcurrencyTests|LeaseTests'
	CACHED_MODEL_OPERATIONS=200000 swift test --scratch-path .build/address \
		--disable-xctest --sanitize=address -Xcc -fsanitize=address \
		--filter 'CacheEngineTests|ProtocolTests'

# The black-box suite against cached, and against memcached, which is its oracle.
blackbox: bootstrap build tls-build
	CACHED_TLS_SERVER=$(TLS_SERVER) $(PYTHON) -m pytest -q Tests/blackbox
	CACHED_SERVER=/usr/bin/memcached $(PYTHON) -m pytest -q Tests/blackbox

# A million random requests, answered as Debian's memcached answers them. CACHED_ORACLE names
# another memcached, CACHED_DIFFERENTIAL_REQUESTS and _SEED other requests.
differential: bootstrap build
	$(PYTHON) -m pytest -q Tests/differential

# Client libraries of seven languages, and the suites that they bring.
clients: bootstrap build tls-build
	CACHED_TLS_SERVER=$(TLS_SERVER) $(PYTHON) -m pytest -q Tests/clients

# Hit ratios beside those of libcachesim. CACHED_TRACE names a file of 32-bit keys to replay.
eviction: bootstrap build
	$(PYTHON) -m pytest -q Tests/eviction

# Every command in the documents.
docs: bootstrap build tls-build build-bench
	$(PYTHON) -m pytest -q Tests/docs

# The load generator against cached, memcached, and servers that do wrong; that the comparison
# runs, and what it reports. Nothing about how fast anything is.
bench-tests: bootstrap build build-bench
	$(PYTHON) -m pytest -q Tests/bench

# More than half an hour. TRACE=FILE adds hit ratios on a recorded sequence of keys, and time.
bench: release build-bench
	.build/release/cached-bench compare $(if $(TRACE),--trace=$(TRACE))

fuzz:
	Tests/fuzz/run.sh parser 60
	Tests/fuzz/run.sh engine 60

soak: build
	Tests/soak/sizes.py
	Tests/soak/counters.py
	Tests/soak/stalls.py

format:
	swift format format -i -r Sources Tests Package.swift

lint:
	swift format lint --strict -r Sources Tests Package.swift
