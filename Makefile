# Developers' commands. Everything runs in a local .venv that `make setup` makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test check bench fuzz sbom clean

setup: $(STAMP)

# uv, installed into the venv by pip, makes the rest a matter of seconds; bytecode is compiled so that every start is quick.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint constraints.txt --editable '.[all]' --group dev
	touch $@

demo: setup
	$(BIN)/advisor --demo

test: setup
	$(BIN)/python -m pytest -n auto --dist loadfile

check: setup
	$(BIN)/ruff format --check advisor screens tests
	$(BIN)/ruff check advisor screens tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/advisor knowledge check

clean:
	rm -rf $(VENV) dist build
