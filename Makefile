# Ringbook: everything a user or contributor does, in one place. `make help` lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# Compiled modules are kept: the tests start Ringbook hundreds of times.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint format bench docs wheel pins clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## build the environment in .venv (pinned, hashed)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ringbook needs Python 3.11 or newer; name one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

run: $(READY) ## show Ringbook at work: a simulated company, months of calls, new ones arriving live
	$(BIN)/ringbook demo

test: lint ## everything that has to hold: style, types, layers, tests (what CI runs)
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: test ## the same as test

lint: $(READY) ## style, types and layers only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## measure import, live intake, search, memory and disk on this machine
	$(BIN)/ringbook bench

docs: $(READY) ## write the reference pages from the code
	$(BIN)/python -m ringbook.cli.reference docs/reference

wheel: $(READY) ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

pins: ## resolve the dependencies anew, with hashes and without index addresses (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --upgrade pyproject.toml -o requirements/runtime.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --upgrade pyproject.toml requirements/dev.in -o requirements/dev.txt

clean: ## remove the environment and what was built
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .import_linter_cache
