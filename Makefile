# install, run, test, test-fast, test-long, check, drill, generate, lock, sbom, clean. All but lock and clean install first: quick the second time.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := install
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# The first Python that is new enough; `make install PYTHON=...` takes another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
WEB := clients/web
NPM := npm --prefix $(WEB) --no-audit --no-fund --no-update-notifier
# The script for platforms, with the generator of its client: tests/server/test_workflow.py runs it.
WORKFLOW := docs/workflow

INSTALLED := .venv/.installed
NODE_INSTALLED := $(WEB)/node_modules/.installed
WORKFLOW_INSTALLED := $(WORKFLOW)/node_modules/.installed
PAGES := $(WEB)/dist
PAGE_SOURCES := $(shell find $(WEB) \( -name node_modules -o -name dist -o -name '.*' \) -prune -o -type f -print 2>/dev/null)

.PHONY: install run test test-fast test-long check drill fuzz generate lock sbom clean

install: $(INSTALLED) $(WORKFLOW_INSTALLED) $(if $(wildcard $(WEB)/package.json),$(PAGES))

run: install
	$(BIN)/pencilsdown demo

# Of five workers three begin with tests that wait, and two with tests that compute (tests/beside.py).
test: install
	tests/system-packages.sh test
	$(BIN)/python -m pytest -n 5 --dist loadfile --no-loadscope-reorder -m "not long" $(PYTEST_ARGS)
	$(NPM) test

# The pure core, the protocol, both clients, storage on SQLite, and the server's sockets and REST: for while one works.
# Left out: PostgreSQL, Redis, browsers, processes, simulated days, drills, deployment, and what takes more than 10 s.
test-fast: install
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long and not slow and not postgres and not redis and not chromium" \
		tests/protocol tests/clients tests/storage tests/server/api tests/server/attempts tests/server/sockets $(PYTEST_ARGS)
	$(NPM) test

# What takes minutes, and what holds once more what `make test` holds: on PostgreSQL, at other widths, on other days.
test-long: install
	tests/system-packages.sh test
	$(BIN)/python -m pytest -n 2 -m long $(PYTEST_ARGS)

check: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m clients.generate --check
	$(NPM) run check

# Every fault in its short form; DRILL_ARGS="--long --rounds 3 --seed 7" and the like for more.
drill: install
	tests/system-packages.sh drill
	$(BIN)/python -m loadtest drill --faults all --report build/drill.json $(DRILL_ARGS)

# All that reads bytes from outside, for FUZZ_SECONDS each, guided by what was reached (tests/fuzz). The fuzzer, atheris,
# has wheels for Linux on x86-64 alone; FUZZ_ARGS="exam token" chooses targets.
FUZZ_SECONDS ?= 60
fuzz: install
	$(PIP) install --require-hashes --requirement requirements-fuzz.lock
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ_ARGS)

generate: $(INSTALLED)
	$(BIN)/python -m clients.generate

# Exact versions and hashes for every platform. Keeps what is locked unless pyproject.toml asks for more;
# `make lock UPGRADE=--upgrade` takes the newest of everything.
lock: UV := build/lock/bin/uv pip compile pyproject.toml --quiet $(UPGRADE) --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip --disable-pip-version-check --no-input --quiet install uv
	$(UV) --output-file requirements.lock
	$(UV) --extra tracing --constraint requirements.lock --output-file requirements-tracing.lock
	$(UV) --extra parquet --constraint requirements.lock --output-file requirements-parquet.lock
	$(UV) --extra pdf --constraint requirements.lock --output-file requirements-pdf.lock
	$(UV) --extra dev --constraint requirements-tracing.lock --constraint requirements-parquet.lock \
		--constraint requirements-pdf.lock --output-file requirements-dev.lock
	$(UV) --extra fuzz --constraint requirements-dev.lock --output-file requirements-fuzz.lock
	echo 'hatchling>=1.33' | build/lock/bin/uv pip compile - --quiet $(UPGRADE) --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --constraint requirements-dev.lock --output-file requirements-build.lock

# The bill of materials: what both lock files name, as CycloneDX.
sbom: $(INSTALLED)
	$(BIN)/python -m tests.sbom build/sbom.json

# Everything that make can make again; never ./data.
clean:
	rm -rf .venv build dist $(WEB)/node_modules $(WORKFLOW)/node_modules $(PAGES) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements-dev.lock pyproject.toml
	tests/system-packages.sh build "$(PYTHON)"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo 'Installing the locked Python packages into .venv'
	@$(PIP) install --no-compile --require-hashes --requirement requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

$(NODE_INSTALLED): $(WEB)/package.json $(WEB)/package-lock.json | $(INSTALLED)
	$(NPM) ci
	touch $@

$(WORKFLOW_INSTALLED): $(WORKFLOW)/package.json $(WORKFLOW)/package-lock.json | $(INSTALLED)
	npm --prefix $(WORKFLOW) --no-audit --no-fund --no-update-notifier ci
	touch $@

$(PAGES): $(NODE_INSTALLED) $(PAGE_SOURCES)
	$(NPM) run build
	touch $@
