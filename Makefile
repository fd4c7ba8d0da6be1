# Every target explains itself: `make` alone lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --disable-pip-version-check -q
# A new lock file or a changed pyproject.toml makes the stamps stale.
MARK   := $(shell cat requirements*.lock pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help setup tools demo test study bench audit lint lock messages screenshots

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.server-$(MARK) ## make the virtual environment from the lock file

tools: $(VENV)/.tools-$(MARK) ## add what tests, lint and bench need

$(VENV)/.server-$(MARK): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kept needs Python 3.11 or later: set PYTHON to one")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.server-* && touch $@

$(VENV)/.tools-$(MARK): $(VENV)/.server-$(MARK) requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	@rm -f $(VENV)/.tools-* && touch $@

demo: setup ## make a synthetic book, run the night and serve the worklist
	$(BIN)/kept demo $(if $(DEBTORS),--debtors $(DEBTORS))

test: tools ## the tests (under 15 minutes on two cores)
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not study" $(ARGS)

study: tools ## the long pass/fail studies
	$(BIN)/python -m pytest -m study $(ARGS)

bench: tools ## all benchmarks in full; rewrites docs/benchmarks.md
	$(BIN)/kept bench all --write docs/benchmarks.md

audit: tools ## known vulnerabilities of the pinned libraries (needs the package registry)
	$(BIN)/pip-audit -r requirements.lock --require-hashes --disable-pip --progress-spinner off

lint: audit ## style, types, import contracts and the audit of the libraries
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src/kept/core src/kept/work
	$(BIN)/lint-imports --no-cache

messages: setup ## compile the Chinese and English catalogues
	$(BIN)/kept messages

screenshots: tools ## retake the pictures of the README with Chromium
	$(BIN)/python -m kept.bench.screenshots docs/pictures

lock: ## renew the lock files (needs the package registry)
	$(BIN)/uv pip compile pyproject.toml --extra server $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra server --extra dev --extra spark $(LOCK) -c requirements.lock -o requirements-dev.lock

LOCK = --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q
