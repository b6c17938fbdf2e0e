PYTHON ?= python3
PORT ?= 8888

VENV := .venv/bin/python
# One environment, two stages: what a user needs, and on top of it what the tests need.
READY := .venv/ready
READY_DEV := .venv/ready-dev
SETUP := $(PYTHON) tools/bootstrap.py
COMPILE := $(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-header $(if $(UPGRADE),--upgrade) pyproject.toml --group build
PYTEST := $(VENV) -m pytest -n 2 --dist loadfile
# Where a machine is slow, a bar of progress would stand among a notebook's outputs: TQDM_DISABLE below.
NOTEBOOKS := $(wildcard notebooks/*.ipynb notebooks/training/*.ipynb notebooks/training/solutions/*.ipynb)

# make hands these to the recipes as they were given, spaces and all.
export CASE KEYS

.PHONY: help setup demo lab docs test coverage lint fix samples exercises bench lock clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Make the environment, .venv, from requirements.lock

demo: $(READY)  ## Investigate a sample case, or your own: make demo CASE=folder KEYS=public-keys.json
	@$(VENV) tools/demo.py $${CASE:+--case "$$CASE"} $${KEYS:+--keys "$$KEYS"}

lab: $(READY)  ## Open JupyterLab on the notebooks: make lab PORT=8888
	$(VENV) -m jupyterlab --port=$(PORT) --notebook-dir=notebooks $(if $(filter 0,$(shell id -u)),--allow-root) \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.news_url=None

docs: $(READY_DEV)  ## Build the documentation as a site, build/site/index.html; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(VENV) -m mkdocs build --strict --quiet

test: lint  ## Everything CI runs: lint, tests, doctests, notebooks
	$(PYTEST) --doctest-modules --doctest-glob='*.md' $(wildcard tests cttoolkit README.md docs)
	$(if $(NOTEBOOKS),TQDM_DISABLE=1 $(PYTEST) --nbval --nbval-current-env $(NOTEBOOKS))

coverage: $(READY_DEV)  ## Run the tests once more, measured: every branch, in twice the time
	$(PYTEST) --cov --doctest-modules --doctest-glob='*.md' $(wildcard tests cttoolkit README.md docs)

lint: $(READY_DEV)  ## Check format, style and types
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy

fix: $(READY_DEV)  ## Format, and mend what can be mended
	$(VENV) -m ruff check --fix --exit-zero .
	$(VENV) -m ruff format .

samples: $(READY)  ## Make the sample cases anew
	$(VENV) tools/samples.py

exercises: $(READY_DEV)  ## Make the exercises anew: their keys, and the notebooks that changed
	$(VENV) tools/exercises.py

bench: $(READY_DEV)  ## Run every benchmark
	@set -e; for file in $(wildcard benchmarks/*.py); do echo "$$file"; $(VENV) "$$file"; done

lock: $(READY_DEV)  ## Write the lock files from pyproject.toml; UPGRADE=1 takes newer versions
	$(COMPILE) --extra lab --extra aws --extra geo --extra sigma --extra docs --extra dev --output-file requirements-dev.lock
	$(COMPILE) --extra lab --extra aws --extra geo --extra sigma --constraints requirements-dev.lock --output-file requirements.lock
	printf '%s\n' pyspark timesketch-import-client | $(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header $(if $(UPGRADE),--upgrade) --constraints requirements-dev.lock - --output-file requirements-source.lock

clean:  ## Remove the environment and every cache
	rm -rf .venv .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml tools/bootstrap.py
	@rm -f $@
	@$(SETUP) requirements.lock
	@touch $@

$(READY_DEV): requirements-dev.lock requirements-source.lock pyproject.toml tools/bootstrap.py
	@rm -f $(READY) $@
	@$(SETUP) requirements-dev.lock requirements-source.lock
	@touch $(READY) $@
