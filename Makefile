# Everything a newcomer or CI runs. Only Python 3.11+ and make are assumed; `make` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 4
SOAK_REQUESTS ?= 200000

.DEFAULT_GOAL := help
.PHONY: help setup serve train test test-long test-controls check format bench bench-peers bench-models lock audit sbom system-packages clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(VENV)/.ready-dev ## the environment in .venv, with all that tests and checks need

$(VENV)/.ready: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parley needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

serve: $(VENV)/.ready ## train what is missing, then serve on port 8080
	@$(BIN)/python train.py || echo "a model could not be trained (see above); serving what there is"
	$(BIN)/python serve_tornado.py

train: $(VENV)/.ready ## train the models of config/models/ that have changed or are missing
	$(BIN)/python train.py

test: setup system-packages ## every test but the long ones
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m "not long" --durations=40 --durations-min=5

test-long: setup system-packages ## the soak, and long runs of the fuzzers
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m long
	$(BIN)/python -m benchmarks.soak --requests $(SOAK_REQUESTS)

test-controls: setup system-packages ## take out what protects from attacks, one by one, and see its tests fail (10 minutes)
	$(BIN)/python -m tests.attacks.without_controls

check: setup ## all that CI does: format, lint, types, imports, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

format: setup ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## time predictions beside Keras and scikit-learn
	$(BIN)/python -m benchmarks.single_text

bench-peers: setup ## measure the server beside other servers, each in its own environment (20 minutes)
	$(BIN)/python -m benchmarks.peers

bench-models: setup ## serve a registry of a thousand models from one worker: time until ready, first requests, memory
	$(BIN)/python -m benchmarks.many_models

lock: setup ## compile the requirements files from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements-serve.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --extra train -c requirements-serve.txt -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --extra train --extra dev -c requirements.txt -o requirements-dev.txt
	echo 'cyclonedx-bom' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o requirements-sbom.txt

audit: setup ## known holes of all packages; says so and ends with 3 where nothing could be looked up
	$(BIN)/python -m supply_chain

$(VENV)-sbom/.ready: requirements-sbom.txt
	$(PYTHON) -m venv $(VENV)-sbom
	$(VENV)-sbom/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-sbom.txt
	@touch $@

sbom: $(VENV)-sbom/.ready ## build/sbom.json: what a deployment is made of, in CycloneDX
	mkdir -p build
	$(VENV)-sbom/bin/python -m cyclonedx_py requirements --pyproject pyproject.toml --mc-type application --output-format JSON --output-reproducible --validate --output-file build/sbom.json requirements.txt

# What tests drive beside Python. Without root or apt the tests that need it skip and say so.
system-packages:
	@missing=""; \
	command -v chromedriver >/dev/null || missing="chromium chromium-driver"; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null \
		|| echo "could not be installed: $$missing; the tests that need it will skip"; \
	fi

clean: ## remove what the tools left, not the models
	rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov build dist *.egg-info
