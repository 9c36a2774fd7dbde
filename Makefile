# Two commands are enough: `make run` and `make test`. The first use sets everything up in .venv;
# later ones start at once, without a network.

# The interpreter that .venv is made with; by default the newest of 3.13, 3.12, 3.11 that is there.
PYTHON ?=
# More for the command behind the target: make run ARGS="--theme dark", make test ARGS=tests/core
ARGS ?=

export PYTHON
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint bench tour doctor clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

run: ## open the playground (where there is no display: run the tour)
	@sh .ci/setup app
	@if problem=$$($(VENV)/playground doctor --display); then \
		exec $(VENV)/playground $(ARGS); \
	else \
		echo "$$problem The tour runs instead: every pane trains and is painted into ./tour."; \
		exec $(VENV)/playground tour tour; \
	fi

test: ## run all tests
	@sh .ci/setup test
	@sh .ci/test $(ARGS)

lint: ## check style, types and layers
	@sh .ci/setup lint
	@status=0; \
	for check in "ruff check ." "ruff format --check ." mypy lint-imports; do \
		echo "== $$check"; $(VENV)/$$check || status=1; \
	done; \
	exit $$status

bench: ## measure start-up, frame pacing and training throughput
	@sh .ci/setup test
	$(VENV)/playground bench $(ARGS)

tour: ## paint every pane into ./tour without a display
	@sh .ci/setup app
	$(VENV)/playground tour tour $(ARGS)

doctor: ## say what this machine has and what it lacks
	@sh .ci/setup app
	$(VENV)/playground doctor

clean: ## remove caches, builds and pictures
	rm -rf build dist tour .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find playground tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## the same, and .venv
	rm -rf .venv
