# Every command of the project. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A Python >= 3.11 from the PATH; 3.11 first, because that is what the image runs.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
LOCKS := build runtime dev awscli cfnlint

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- the two commands
.PHONY: demo test
demo: install ## build a control plane and an EMR endpoint, run the operator, apply examples/, follow every run
	@$(PY) -m tests.sandbox demo

test: install ## everything that the tests need, then unit, contract, integration and short chaos tests
	@assets="$$($(MAKE) assets)"; $(MAKE) run-tests ASSETS="$$assets"

# ---- surroundings
.PHONY: sandbox install control-plane
sandbox: install ## the same world as the demo, kept up until Ctrl-C, with a kubeconfig to use
	@$(PY) -m tests.sandbox up

install: $(VENV)/.emrjobs ## .venv with the pinned dependencies and `emrjobs` itself

$(VENV)/.emrjobs: pyproject.toml $(VENV)/.requirements
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.requirements: requirements/dev.txt
	@[ -n "$(PYTHON)" ] || { echo "No Python >= 3.11 with venv on the PATH." >&2; exit 1; }
	@[ -x $(PY) ] || { echo "Creating $(VENV) with $(PYTHON)."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the pinned dependencies."
	@# Byte code comes with the first use: writing it for every module takes longer than installing.
	@$(PIP) install --no-compile --no-deps --require-hashes --requirement requirements/dev.txt
	@touch $@

control-plane: install ## provide API server, etcd, controller manager and kubectl; the last line is their folder
	@$(PY) -m tests.sandbox.controlplane

# ---- tests
.PHONY: assets run-tests chaos mutants bench
# Prints the folder of the control plane, or nothing where neither it nor Go is there. Progress goes to stderr.
assets:
	@if said="$$($(PY) -m tests.sandbox.controlplane)"; then tail -n 1 <<<"$$said"; \
	elif [ -n "$${KUBEBUILDER_ASSETS:-}" ] || command -v go >/dev/null; then exit 1; \
	else echo "Running only the unit tests and the contract tests that need no API server." >&2; fi

run-tests:
	@KUBEBUILDER_ASSETS="$(ASSETS)" $(PY) -m pytest -q \
	  $(if $(ASSETS),-m 'not long',-m 'not long and not controlplane' tests/unit tests/contract)

# The seed, the kills and the objects of the long random run.
export CHAOS_SEED ?= 1
CHAOS_KILLS ?= 1000
CHAOS_OBJECTS ?= 1000
chaos: install ## crashes, faults, handovers and deliberate bugs, then CHAOS_KILLS kills at random (CHAOS_SEED)
	@$(PY) -m pytest -q tests/chaos
	@$(PY) -m tests.chaos --seed $(CHAOS_SEED) --kills $(CHAOS_KILLS) --objects $(CHAOS_OBJECTS)

# How many small bugs, drawn with CHAOS_SEED; `all` for all, about an hour.
MUTANTS ?= 300
mutants: install ## put MUTANTS small bugs into the core, one at a time, and see whether the unit tests notice
	@$(PY) -m tests.mutation --mutants $(MUTANTS) --seed $(CHAOS_SEED)

bench: install ## measure jobs per second, calls per job, lag and memory, about an hour; BENCH="--scenario burst"
	@$(PY) -m tests.bench $(BENCH)

# ---- generated files and checks
.PHONY: crds chart lock verify format verify-format verify-lint verify-types verify-imports verify-generated verify-budgets
crds: install ## write crds/ from the models, and the chart's copy
	@$(PY) -m emrjobs.api
	@$(PY) -m tests.chart

chart: install ## write what is generated in helm/emrjobs: settings, schema, table of values, CRDs
	@$(PY) -m tests.chart

lock: install ## resolve requirements/*.in anew, with hashes
	@for name in $(LOCKS); do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header \
	  --output-file requirements/$$name.txt requirements/$$name.in >/dev/null; done

format: install ## put the source into its one form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

verify: verify-format verify-lint verify-types verify-imports verify-generated verify-budgets ## all checks without tests

verify-format: install
	$(BIN)/ruff format --check .

verify-lint: install
	$(BIN)/ruff check .

verify-types: install
	$(BIN)/mypy

verify-imports: install
	$(BIN)/lint-imports --no-cache --no-logo

verify-generated: install
	$(PY) -m emrjobs.api --check
	$(PY) -m tests.chart --check
	$(PY) -m tests.support.argocd_files --check

verify-budgets: install
	$(PY) -m tests.budgets

# ---- what users get
.PHONY: docs package
docs: install ## check the documents: their links, and the tables that tests act out
	@$(PY) -m pytest -q tests/unit/house/test_documents.py

package: install ## wheel and source archive in dist/
	@$(BIN)/hatchling build --directory dist
