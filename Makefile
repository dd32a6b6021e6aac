# The two commands of the README are `make demo` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
SEAKEEP_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/seakeep
export SEAKEEP_CACHE

.PHONY: conformance help demo setup check lint types contracts unit test testbed lock clean snapshot-254carbon accuracy bench docs wheel

help:            ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | column -t -s "$$(printf '\t')"

setup: $(STAMP)  ## create .venv with the locked dependencies

$(STAMP): requirements/dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Ray is large: it is there only where the tests are to use it.
$(VENV)/.ray: requirements/ray.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/ray.lock
	@touch $@

# So is OR-tools.
$(VENV)/.ortools: requirements/repack.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/repack.lock
	@touch $@

demo: $(STAMP)   ## the main job on the shipped snapshot of the reference platform
	@mkdir -p out
	$(BIN)/seakeep demo --html out/report.html --write out/plan

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports --no-cache

unit: $(STAMP)
	$(BIN)/python -m pytest -q -n 2 -m "not engine and not long"

check: lint types contracts unit ## the fast inner loop

test: $(STAMP)   ## everything, with the real engines that are in the cache or that SEAKEEP_REQUIRE names
	$(MAKE) lint types contracts
ifneq (,$(findstring kubernetes,$(SEAKEEP_REQUIRE)))
	$(MAKE) testbed
endif
ifneq (,$(findstring ray,$(SEAKEEP_REQUIRE)))
	$(MAKE) $(VENV)/.ray
endif
ifneq (,$(findstring ortools,$(SEAKEEP_REQUIRE)))
	$(MAKE) $(VENV)/.ortools
endif
	$(BIN)/python -m pytest -n 2 --dist loadgroup

testbed: $(STAMP) ## build the real control plane for tests into the cache
	$(BIN)/python -m seakeep.testing.testbed build

snapshot-254carbon: testbed ## play the reference platform on the testbed and write the shipped snapshot
	$(BIN)/python examples/254carbon/play/play.py

accuracy: testbed ## play every labelled fault on the testbed and print how many are diagnosed (three quarters of an hour)
	$(BIN)/python -m tests.scenarios.score play out/faults

conformance: testbed ## the twin against real Kubernetes on many generated cases; writes docs/reference/fidelity.md (about an hour and a half; SUITES="jobs nodes": only those)
	$(BIN)/python -m tests.conformance $(SUITES); found=$$?; $(BIN)/python docs/generate.py; exit $$found

bench: $(STAMP)  ## speed and memory as ratios, in one run
	$(BIN)/python -m benchmarks

wheel: $(STAMP)  ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

docs: $(STAMP)   ## regenerate the reference pages
	$(BIN)/python docs/generate.py

lock: $(STAMP)   ## re-resolve the locked dependencies
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --no-emit-index-url pyproject.toml -o requirements/dev.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra repack --constraint requirements/dev.lock --no-emit-index-url pyproject.toml -o requirements/repack.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra ray --constraint requirements/dev.lock --constraint requirements/repack.lock --no-emit-index-url pyproject.toml -o requirements/ray.lock

clean:
	rm -rf $(VENV) out dist
