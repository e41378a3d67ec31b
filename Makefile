# `make demo` and `make test` need python3, pip and make; everything else they bring themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

# What Python has compiled is kept: a process that compiles all that it imports starts 4 s later.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test slow fuzz check lint format types floors clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 14

$(READY): pyproject.toml constraints.txt scripts/venv
	@scripts/venv $(PYTHON) $(VENV)
	@touch $@

demo: $(READY) ## three weeks of a playbook on real companies, in a minute and a half
	@$(BIN)/abm demo $(ARGS)

test: $(READY) ## the tests (ARGS="tests/house -k wheel" narrows them)
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

slow: $(READY) ## the soaks: minutes of random kills
	@$(BIN)/python -m pytest -m slow $(ARGS)

fuzz: $(READY) ## a minute of broken files for each of what reads files (ARGS="playbook table")
	@$(BIN)/python scripts/fuzz.py $(ARGS)

check: lint types floors ## style, types and the floors of the house

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

floors: $(READY)
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## let ruff mend what it can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

clean: ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
