SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help install run test lint bench bench-quick bench-soak chaos contracts secrets lock audit

BIN := .venv/bin
OUR_FILES = git ls-files --cached --others --exclude-standard

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

install: ## Install what is missing: system packages, .venv
	@deploy/local/install.sh

run: ## Start everything on this machine, with a workspace to try; Ctrl-C stops it
	@deploy/local/install.sh --run-only
	@exec $(BIN)/python -m deploy.local.run

test: install lint audit ## Run all that CI runs (ARGS="-k links" for a part of the tests)
	@$(BIN)/python -m pytest $(ARGS)

lint: install ## Check style, types, imports and security
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@said=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/bandit --quiet --recursive --severity-level medium contracts shared services deploy
	@mkdir -p .local && cp .secrets.baseline .local/secrets.baseline # it is rewritten when lines move
	@said=$$($(BIN)/detect-secrets-hook --no-verify --baseline .local/secrets.baseline \
		$$($(OUR_FILES)) 2>&1) || [ $$? = 3 ] || { echo "$$said"; exit 1; }

audit: install ## Look up known weaknesses of our dependencies
	@$(BIN)/python -m deploy.audit requirements.lock

bench: install ## Measure throughput, latency and cost against rivals (12 minutes)
	@$(BIN)/python -m tests.bench $(ARGS)

bench-quick: install ## The same in 90 seconds, with less in it and a wider spread
	@$(BIN)/python -m tests.bench --quick

bench-soak: install ## Measure what a million links change (40 minutes)
	@$(BIN)/python -m tests.bench.soak $(ARGS)

chaos: install ## Kill every part under load, and count what was lost (8 minutes)
	@$(BIN)/python -m tests.chaos

contracts: install ## Regenerate AsyncAPI, OpenAPI and JSON Schema files
	@$(BIN)/python -m contracts.generate
	@$(BIN)/python -m services.ingress.openapi

secrets: install ## Accept what looks like a secret as made up; look at each one first
	@$(BIN)/detect-secrets scan --no-verify --baseline .secrets.baseline $$($(OUR_FILES))

lock: install ## Resolve the dependencies anew into requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-header --quiet -o requirements.lock
