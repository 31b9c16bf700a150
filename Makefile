# The two commands of the README, and what stands behind them.  Each makes .venv itself when it is missing.
PYTHON ?= python3
OUT ?= out
VENV := .venv
BIN := $(VENV)/bin
AS_OF_FLAG := $(if $(AS_OF),--as-of $(AS_OF))

.PHONY: help packet batch test check format bench soak forms clean
help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

packet: $(VENV)/.run  ## make packet CASE=samples/urgent-humanitarian/case.json [OUT=out] [AS_OF=2026-11-24]
	@test -n "$(CASE)" || { echo "Name a case: make packet CASE=samples/urgent-humanitarian/case.json"; exit 2; }
	@$(BIN)/packet build "$(CASE)" --out "$(OUT)" $(AS_OF_FLAG)

batch: $(VENV)/.run  ## make batch CASES=cases/ [OUT=out] [J=workers] [AS_OF=2026-11-24]
	@test -n "$(CASES)" || { echo "Name cases: make batch CASES=samples"; exit 2; }
	@$(BIN)/packet batch $(CASES) --out "$(OUT)" $(if $(J),-j $(J)) $(AS_OF_FLAG)

test: $(VENV)/.dev  ## run the tests
	@$(BIN)/pytest

check: $(VENV)/.dev  ## format, lint, types, the order of rooms, and the letter templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/packet templates check --golden tests/letters/golden

format: $(VENV)/.dev  ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

forms: $(VENV)/.run  ## fetch the official forms from their publisher, and list them
	@$(BIN)/packet forms fetch; $(BIN)/packet forms list

bench: $(VENV)/.dev  ## time the stages and compare with the plain recipes
	@$(BIN)/python -m tests.bench

soak: $(VENV)/.dev  ## build 2,000 light cases: packets a second, memory over time, failures
	@$(BIN)/python -m tests.bench.soak

clean:  ## remove .venv and caches, never out/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# What runs the program, and what also tests it: the same lock files for uv and for pip.
$(VENV)/.run: requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" sh tools/install.sh requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	@PYTHON="$(PYTHON)" sh tools/install.sh requirements-dev.lock
	@touch $(VENV)/.run $@
