.DEFAULT_GOAL := help
.PHONY: help setup demo up doctor read check test bench format lock clean

PYTHON ?= python3
BIN := .venv/bin
MEMBERS := $(wildcard libs/* services/*) deploy/local
READY := .venv/.ready

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(READY) ## Make .venv with every locked dependency and our own packages, editable

$(READY): requirements.lock pyproject.toml $(MEMBERS:%=%/pyproject.toml)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || (echo "Cannot make .venv: install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)."; exit 2)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Installing the locked dependencies ..."
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(MEMBERS:%=-e %)
	@touch $@

demo: setup ## Start everything, feed 500 terminals, show them live
	@$(BIN)/kmonitor demo

up: setup ## Start the stack: broker, engine, services, page
	@$(BIN)/kmonitor up

doctor: setup ## What this machine has, what it lacks, how to install it
	@$(BIN)/kmonitor doctor

read: setup ## What reading finds: format, lint, types, import rules
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

check: read ## That, drift and the fast tests: under a minute
	@$(BIN)/pytest -q -n auto tests/unit tests/property

test: check ## Every test, on a real broker and a real ClickHouse engine
	@$(BIN)/pytest tests --ignore tests/unit --ignore tests/property

bench: setup ## Speed of the whole path and of each service, into var/bench.json
	@PYTHONPATH=tests $(BIN)/python -m bench

format: setup ## Put the code into shape
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

schemas: setup ## Write the JSON Schemas, OpenAPI, AsyncAPI and the catalogue for vendors
	@PYTHONPATH=schemas $(BIN)/python -m generate

lock: ## Renew requirements.lock from the pyproject files
	@uv lock --quiet
	@uv export --quiet --all-packages --all-groups --no-emit-workspace --no-header -o requirements.lock

clean: ## Remove what was built and every local stack's data
	@rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
