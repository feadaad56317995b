# The commands of this repository. Nothing is assumed but Python 3.11+, git and make: uv is installed by the first
# target that needs it, and everything is installed into .venv, never into the system's Python.
PYTHON ?= python3
UV ?= .goldwire/bin/uv
EXTRAS := --extra doccano --extra publish --extra report --extra audit --extra formats --extra scale --extra embeddings
RUN := .venv/bin
WORKERS ?= 2
# Each module is compiled once and not by every process, also in an image whose environment says otherwise.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test check fix docs bench baseline clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup: .venv/.synced ## install uv and everything else into .venv

.goldwire/bin/uv: uv.lock
	@$(PYTHON) .ci/bring_uv.py $@

.venv/.synced: pyproject.toml uv.lock $(UV)
	@$(UV) sync --frozen --quiet --python $(PYTHON) $(EXTRAS) --reinstall-package goldwire
	@touch $@

demo: .venv/.synced ## raw articles to a loaded dataset through a real Doccano server (SERVE=1 leaves it up)
	@$(RUN)/goldwire demo $(if $(SERVE),--serve)

test: .venv/.synced ## all tests, those on the real server and in the browser too
	$(RUN)/pytest -n $(WORKERS) $(ARGS)

check: .venv/.synced ## lint, types, and the checks on this repository's own dataset
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy
	$(RUN)/goldwire check --strict

fix: .venv/.synced ## apply the fixes of the linter
	$(RUN)/ruff check --fix
	$(RUN)/ruff format

docs: .venv/.synced ## build the documentation site into site/
	@PYTHONPATH=scripts:tests $(RUN)/python -m support.reference_pages
	@$(RUN)/zensical build --strict --clean

bench: .venv/.synced ## compare speed and quality with other tools, and write tests/benchmarks/RESULTS.md
	$(UV) sync --frozen --quiet --python $(PYTHON) $(EXTRAS) --group bench
	$(RUN)/python tests/benchmarks/record_results.py $(ARGS)

baseline: .venv/.synced ## compare simple models of a release with probes for artefacts (VERSION=X.Y.Z)
	@$(RUN)/goldwire baseline $(VERSION)

clean: ## remove everything that these commands created
	rm -rf .venv .goldwire .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache docs/reference site
