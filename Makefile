# Switchyard. `make help` lists what can be done; every target sets up what it needs first.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
LOCK = $(UV) pip compile --quiet --generate-hashes --no-header --no-annotate $(if $(filter-out 0,$(UPGRADE)),--upgrade)
# What Lambda's Python runtime brings along: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
IN_RUNTIME := boto3 botocore jmespath python-dateutil s3transfer six urllib3

# Containers often forbid Python to keep what it has compiled; each process would then compile boto3 and the rest anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup installed test prove prove-upgrade lint pytest stories storms bench check-blocks check-links demo pictures newcomer secrets deploy remove restore replay lock clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Packages run scripts of their own while they are installed: none sees the tokens of `make demo SLACK=real`.
setup:  ## Install what everything else needs into .venv, node_modules and build
	@env -u SLACK_APP_TOKEN -u SLACK_BOT_TOKEN \
		$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j3) installed

installed: .venv/.installed node_modules/.installed build/lambda/.installed
	@:

# A step of the set-up says what it does, and once it is done how many seconds that took; steps run side by side.
BEGIN = echo "Set-up: $(1) …"; began=$$(date +%s)
DONE = echo "Set-up: $(1): $$(($$(date +%s) - began)) s"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Switchyard needs Python 3.11 or later; $(PYTHON) is not. Set PYTHON=, as in 'make PYTHON=python3.11 setup'."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(call BEGIN,a virtual environment in .venv); $(PYTHON) -m venv .venv && $(call DONE,a virtual environment in .venv)

# Every package is pinned with its hashes in locks/; `make lock` writes these files.
.venv/bin/uv: locks/uv.txt | .venv/bin/python
	@$(call BEGIN,uv to install the rest); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/uv.txt && \
		touch $@ && $(call DONE,uv to install the rest)

.venv/.installed: locks/dev.txt .venv/bin/uv
	@$(call BEGIN,Python packages in .venv); $(UV) pip install --quiet --python .venv --require-hashes -r locks/dev.txt && \
		touch $@ && $(call DONE,Python packages in .venv)

# What the Lambdas run on besides our code, for their Python and processor. Packaging takes it from here and asks no registry.
build/lambda/.installed: locks/lambda.txt .venv/bin/uv
	@rm -rf build/lambda
	@$(call BEGIN,the Lambdas' Python packages in build/lambda); \
		$(UV) pip install --quiet --target build/lambda --no-deps --require-hashes -r locks/lambda.txt \
		--python-version 3.13 --python-platform aarch64-manylinux2014 --only-binary :all: && \
		touch $@ && $(call DONE,the Lambdas' Python packages in build/lambda)

node_modules/.installed: package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "Switchyard deploys with osls, which needs Node (20.19 or later) and npm: install them first."; exit 1; }
	@$(call BEGIN,osls in node_modules); npm ci --loglevel=error >/dev/null && touch $@ && $(call DONE,osls in node_modules)

lock: .venv/bin/uv  ## Pin every Python package anew, with hashes: after a change of requirements*.txt (UPGRADE=1: to the newest versions)
	$(LOCK) --universal --python-version 3.11 locks/uv.in -o locks/uv.txt
	$(LOCK) --universal --python-version 3.11 requirements-dev.txt -o locks/dev.txt
	$(LOCK) --python-version 3.13 --python-platform aarch64-manylinux2014 -c locks/dev.txt $(addprefix --no-emit-package=,$(IN_RUNTIME)) \
		requirements.txt -o locks/lambda.txt

test: setup  ## Run the linters and all tests
	@$(MAKE) --no-print-directory -j3 stories pytest storms lint

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

# What hypothesis tries with examples: 50 of each in 'make test', 1000 here.
EXAMPLES := tests/unit tests/templates/test_group_template.py tests/scenarios/test_door.py tests/local/test_slack_api/test_blocks.py

# Takes a quarter of an hour or more, most of it for faults.
prove: setup  ## Try everything of which 'make test' tries a part: every fault of every call, a thousand clients, long races, many examples
	PROVE=1 $(BIN)/python -m pytest $(STORMS) $(EXAMPLES) tests/local/test_client_stacks tests/local/test_deploying_page.py tests/local/test_upgrade.py

prove-upgrade: setup  ## Deploy this version over an older one on a local AWS, everything half-done, and see that nothing is lost (FROM=<commit>)
	@$(BIN)/python -m local.upgrade $(if $(FROM),--from '$(FROM)')

bench: setup  ## Measure what the Lambdas cost and write docs/performance.md (BASE=<commit>: beside another commit; ROUNDS=<number>)
	@PYTHONPATH=client-templates $(BIN)/python -m bench $(if $(BASE),--base '$(BASE)') $(if $(ROUNDS),--rounds '$(ROUNDS)')

check-blocks: setup  ## Have Slack itself judge every view that the bot can draw, with the bot token in SLACK_BOT_TOKEN; posts nothing
	@$(BIN)/python -m tests.check_blocks

check-links: setup  ## Ask every address outside that a page links whether it is still there; needs the Internet
	@$(BIN)/python -m tests.check_links

safeties: setup  ## Write docs/safeties.md from the markers on the tests
	$(BIN)/python -m tests.safeties

demo: setup  ## Play the whole story on a local AWS and a local Slack (AUTO=1: without a person; SLACK=real: with your own Slack workspace)
	$(BIN)/python -m local.demo $(if $(filter-out 0,$(AUTO)),--auto) $(if $(SLACK),--slack '$(SLACK)')

pictures: setup  ## Take the documentation's pictures anew, in headless Chromium (CHROMIUM=<path> where it is not found)
	$(BIN)/python -m local.browser

newcomer: setup  ## Follow docs/deploying.md, command by command, in a fresh clone against a local AWS and a local Slack
	$(BIN)/python -m local.newcomer

secrets: setup  ## Ask for the Slack app's two secrets and store them: make secrets STAGE=prod (OVERWRITE=true replaces without asking)
	@test -n '$(STAGE)' || { echo "Say which stage: make secrets STAGE=prod"; exit 1; }
	@$(BIN)/python -m deploy.slack_secrets --stage '$(STAGE)' $(if $(filter true,$(OVERWRITE)),--overwrite)

deploy: setup  ## Deploy to the AWS account of your credentials: make deploy STAGE=prod (reads stages/prod.env; OUTPUTS=file writes the URLs as JSON)
	@test -n '$(STAGE)' || { echo "Say which stage: make deploy STAGE=prod"; exit 1; }
	@$(BIN)/python -m deploy --stage '$(STAGE)' $(if $(OUTPUTS),--outputs-file '$(OUTPUTS)')

replay: setup  ## Invoke again what failed, from the stage's queue: make replay STAGE=prod
	@test -n '$(STAGE)' || { echo "Say which stage: make replay STAGE=prod"; exit 1; }
	@$(BIN)/python -m deploy.replay --stage '$(STAGE)'

remove: setup  ## Remove a stage, after a plan: make remove STAGE=prod (CLIENTS=remove: operators' access too; OPEN=drop: open requests too; YES=prod: don't ask)
	@test -n '$(STAGE)' || { echo "Say which stage: make remove STAGE=prod"; exit 1; }
	@case '$(CLIENTS)' in ''|keep|remove) ;; *) echo "CLIENTS is keep (as without it) or remove."; exit 1; esac
	@case '$(OPEN)' in ''|refuse|drop) ;; *) echo "OPEN is refuse (as without it) or drop."; exit 1; esac
	@$(BIN)/python -m deploy.remove --stage '$(STAGE)' $(if $(CLIENTS),--clients '$(CLIENTS)') $(if $(OPEN),--open '$(OPEN)') $(if $(YES),--yes '$(YES)')

restore: setup  ## Put a stage's table back: make restore STAGE=prod BACKUP=<arn>, or AT=2026-11-26T12:00:00Z (YES=prod: don't ask)
	@test -n '$(STAGE)' || { echo "Say which stage: make restore STAGE=prod"; exit 1; }
	@test -n '$(BACKUP)$(AT)' || { echo "Say what to restore: BACKUP=<arn of a backup>, or AT=<time>"; exit 1; }
	@test -z '$(BACKUP)' -o -z '$(AT)' || { echo "Say one of BACKUP and AT, not both."; exit 1; }
	@$(BIN)/python -m deploy.restore --stage '$(STAGE)' $(if $(BACKUP),--backup '$(BACKUP)') $(if $(AT),--at '$(AT)') $(if $(YES),--yes '$(YES)')

clean:  ## Remove everything that was installed or built here
	rm -rf .venv node_modules build .serverless .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage htmlcov
