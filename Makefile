# The one runner. Everything happens inside .venv, made with the machine's python3.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PIP_VERSION := 26.3  # --group needs 25.1 or newer
PINS := requirements.lock.txt
INPUTS := pyproject.toml $(PINS)

.DEFAULT_GOAL := help
.PHONY: help reach test test-all lint validation figures bench docs test-latest clean

help:
	@echo "make reach | test | test-all | lint | validation | figures | bench | docs | test-latest | clean"

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q "pip==$(strip $(PIP_VERSION))"
	@touch $@

# What runs, and nothing else: the first result should not wait for the test tools.
$(VENV)/.runtime: $(VENV)/.made $(INPUTS)
	$(PIP) install -q -c $(PINS) -e .
	@touch $@

$(VENV)/.develop: $(VENV)/.runtime
	$(PIP) install -q -c $(PINS) --group test --group lint --group docs
	@touch $@

reach: $(VENV)/.runtime
	$(BIN)/darkreach reach meg2_mu_e_alp_gamma -o results

# All quick tests in odd base units; then, in the ordinary ones, what users' numbers rest
# on, so that its summary is the last line. `pytest` alone runs everything.
test: $(VENV)/.develop
	DARKREACH_UNIT_TEST=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not long"
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not long" tests/processes tests/models tests/inference tests/validation

# Everything in both units: also whole searches and benchmarks; for releases.
test-all: $(VENV)/.develop
	DARKREACH_UNIT_TEST=1 $(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(VENV)/.develop
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/mypy
	$(BIN)/lint-imports

validation: $(VENV)/.develop
	$(BIN)/python -m pytest tests/validation

figures: $(VENV)/.runtime
	$(BIN)/darkreach figures --all -o results

bench: $(VENV)/.develop
	$(BIN)/python -m pytest tests/benchmarks --benchmark-enable

docs: $(VENV)/.develop
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html

# The newest releases that our ranges allow, in a venv of their own.
test-latest:
	$(PYTHON) -m venv build/latest
	build/latest/bin/python -m pip install -q --upgrade pip
	build/latest/bin/python -m pip install -q --upgrade -e . --group test
	build/latest/bin/python -m pytest

clean:
	rm -rf $(VENV) build dist docs/_build docs/jupyter_execute
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .benchmarks
