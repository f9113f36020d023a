# From a fresh clone to an answer:   make ask Q="Wie viel zahlt Meta für Scale AI?"
# From a fresh clone to the tests:   make test
# Each step leaves a stamp in .venv and is skipped while nothing it depends on has changed;
# models and the native library are kept in the user's cache folder for the next clone.

SHELL := /bin/bash
PYTHON ?= $(shell for version in 3.11 3.12 3.13; do command -v python$$version && exit; done; command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
PIP_INSTALL := $(PIP) install --constraint constraints.txt
TORCH := $(shell grep ^torch== constraints.txt)
LLM := qwen2.5-coder-1.5b-instruct
ENCODER := multilingual-e5-small
TEST_LLM := smollm2-135m-instruct
READER := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/belegt/training/reader
CROSS_ENCODER := $(dir $(READER))cross-encoder

.DEFAULT_GOAL := help
.PHONY: help setup native models corpus ask serve test coverage lint format doctor peers bench bench-quick crash train-reader train-cross-encoder screenshots clean

help:
	@echo 'make ask Q="..."   answer a question from the sample corpus (sets everything up first)'
	@echo 'make serve         serve the page and the API on this machine (sets everything up first)'
	@echo 'make test          run linters and tests (sets everything up first)'
	@echo 'make coverage      run the tests and show what they do not reach'
	@echo 'make doctor        show what this machine has and what would be faster'
	@echo 'make bench         how fast answers come, beside plain llama-cpp-python (bench-quick: shorter)'
	@echo 'make peers         install what belegt is measured against (docs/evaluation.md)'
	@echo 'make train-reader  train the reader anew: DATA=folder with train/ and eval/, MINUTES=60'
	@echo 'make train-cross-encoder  the same for the cross-encoder'
	@echo 'make crash         kill a corpus at work some thousand times and look what is left'
	@echo 'make setup | native | models | corpus | lint | format | clean'

$(VENV)/.created:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "belegt needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is none. Get one with"; \
	    echo "  apt install python3-venv (Debian 12 and 13, Ubuntu 24.04), or: uv python install 3.12"; \
	    echo "and run: make PYTHON=/path/to/python3.12 ..."; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "'$(PYTHON)' cannot make virtual environments; run: apt install python3-venv"; exit 2; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Without a GPU the CPU build of PyTorch is asked for first ("+cpu"), which the package index or
# wheel folder of the person's own pip configuration may offer; the plain version otherwise. On
# x86 Linux the plain one brings several gigabytes of CUDA, so a person without a GPU may want
# PyTorch's index of CPU builds in PIP_EXTRA_INDEX_URL (its install page names the address).
$(VENV)/.torch: constraints.txt | $(VENV)/.created
	@echo "Installing $(TORCH)"
	@if nvidia-smi -L >/dev/null 2>&1; then $(PIP_INSTALL) "$(TORCH)"; \
	 else $(PIP_INSTALL) "$(TORCH)+cpu" 2>/dev/null || \
	  { echo "No CPU build of $(TORCH) is offered; taking the plain one"; $(PIP_INSTALL) "$(TORCH)"; }; fi
	@touch $@

$(VENV)/.dependencies: pyproject.toml constraints.txt $(VENV)/.torch
	@echo "Installing belegt and its dependencies"
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.dependencies
	@echo "Installing what the tests need"
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $@

$(VENV)/.native: models/native/recipes.py models/native/proof.py $(VENV)/.dependencies | models
	@$(BIN)/python -m models.native.build
	@touch $@

# Who reads prompts faster, measured once in 20 s (BELEGT_TUNE=off leaves it out).
$(VENV)/.reader: $(VENV)/.native | models
	@$(BIN)/belegt tune --quick
	@touch $@

setup: $(VENV)/.dependencies models $(VENV)/.native $(VENV)/.reader

native: $(VENV)/.dependencies
	@$(BIN)/python -m models.native.build
	@touch $(VENV)/.native

models: $(VENV)/.dependencies
	@$(BIN)/belegt models pull $(LLM) $(ENCODER) >/dev/null

corpus: setup
	@$(BIN)/belegt index status --json 2>/dev/null | $(BIN)/python -c \
	  'import json, sys; sys.exit(not json.load(sys.stdin).get("documents"))' 2>/dev/null || \
	  { echo "Indexing the sample corpus"; $(BIN)/belegt index add corpus/documents && \
	    touch $(VENV)/.unread; }

# The question travels in the environment, so that no character of it means anything to a shell.
ask: export QUESTION := $(value Q)
ask: corpus
	@test -n "$$QUESTION" || { echo 'Say what to ask: make ask Q="..."'; exit 2; }
	@$(BIN)/belegt ask -- "$$QUESTION" || [ $$? -eq 3 ]
	@test ! -e $(VENV)/.unread || \
	  { echo; echo "Reading the sample corpus once, so that later answers begin sooner:"; \
	    $(BIN)/belegt index read && rm $(VENV)/.unread; }

doctor: $(VENV)/.dependencies
	@$(BIN)/belegt doctor

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/deptry . $$(find tests -type d)
	$(BIN)/deptry . --extend-exclude tests --extend-exclude docs --optional-dependencies-dev-groups dev
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# After the native library, or pip would compile another one (pyproject.toml, extra "peers").
peers: setup
	@$(PIP_INSTALL) --editable '.[peers,bench]'

serve: corpus
	@$(BIN)/belegt serve

# Ratios of belegt to plain llama-cpp-python and others, side by side; nothing else may run meanwhile.
bench: setup
	@$(BIN)/python -m eval.bench.engine

bench-quick: setup
	@$(BIN)/python -m eval.bench.engine --minutes 2.5

test: setup $(VENV)/.dev lint
	@$(BIN)/belegt models pull $(TEST_LLM) >/dev/null
	$(BIN)/python -m pytest -m 'not network'

# Lines and branches that no test of `make test` reaches; not part of it, being slower.
coverage: setup $(VENV)/.dev
	@$(BIN)/belegt models pull $(TEST_LLM) >/dev/null
	$(BIN)/python -m pytest -m 'not network' --cov --cov-report term --cov-report html:.coverage/html

# Ten thousand kills, half of them with the power cut as well (docs/durability.md).
crash: setup $(VENV)/.dev
	CRASH_KILLS=$${CRASH_KILLS:-5000} $(BIN)/python -m pytest --timeout 0 tests/crash

# From the real server and models; needs Chromium.
screenshots: setup $(VENV)/.dev
	$(BIN)/python docs/screenshots.py

# Goes on from the checkpoint in the cache folder; "models/adapters/README.md" names the data.
train-reader: DATA ?= ../shared
train-reader: MINUTES ?= 60
train-reader: setup
	$(BIN)/python -m models.training.train --model "$$($(BIN)/belegt models path $(LLM))" \
	  --data "$(DATA)" --out "$(READER)" --minutes $(MINUTES) --forms extract check prove
	@echo "The adapter is $(READER)/adapter.gguf; try it with BELEGT_ADAPTER."

# The same for the encoder's.
train-cross-encoder: DATA ?= ../shared
train-cross-encoder: MINUTES ?= 60
train-cross-encoder: setup
	$(BIN)/python -m models.training.train_cross_encoder --model "$$($(BIN)/belegt models path $(ENCODER))" \
	  --data "$(DATA)" --out "$(CROSS_ENCODER)" --minutes $(MINUTES)
	@echo "It is $(CROSS_ENCODER)/cross-encoder.safetensors; try it with BELEGT_CROSS_ENCODER."

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage *.egg-info
