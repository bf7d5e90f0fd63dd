# Developers' commands. Everything runs in a local .venv that `make setup` makes.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests run on this many processes: one more than there are cores, since a third of their time is waiting for apps.
JOBS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

# Without compiled modules each start takes a second longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-browser check bench load fuzz lock sbom docs pictures wheel clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

setup: $(STAMP) ## set up .venv with pinned versions

$(STAMP): pyproject.toml constraints.txt .ci/venv .ci/install .ci/uv.txt
	@.ci/venv $(VENV) $(PYTHON)
	@.ci/install $(VENV)
	@touch $@

demo: setup ## open the app on the demo account
	@$(BIN)/advisor --demo

test: setup ## all tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

test-browser: setup ## the app in headless Chromium (installs Debian's where that is allowed)
	@ADVISOR_CHROMIUM="$$(.ci/chromium)" $(BIN)/python -m pytest -p no:xdist -rs tests/browser/in_chromium.py

check: setup ## format, lint, types, import contracts, knowledge
	$(BIN)/ruff format --check advisor screens tests
	$(BIN)/ruff check advisor screens tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/advisor knowledge check

bench: setup ## speed and memory on generated accounts
	$(BIN)/python -m tests.bench

load: setup ## 20,000 principals collected through pages and faults, with time and memory
	$(BIN)/python -m tests.load

fuzz: setup ## a long run of the fuzz tests (FUZZ_SECONDS=600)
	$(BIN)/python -m tests.fuzz

lock: setup ## raise the pinned versions with their hashes, then run the tests
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --generate-hashes --upgrade \
		--no-header --no-annotate --quiet -o constraints.txt
	echo uv | $(BIN)/uv pip compile - --universal --generate-hashes --no-header --no-annotate --quiet -o .ci/uv.txt
	$(BIN)/uv pip compile --group docs --universal --generate-hashes --upgrade --no-header --no-annotate --quiet \
		-o .ci/docs.txt

sbom: setup ## list of all packages with versions and licences, as CycloneDX JSON
	@$(BIN)/python .ci/sbom.py

docs: setup ## the documentation as a site in build/site, its pages with the reference in build/docs
	@rm -rf build/docs && mkdir -p build/docs && cp -R assets/docs/. build/docs/
	@$(BIN)/python .ci/reference.py build/docs/reference >/dev/null
	@.ci/site build/docs-venv

pictures: setup ## the README's pictures: the real app on the demo account
	@$(BIN)/python .ci/pictures.py

wheel: setup ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean: ## remove what was made
	rm -rf $(VENV) dist build
