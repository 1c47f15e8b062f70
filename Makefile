# Remains: one door. Every target installs what it needs into .venv first.
#
#   make quickstart   the whole method on this machine: real Lean, a small real model, a report (about 10 minutes)
#   make test         lint, types and the tests that take minutes, not hours
#   make check        lint and types alone
#   make bench        each stage beside its plain alternative
#   make install      only the installation

PYTHON ?= python3
BIN := .venv/bin

.PHONY: install quickstart quickstart-fast test check bench clean

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Remains needs Python 3.11 to 3.13: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[embedded,dev]'
	touch $@

quickstart: install
	$(BIN)/cli quickstart

quickstart-fast: install
	$(BIN)/cli quickstart --fast

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/pytest

bench: install
	$(BIN)/python -m benchmarks.gen
	$(BIN)/python -m benchmarks.filter
	$(BIN)/python -m benchmarks.train
	$(BIN)/python -m benchmarks.adaptive

clean:
	rm -rf .venv build *.egg-info
