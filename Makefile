# Everything from a bare checkout. Needed: Python 3.11 to 3.13 and make; for `judge` and `pictures`
# Node.js and Chromium too.

PYTHON ?= python3
DIR ?= demo-vault

VENV := .venv
BIN := $(VENV)/bin
# Each stamp says that what it stands in was set up from the files it depends on.
VENV_READY := $(VENV)/.ready
JUDGES := tests/judge
JUDGES_READY := $(JUDGES)/node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help venv demo test style check judge browser pictures storm bench clean

help: ## show this list
	@echo "make TARGET    (PYTHON=python3.12 chooses another Python)"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1	\2/p' Makefile

venv: $(VENV_READY) ## set up .venv with the program and the tools to work on it

demo: $(VENV_READY) ## make a small vault, offline, in ./demo-vault (or DIR=…)
	$(BIN)/vaultscribe demo "$(DIR)"

test: $(VENV_READY) ## run the tests
	$(BIN)/pytest

style: $(VENV_READY) # format, lint, types, floors: all of `check` but the tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin src
	$(BIN)/mypy --platform win32 src/vaultscribe/adapters/vault
	$(BIN)/lint-imports

check: style test ## everything that must be green before a commit

judge: $(VENV_READY) $(JUDGES_READY) browser ## put notes before mermaid, yaml, markdown-it and Chromium (Node.js)
	$(BIN)/pytest -m judge

pictures: $(VENV_READY) $(JUDGES_READY) browser ## take the pictures in docs/pictures anew (Node.js, Chromium)
	$(BIN)/python $(JUDGES)/pictures.py docs/pictures

browser: $(JUDGES_READY) # say what to install where there is no Chromium
	@node $(JUDGES)/browser.mjs >/dev/null

storm: $(VENV_READY) $(JUDGES_READY) ## let editors rage beside the program and count what either loses (Node.js)
	$(BIN)/python bench/storm.py

bench: $(VENV_READY) ## measure
	$(BIN)/python bench/run.py
	$(BIN)/python bench/vault.py

clean: ## remove .venv, the judges' packages and caches; no vault
	rm -rf $(VENV) $(JUDGES)/node_modules .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(VENV_READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
	  echo "Python 3.11 to 3.13 is needed, but $(PYTHON) is: $$($(PYTHON) --version 2>&1 || true)."; \
	  echo "Name one that fits: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments; on Debian: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt --group dev --editable .
	@touch $@

$(JUDGES_READY): $(JUDGES)/package.json $(JUDGES)/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1 || { \
	  echo "The judges need Node.js 18 or newer and npm; on Debian: apt install nodejs npm"; exit 1; }
	cd $(JUDGES) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
