# Every target makes what it needs, in a fresh clone too.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The locks are complete: nothing is resolved, nothing is built with what the locks do not hold.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --use-pep517
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist worksteal
CONFIG ?= config.yml
# What `bench` compares: the first runs all benchmarks, each further one is measured beside it.
PYTHONS ?= $(or $(strip $(foreach version,3.11 3.13,$(shell python$(version) -c 'import sys; print(sys.executable)' 2>/dev/null))),$(PYTHON))
PURE := tests/domain tests/siblings

.DEFAULT_GOAL := help
.PHONY: help run test test-long check bench micro format lock proto clean

help: ## show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: $(VENV)/run ## serve on http://127.0.0.1:8080 (HOST, PORT, CONFIG)
	exec $(BIN)/python -m notification server $(CONFIG)

# What is pure is covered whole by its own tests; the others run quicker without being looked at.
test: $(VENV)/dev ## run the tests, and look at the coverage of what is pure
	rm -f .coverage .coverage.*
	$(PYTEST) -m 'not long' $(PURE) --cov --cov-report=term
	$(PYTEST) -m 'not long' $(PURE:%=--ignore=%)

test-long: $(VENV)/dev ## run the tests that repeat at length: storms of faults, a hundred thousand random requests
	$(PYTEST) -m long

check: $(VENV)/dev ## types, lint, formatting, import contracts, prose, the configuration
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.prose
	$(BIN)/python -m notification check config.yml

# Each version serves from an environment that holds what the image does, and nothing else.
bench: $(VENV)/dev ## measure against the limits; needs wrk, a quiet machine and about twenty minutes (PYTHONS, ONLY)
	set -e; for python in $(PYTHONS); do $(MAKE) VENV=build/bench-$$(basename $$python) PYTHON=$$python build/bench-$$(basename $$python)/run; done
	$(BIN)/python -m benchmarks $(foreach python,$(PYTHONS),--python build/bench-$(notdir $(python))/bin/python) $(ONLY:%=--only %)

micro: $(VENV)/dev ## micro-benchmarks of the pure parts
	$(BIN)/python -m pytest -q -p no:xdist benchmarks/test_micro.py --benchmark-columns=min,median,max,rounds

format: $(VENV)/dev ## rewrite the code as `check` wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: ## write requirements*.txt anew from pyproject.toml, with the oldest Python that is supported
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet 'pip-tools>=7.4'
	build/lock/bin/pip-compile $(LOCK) --all-build-deps --only-build-deps -o requirements-build.txt pyproject.toml
	build/lock/bin/pip-compile $(LOCK) -o requirements.txt pyproject.toml
	build/lock/bin/pip-compile $(LOCK) --extra dev -c requirements.txt -c requirements-build.txt -o requirements-dev.txt pyproject.toml

LOCK := --quiet --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --generate-hashes --no-strip-extras --allow-unsafe

proto: ## write *_pb2 anew from their .proto
	$(PYTHON) -m venv build/protoc
	build/protoc/bin/pip install --quiet grpcio-tools==1.62.3 'setuptools<80'
	build/protoc/bin/python -m grpc_tools.protoc -I notification/riak --python_out=notification/riak --pyi_out=notification/riak riak.proto
	build/protoc/bin/python -m grpc_tools.protoc -I notification/storage/java --python_out=notification/storage/java --pyi_out=notification/storage/java legacy.proto

clean: ## remove everything that was made, but for data/
	rm -rf .venv build dist *.egg-info .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .schemathesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: $(BIN)/python requirements-build.txt requirements.txt pyproject.toml
	$(INSTALL) --require-hashes -r requirements-build.txt
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) -e .
	$(BIN)/python -m pip --disable-pip-version-check check
	touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	$(INSTALL) --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip --disable-pip-version-check check
	touch $@
