# Every target makes what it needs, in a fresh clone too.

PYTHON ?= python3
BIN := .venv/bin
CONFIG ?= config.yml
PURE := tests/domain tests/siblings

.DEFAULT_GOAL := help
.PHONY: help run test check bench micro format lock proto clean

help: ## show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

run: .venv/run ## serve on http://127.0.0.1:8080 (HOST, PORT, CONFIG)
	exec $(BIN)/python -m notification server $(CONFIG)

# What is pure is covered whole by its own tests; the others run quicker without being looked at.
test: .venv/dev ## run all tests, and look at the coverage of what is pure
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -q -n 2 --dist worksteal $(PURE) --cov --cov-report=term
	$(BIN)/python -m pytest -q -n 2 --dist worksteal $(PURE:%=--ignore=%)

check: .venv/dev ## types, lint, formatting, import contracts, the configuration
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m notification check config.yml

bench: .venv/dev ## measure against the limits; needs wrk, a quiet machine and about ten minutes
	$(BIN)/python -m benchmarks

micro: .venv/dev ## micro-benchmarks of the pure parts
	$(BIN)/python -m pytest -q -p no:xdist benchmarks/test_micro.py --benchmark-columns=min,median,max,rounds

format: .venv/dev ## rewrite the code as `check` wants it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .venv/dev ## write requirements*.txt anew from pyproject.toml
	$(BIN)/pip install --quiet 'pip-tools>=7.4'
	$(BIN)/pip-compile $(LOCK) -o requirements.txt pyproject.toml
	$(BIN)/pip-compile $(LOCK) --allow-unsafe --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

LOCK := --quiet --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --generate-hashes --strip-extras

proto: ## write *_pb2 anew from their .proto
	$(PYTHON) -m venv build/protoc
	build/protoc/bin/pip install --quiet grpcio-tools==1.62.3 'setuptools<80'
	build/protoc/bin/python -m grpc_tools.protoc -I notification/riak --python_out=notification/riak --pyi_out=notification/riak riak.proto
	build/protoc/bin/python -m grpc_tools.protoc -I notification/legacy --python_out=notification/legacy --pyi_out=notification/legacy legacy.proto

clean: ## remove everything that was made, but for data/
	rm -rf .venv build dist *.egg-info .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
