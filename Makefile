# Switchyard. `make help` lists what can be done; every target sets up what it needs first.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup test lint pytest stories storms demo secrets deploy replay clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed node_modules/.installed build/wheels/.fetched  ## Install what everything else needs into .venv and node_modules

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Switchyard needs Python 3.11 or later; $(PYTHON) is not. Set PYTHON=, as in 'make PYTHON=python3.11 setup'."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt requirements-dev.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# What osls packages for the Lambdas, fetched beforehand so that the tests that package need no network.
build/wheels/.fetched: requirements.txt .venv/.installed
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --requirement requirements.txt --dest build/wheels \
		--platform manylinux2014_aarch64 --implementation cp --python-version 3.13 --only-binary=:all:
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "Switchyard deploys with osls, which needs Node (20.19 or later) and npm: install them first."; exit 1; }
	npm ci --loglevel=error
	@touch $@

test: setup  ## Run the linters and all tests
	@$(MAKE) --no-print-directory -j2 stories pytest storms lint

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

pytest: setup
	$(BIN)/python -m pytest --cov $(addprefix --ignore=,$(STORIES) $(STORMS))

# What plays whole stories, or the same one thousands of times, runs beside the rest: measuring its coverage would only slow it down.
STORIES := tests/local tests/scenarios
STORMS := tests/bursts tests/faults tests/races

stories: setup
	$(BIN)/python -m pytest $(STORIES)

storms: setup
	$(BIN)/python -m pytest $(STORMS)

demo: setup  ## Play the whole story on a local AWS and a local Slack (AUTO=1: without a person)
	$(BIN)/python -m local.demo $(if $(filter-out 0,$(AUTO)),--auto)

secrets: setup  ## Ask for the Slack app's two secrets and store them: make secrets STAGE=prod (OVERWRITE=true replaces without asking)
	@test -n '$(STAGE)' || { echo "Say which stage: make secrets STAGE=prod"; exit 1; }
	@$(BIN)/python -m deploy.slack_secrets --stage '$(STAGE)' $(if $(filter true,$(OVERWRITE)),--overwrite)

deploy: setup  ## Deploy to the AWS account of your credentials: make deploy STAGE=prod (reads stages/prod.env; OUTPUTS=file writes the URLs as JSON)
	@test -n '$(STAGE)' || { echo "Say which stage: make deploy STAGE=prod"; exit 1; }
	@$(BIN)/python -m deploy --stage '$(STAGE)' $(if $(OUTPUTS),--outputs-file '$(OUTPUTS)')

replay: setup  ## Invoke again what failed, from the stage's queue: make replay STAGE=prod
	@test -n '$(STAGE)' || { echo "Say which stage: make replay STAGE=prod"; exit 1; }
	@$(BIN)/python -m deploy.replay --stage '$(STAGE)'

clean:  ## Remove everything that was installed or built here
	rm -rf .venv node_modules build .serverless .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage htmlcov
