# What a newcomer needs: `make serve`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := src tests bench

.DEFAULT_GOAL := help
.PHONY: help install serve demo test check bench docs

help: ## say what each word does
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

install: $(VENV)/.core ## create .venv and install the node

serve: $(VENV)/.core ## run a node on http://127.0.0.1:5252, data in ./data
	$(BIN)/tocsin serve

demo: $(VENV)/.core ## play the labelled simulation into ./data
	$(BIN)/tocsin demo

test: $(VENV)/.dev ## run every test; ONLY=tests/desk runs one folder
	$(BIN)/python -m pytest -n 2 $(ONLY)

check: $(VENV)/.dev ## lint, format, types and the floors between rooms
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## measure; writes build/bench.json; ONLY=desk measures one room
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

docs: $(VENV)/.dev ## prove that the documents agree with the program
	$(BIN)/python -m pytest -q tests/docs

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or newer is needed; say which with: make PYTHON=python3.11 serve'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	$(PIP) install -c constraints.txt -e '.[postgres,train,dev]'
	@touch $@
