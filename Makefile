# Verbs for people and for CI (.ci/run calls the same ones).
# A virtual environment is made in .venv; CI names its own: `make PY=DIR/bin/python`.

PYTHON ?= python3
VENV ?= .venv
PY ?= $(VENV)/bin/python
BIN = $(dir $(PY))
DEMO ?= nxtool-demo

.PHONY: help venv lint format types imports measures test test-slow rules pictures check demo build site clean

help:  ## show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv:  ## make .venv with nxtool (editable) and everything the tests need
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install -e '.[test]'

lint:  ## ruff: rules and layout
	$(BIN)ruff check .
	$(BIN)ruff format --check .

format:  ## let ruff correct what it can
	$(BIN)ruff check --fix .
	$(BIN)ruff format .

types:  ## mypy, strict
	$(BIN)mypy

imports:  ## rooms import only what lies below them
	PYTHONPATH=.:tui $(BIN)lint-imports --no-logo

measures:  ## how long functions and modules are and the like, against our targets
	$(PY) tests/benchmarks/measures.py nxtool tui

test:  ## the quick tests
	$(PY) -m pytest

test-slow:  ## only the tests that take long
	$(PY) -m pytest -m slow

rules:  ## write anew what pages of docs/ take from tables, commands and schemas of the program
	$(PY) docs/make_rules.py
	$(PY) docs/make_fair.py
	$(PY) docs/make_reference.py

pictures:  ## draw the pictures of the README anew from real runs
	$(PY) docs/pictures.py
	$(PY) docs/screens.py
	$(PY) docs/pagepictures.py

check: lint types imports measures test  ## everything a change must pass before it is handed in

demo:  ## make raw data, convert, validate and show it in nxtool-demo/
	$(BIN)nxtool demo $(DEMO)

build:  ## a wheel in dist/
	$(PY) -m pip wheel . --no-deps --wheel-dir dist

site:  ## the documentation as a site in site/; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)mkdocs build --strict --config-file .ci/mkdocs.yml

clean:  ## remove what the other verbs made, except .venv
	rm -rf build dist site $(DEMO) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find nxtool tui tests docs -name __pycache__ -type d -exec rm -rf {} +
