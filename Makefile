# Every target does its own set-up in .venv and .cache, is safe to repeat and cheap when nothing changed.

# The interpreter that .venv is made from. Another one, named once there is a .venv, has a place of its own in .cache.
PYTHON ?= python3
PORT ?= 8000
NAME ?= admin
COUNT ?= 5000
PYDANTIC ?=
STARLETTE ?=
DOOR ?=
SUITE ?=
INTERPRETERS ?= $(BIN)/python
DIST ?= dist

VENV := .venv
CACHE := .cache
ifneq ($(origin PYTHON),file)
version = $(shell $(1) -c 'import sys; print("python%d.%d" % sys.version_info[:2])' 2>/dev/null)
ifneq ($(filter-out $(call version,$(PYTHON)),$(call version,.venv/bin/python)),)
CACHE := .cache/$(call version,$(PYTHON))
VENV := $(CACHE)/venv
export CARGO_TARGET_DIR := $(CURDIR)/$(CACHE)/target
endif
endif
BIN := $(VENV)/bin
CONFORMANCE := $(BIN)/python tests/conformance/run.py --cache $(CACHE)/conformance --wheel $(CACHE)/wheel/fastapi_rs-*.whl
# All of cargo must name the same interpreter, or PyO3 is compiled anew at every change of tool.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

RUST_SOURCES := Cargo.toml Cargo.lock $(shell find rust -name '*.rs')
PYTHON_SOURCES := pyproject.toml README.md LICENSE $(shell find fastapi -name '*.py' -o -name '*.pyi' -o -name '*.json' -o -name py.typed) \
	$(shell find fastapi/scaffold -type f -not -path '*/__pycache__/*' -not -path '*/.venv/*')

.DEFAULT_GOAL := help
.PHONY: help run admin build test test-rust test-python test-newest lint conformance conformance-matrix differential fuzz wheels clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-20s %s\n", $$1, $$2}'

# What the application writes stays out of the tree.
SERVED := $(CURDIR)/$(CACHE)/served
SERVED_SETTINGS := DATABASE_URL=sqlite:///$(SERVED)/app.db UPLOAD_DIRECTORY=$(SERVED)/uploads KEYS_DIRECTORY=$(SERVED)/keys

run: build $(CACHE)/production.stamp  ## build, then serve the template production on the native server (PORT=8000)
	@mkdir -p $(SERVED)
	@echo "The service:           http://127.0.0.1:$(PORT)/api/v1/health"
	@echo "Its documentation:     http://127.0.0.1:$(PORT)/docs, http://127.0.0.1:$(PORT)/redoc, http://127.0.0.1:$(PORT)/openapi.json"
	@echo "Its admin panel:       http://127.0.0.1:$(PORT)/admin, for whom \`make admin\` has made"
	@echo "Its data:              $(CACHE)/served"
	@echo "Stop it with Ctrl-C."
	@$(PRODUCTION) PYTHONPATH=$(CURDIR) $(SERVED_SETTINGS) exec $(PRODUCTION_PYTHON) -m fastapi run --host 127.0.0.1 --port $(PORT)

admin: build $(CACHE)/production.stamp  ## make an administrator of what `make run` serves (NAME=admin; asks for ADMIN_PASSWORD)
	@mkdir -p $(SERVED)
	@$(PRODUCTION) PYTHONPATH=$(CURDIR) $(SERVED_SETTINGS) $(PRODUCTION_PYTHON) -m app.scripts.create_admin $(NAME) $(NAME)@example.com

# --- set-up -------------------------------------------------------------------------------------------------

$(CACHE)/venv.stamp: requirements/dev.txt tests/conformance/requirements.txt
	@mkdir -p $(CACHE)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements/dev.txt
	@touch $@

$(CACHE)/build.stamp: $(CACHE)/venv.stamp pyproject.toml README.md $(RUST_SOURCES)
	PIP_QUIET=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --quiet --release --locked
	@touch $@

# A checkout without its extension is unbuilt, whatever the stamp says.
build: $(CACHE)/venv.stamp  ## compile the Rust extension into the checkout
	@test -e fastapi/_fastapi_rust$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))') \
		|| rm -f $(CACHE)/build.stamp
	@$(MAKE) --no-print-directory --silent $(CACHE)/build.stamp

# --- tests --------------------------------------------------------------------------------------------------

test: test-rust test-python  ## build and pass every test, with the extension and without it (FASTAPI_RS_PURE=1: only without; PYTHON=python3.13: another interpreter)

test-rust: $(CACHE)/venv.stamp
	LD_LIBRARY_PATH="$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_config_var("LIBDIR"))'):$$LD_LIBRARY_PATH" cargo test --quiet --locked

# A worker for each core takes file after file; those that wait most come first.
PYTEST := -m pytest -q --numprocesses auto --dist loadfile tests/integration tests/unit

ifeq ($(FASTAPI_RS_PURE),1)
test-python: build
	$(BIN)/python $(PYTEST)
else
test-python: build
	@mkdir -p .cache/coverage
	$(BIN)/python $(PYTEST) --cov --cov-report=
	FASTAPI_RS_PURE=1 $(BIN)/python $(PYTEST) -m "not packaging" --cov --cov-append --cov-report=
	$(BIN)/python -m coverage report --fail-under=95
endif

$(CACHE)/newest.stamp: $(CACHE)/venv.stamp tests/conformance/constraints.txt
	@test -x $(CACHE)/newest/bin/python || $(BIN)/python -m venv $(CACHE)/newest
	$(CACHE)/newest/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements/dev.txt
	$(CACHE)/newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
		--constraint tests/conformance/constraints.txt "starlette==1.*" pydantic
	@# Processes that tests start elsewhere import the checkout too.
	$(CACHE)/newest/bin/python -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'checkout.pth').write_text('$(CURDIR)')"
	@touch $@

test-newest: build $(CACHE)/newest.stamp  ## pass our own tests on the newest Starlette 1.x and the newest pydantic
	@# Starlette 1.x warns of httpx, which the pins have.
	$(CACHE)/newest/bin/python $(PYTEST) -W default -m "not packaging"

lint: build  ## check format, style, types, layers and the stub of the extension
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	cargo fmt --check
	cargo clippy --quiet --locked --all-targets -- -D warnings
	@# Once more for a Python that need not be here.
	printf 'implementation=CPython\nversion=3.14\nshared=true\npointer_width=64\nsuppress_build_script_link_lines=true\n' \
		>$(CACHE)/python3.14.txt
	PYO3_CONFIG_FILE=$(CURDIR)/$(CACHE)/python3.14.txt cargo clippy --quiet --locked --target-dir $(CACHE)/python3.14.target -- -D warnings
	@# PyO3 makes __all__ by itself, and a stub need not repeat it.
	echo 'fastapi\._fastapi_rust\.__all__' | $(BIN)/stubtest --mypy-config-file pyproject.toml --allowlist /dev/stdin fastapi._fastapi_rust

# --- the claim ----------------------------------------------------------------------------------------------

$(CACHE)/wheel.stamp: $(CACHE)/venv.stamp $(RUST_SOURCES) $(PYTHON_SOURCES)
	rm -rf $(CACHE)/wheel
	$(BIN)/maturin build --quiet --release --locked --interpreter $(BIN)/python --out $(CACHE)/wheel
	@touch $@

conformance: $(CACHE)/wheel.stamp  ## run FastAPI 0.128.0's own tests (PYDANTIC=newest, STARLETTE=1.10 to move a pin; DOOR=native; SUITE=starlette or ecosystem)
	$(CONFORMANCE) $(if $(SUITE),--suite $(SUITE)) $(if $(DOOR),--door $(DOOR)) $(if $(PYDANTIC),--pydantic $(PYDANTIC)) $(if $(STARLETTE),--starlette $(STARLETTE))

conformance-matrix: $(CACHE)/wheel.stamp  ## the same on the pins, on the newest pydantic and on Starlette 1.10
	$(CONFORMANCE)
	$(CONFORMANCE) --pydantic newest
	$(CONFORMANCE) --starlette 1.10

$(CACHE)/reference.stamp: $(CACHE)/venv.stamp
	@test -x $(CACHE)/reference/bin/python || $(BIN)/python -m venv $(CACHE)/reference
	$(CACHE)/reference/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement tests/conformance/requirements.txt fastapi==0.128.0
	@touch $@

differential: build $(CACHE)/reference.stamp  ## send the same requests to FastAPI and to this package (COUNT=5000, DOOR=native)
	$(BIN)/python -m tests.differential --reference-python $(CURDIR)/$(CACHE)/reference/bin/python --count $(COUNT) \
		$(if $(DOOR),--door $(DOOR))

# --- the templates of `fastapi new` -------------------------------------------------------------------------

.PHONY: minimal production services

MINIMAL := cd fastapi/scaffold/minimal && PYTHONDONTWRITEBYTECODE=1

minimal: build $(CACHE)/reference.stamp  ## pass the tests of the template minimal, on this package and on FastAPI, and lint it
	$(MINIMAL) PYTHONPATH=$(CURDIR) $(CURDIR)/$(BIN)/python -m pytest -q -p no:cacheprovider
	$(MINIMAL) $(CURDIR)/$(CACHE)/reference/bin/python -m pytest -q -p no:cacheprovider
	$(MINIMAL) $(CURDIR)/$(BIN)/ruff format --no-cache --check
	$(MINIMAL) $(CURDIR)/$(BIN)/ruff check --no-cache
	$(MINIMAL) $(CURDIR)/$(BIN)/mypy --cache-dir $(CURDIR)/$(CACHE)/mypy-minimal

.PHONY: deployment

deployment: build  ## check the files that deploy the template production: Docker, Kubernetes, AWS, Terraform, workflows
	PYTHON=$(CURDIR)/$(BIN)/python TOOLS=$(CURDIR)/$(CACHE)/deployment sh fastapi/scaffold/production/deployment/check.sh
	@# Once more under another name.
	rm -rf $(CACHE)/renamed && mkdir -p $(CACHE)/renamed
	cd $(CACHE)/renamed && PYTHONPATH=$(CURDIR) $(CURDIR)/$(BIN)/python -m fastapi new another-name --template production
	TOOLS=$(CURDIR)/$(CACHE)/deployment sh $(CACHE)/renamed/another-name/deployment/check.sh

PRODUCTION := cd fastapi/scaffold/production && PYTHONDONTWRITEBYTECODE=1
PRODUCTION_PYTHON := $(CURDIR)/$(CACHE)/production/bin/python
# What `import fastapi` finds is decided by the path alone: this package, or FastAPI in a folder of its own.
FASTAPI_ALONE := $(CURDIR)/$(CACHE)/fastapi-alone

$(CACHE)/production.stamp: $(CACHE)/venv.stamp $(wildcard fastapi/scaffold/production/requirements*.txt)
	@test -x $(PRODUCTION_PYTHON) || $(BIN)/python -m venv $(CACHE)/production
	@# Not the wheel of this package: the checkout is what is tested.
	grep -hv -e '^fastapi-rs' -e '^-r' fastapi/scaffold/production/requirements*.txt | \
		$(BIN)/uv pip install --quiet --python $(PRODUCTION_PYTHON) \
		--requirement - "starlette==0.50.*" "pydantic==2.12.*"
	$(BIN)/uv pip install --quiet --python $(PRODUCTION_PYTHON) --no-deps --target $(FASTAPI_ALONE) fastapi==0.128.0
	@touch $@

services: $(CACHE)/production.stamp  ## install PostgreSQL, Redis, RabbitMQ, NATS, nginx and Chromium, then start private servers until Ctrl-C
	$(PRODUCTION) $(PRODUCTION_PYTHON) -m tests.services install
	$(PRODUCTION) $(PRODUCTION_PYTHON) -m tests.services

production: build $(CACHE)/production.stamp  ## pass the tests of the template production, on this package and on FastAPI, and lint it
	$(PRODUCTION) $(PRODUCTION_PYTHON) -m tests.services install
	$(PRODUCTION) PYTHONPATH=$(CURDIR) COVERAGE_FILE=$(CURDIR)/$(CACHE)/production.coverage \
		SCREENSHOTS=$(CURDIR)/$(CACHE)/screenshots $(PRODUCTION_PYTHON) -m pytest -q -p no:cacheprovider --cov
	@# What does not import FastAPI needs no second run.
	$(PRODUCTION) PYTHONPATH=$(FASTAPI_ALONE) $(PRODUCTION_PYTHON) -m pytest -q -p no:cacheprovider tests/integration
	$(PRODUCTION) $(PRODUCTION_PYTHON) -m ruff format --no-cache --check
	$(PRODUCTION) $(PRODUCTION_PYTHON) -m ruff check --no-cache
	$(PRODUCTION) PYTHONPATH=$(FASTAPI_ALONE) $(PRODUCTION_PYTHON) -m mypy --cache-dir $(CURDIR)/$(CACHE)/mypy-production
	$(PRODUCTION) $(CURDIR)/$(CACHE)/production/bin/lint-imports --no-cache
	$(PRODUCTION) $(PRODUCTION_PYTHON) -m bandit --quiet --recursive --configfile pyproject.toml app

# --- hostile bytes ------------------------------------------------------------------------------------------

FUZZ := $(CACHE)/cargo-fuzz/bin/cargo-fuzz
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))

$(FUZZ):
	cargo install --quiet --locked --root $(CACHE)/cargo-fuzz --version 0.13.1 cargo-fuzz

# The sanitizers need a nightly compiler, and the engines have no unsafe code for them to watch.
fuzz: $(FUZZ)  ## throw hostile bytes at every parser (FUZZ_SECONDS=60 FUZZ_TARGETS="http1 websocket")
	@mkdir -p $(FUZZ_TARGETS:%=$(CACHE)/fuzz/%)
	$(FUZZ) build --sanitizer none
	@printf '%s\n' $(FUZZ_TARGETS) | xargs -P 2 -I {} sh -c \
		'$(FUZZ) run --sanitizer none {} $(CURDIR)/$(CACHE)/fuzz/{} -- -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
		-rss_limit_mb=2048 -print_final_stats=1 2>$(CACHE)/fuzz/{}.log; status=$$?; \
		echo "{}: $$(grep -c . $(CACHE)/fuzz/{}.log) lines in $(CACHE)/fuzz/{}.log"; \
		grep -E "number_of_executed_units|SUMMARY|panicked" $(CACHE)/fuzz/{}.log; exit $$status'

# --- the speed ----------------------------------------------------------------------------------------------

# Seconds of load, how often, which scenarios (S1,S2), other frameworks too (1), a new baseline (1).
SECONDS ?= 3
ROUNDS ?= 3
ONLY ?=
PEERS ?=
UPDATE ?=
.PHONY: bench bench-compare bench-growth bench-fairness bench-instructions production-load

bench: $(CACHE)/wheel.stamp  ## measure beside FastAPI on uvicorn (SECONDS=3 ROUNDS=3 ONLY=S1,S2 PEERS=1)
	$(BIN)/python -m benchmarks run --seconds $(SECONDS) --rounds $(ROUNDS) $(if $(ONLY),--only $(ONLY)) $(if $(PEERS),--peers)

bench-compare: $(CACHE)/venv.stamp  ## print which ratios the last run moved by more than 10 %
	$(BIN)/python -m benchmarks compare

bench-growth: $(CACHE)/wheel.stamp  ## measure against routes, dependencies, items, connections, workers: the tables of docs/growth.md
	$(BIN)/python -m benchmarks growth --seconds $(SECONDS)

bench-fairness: $(CACHE)/wheel.stamp  ## measure how late a coroutine wakes under load, and what slow clients do to others
	$(BIN)/python -m benchmarks fairness --seconds $(SECONDS) --rounds $(ROUNDS)

$(CACHE)/servers.stamp: benchmarks/requirements/server.txt $(CACHE)/production.stamp
	@rm -rf $(CACHE)/servers
	$(BIN)/uv pip install --quiet --python $(PRODUCTION_PYTHON) --no-deps --target $(CACHE)/servers --requirement $<
	@touch $@

production-load: build $(CACHE)/production.stamp $(CACHE)/servers.stamp  ## load the template production, beside FastAPI on uvicorn (SECONDS=3 ROUNDS=3; DATABASE_URL)
	$(BIN)/python -m benchmarks production --seconds $(SECONDS) --rounds $(ROUNDS) \
		--python $(PRODUCTION_PYTHON) --fastapi $(FASTAPI_ALONE) --servers $(CACHE)/servers

bench-instructions: $(CACHE)/wheel.stamp  ## count instructions per request, fail above +10 % (ONLY=S1,S2 UPDATE=1)
	$(BIN)/python -m benchmarks instructions $(if $(ONLY),--only $(ONLY)) $(if $(UPDATE),--update)

wheels: $(CACHE)/venv.stamp  ## build the wheel, the sdist and the companion wheel into dist/ (DIST=dist INTERPRETERS="python3.12 python3.13")
	$(BIN)/maturin build --release --locked --interpreter $(INTERPRETERS) --out $(DIST)
	$(BIN)/maturin sdist --out $(DIST)
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(DIST) packaging/fastapi

clean:  ## remove everything that was built or downloaded
	rm -rf .venv .cache dist target fastapi/_fastapi_rust.*.so
