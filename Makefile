# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DEMO   ?= remedy-demo

.PHONY: help demo test cover test-389 lint format soak bench clean

help:
	@echo "make demo   install into $(VENV) and do the whole job on the sample estate"
	@echo "make test   install what the tests need and run them"
	@echo "make cover  the same tests, and which lines none of them reaches"
	@echo "make lint   check style, types and the laws of the house"
	@echo "make soak   the tests that take minutes"
	@echo "make test-389   install 389 Directory Server, and run tests on it too"
	@echo "make bench  start-up, live servers, inventories, exports, changes of exports and logs, measured beside what users would otherwise take;"
	@echo "            ends in a table, and renews the README's section on speed and its picture"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV) || { . ./.ci/apt.sh && need python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.runtime: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test: pyproject.toml .ci/apt.sh $(BIN)/python
	. ./.ci/apt.sh && need slapd ldap-utils openssl gcc libc6-dev libldap-dev libsasl2-dev python3-dev \
	  samba samba-dsdb-modules samba-vfs-modules samba-ad-provision
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime
	@rm -rf $(DEMO)
	@$(BIN)/remedy demo $(DEMO)

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not soak and not ds389"

cover: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not soak and not ds389" --cov --cov-report=term:skip-covered

test-389: $(VENV)/.test
	. ./.ci/apt.sh && need 389-ds-base libnss3-tools
	$(BIN)/python -m pytest -m ds389

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(VENV)/.test
	$(BIN)/python -m pytest -m soak

bench: $(VENV)/.test
	failed=0; for part in startup live inventories exports rewriting diagnosis report; do $(BIN)/python -m bench.$$part || failed=1; done; exit $$failed

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(DEMO) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache dist
