# The front door: every target installs what it needs. `make help` lists them.
SHELL := bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
BIN := .venv/bin

.PHONY: help install browser demo test check fix bench lock messages clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.ready ## everything Medvirk needs, into .venv

.venv/.ready: requirements/dev.txt pyproject.toml package-lock.json scripts/install.py $(wildcard src/medvirk/*/locale/*/LC_MESSAGES/*.po)
	@python3 scripts/install.py
	@touch $@

browser: install ## Chromium for the browser tests
	@$(BIN)/python scripts/browser.py

demo: install ## a made-up municipality on http://localhost:8000
	@$(BIN)/medvirk demo

test: install browser ## all tests, on SQLite and on PostgreSQL
	@$(BIN)/python scripts/test.py

check: install ## format, lint, types, migrations, translations, instruments
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/medvirk manage makemigrations --check --dry-run
	@$(BIN)/medvirk instruments check
	@$(BIN)/python scripts/messages.py check

fix: install ## format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: install ## measure against references, into docs/benchmarks.md; ONLY=growth,scoring for some parts
	@python3 scripts/install.py --bench
	@$(BIN)/python scripts/bench.py $(if $(ONLY),--only $(ONLY))

lock: ## resolve the dependencies anew
	@python3 scripts/install.py --lock

messages: install ## collect texts to translate
	@$(BIN)/python scripts/messages.py update

clean: ## remove what install made (not var/, where data lives)
	rm -rf .venv .tools .cache node_modules dist src/medvirk/ui/static/vendor
