# The verbs of the project. Each sets up what it needs; nothing has to be installed before but Python 3.11 (and make).

PYTHON ?= python3.11
SYSTEM_PYTHON := $(shell command -v $(PYTHON) || command -v python3)
BIN := .venv/bin
# torch first and alone: with its CPU build in place nothing pulls the one for graphics cards
TORCH := torch==2.13.0
# an index that carries the CPU build, where the default one does not: make demo TORCH_INDEX=…
TORCH_INDEX ?=

# the folder docs is older than the target of that name, so it has to be phony
.PHONY: docs demo test lint format benchmark crash-test browser screens constraints clean

demo: .venv/.complete
	$(BIN)/dojo demo

test: .venv/.complete
	$(BIN)/python -m pytest -m "not browser" -q --numprocesses auto --maxprocesses 4 --dist loadfile

lint: .venv/.complete
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.complete
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmark: .venv/.complete
	$(BIN)/python -m benchmarks

crash-test: .venv/.complete
	$(BIN)/python -m tests.crash.crash_test

# the journeys of the four users, in a real browser
browser: .venv/.complete
	tests/journeys/install-browser
	$(BIN)/python -m pytest -m browser -q tests/journeys

# the pictures of docs/screens
screens: .venv/.complete
	tests/journeys/install-browser
	$(BIN)/python -m tests.journeys.take_screens

.venv/.complete: pyproject.toml constraints.txt
	$(SYSTEM_PYTHON) -c 'import sys; assert sys.version_info[:2] in {(3, 11), (3, 12)}, "Python 3.11 is needed"'
	test -x $(BIN)/python || $(SYSTEM_PYTHON) -m venv .venv
	$(BIN)/python -c 'import torch' 2>/dev/null \
		|| $(BIN)/pip install --quiet --no-deps $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(TORCH)+cpu \
		|| $(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[test,lint]'
	touch $@

# pages that are written from the code
docs: .venv/.complete
	$(BIN)/python -m api.error_reference > docs/errors.md

# after a change of dependencies: pin what is installed now
constraints: .venv/.complete
	$(BIN)/pip freeze --exclude-editable | grep -v -i '^torch==' > constraints.txt

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
