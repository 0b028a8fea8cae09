# The loop. `make` shows this.
PYTHON = .venv/bin/python
export PYTHONPATH = .

help:
	@echo "make check   ruff, mypy, import directions, unit, contract, golden, house (under 90 s)"
	@echo "make e2e     the real product: browser, rsyslog, kill tests"
	@echo "make golden  rewrite the golden expectations, to be reviewed with git diff"
	@echo "make bench   every bar of the issues, with machine and commit"
	@echo "make bench-contract  6,000 random queries and 7,200 random counts on each event store (CANH_TEST_ELASTICSEARCH_URL)"
	@echo "make format  let ruff format"
	@echo "make lock    resolve and pin the dependencies again"

setup:
	@./canh test --version >/dev/null

check: setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -c "from importlinter.cli import lint_imports_command as run; run()"
	$(PYTHON) -m pytest -q -n 2 -m "not slow" tests/unit tests/contract tests/golden tests/house tests/security

e2e: setup
	$(PYTHON) -m pytest -q -rs tests/e2e tests/fault tests/security

golden: setup
	CANH_TEST_REWRITE_GOLDEN=1 $(PYTHON) -m pytest -q tests/golden

bench-contract: setup
	CANH_CONTRACT_SEEDS=60 $(PYTHON) -m pytest -q -rs --timeout 3600 tests/contract -k plain_evaluator

bench: setup
	for bar in $(filter-out bench/__init__.py bench/machine.py,$(wildcard bench/*.py)); do echo "== $$bar"; $(PYTHON) $$bar || exit 1; done

format: setup
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

lock:
	uv pip compile -q --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --generate-hashes --no-header --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.PHONY: help setup check e2e golden bench bench-contract format lock
