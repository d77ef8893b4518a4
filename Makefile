# Alone, `make` lists the targets. The environment in .venv is made by the first target that
# needs it, and updated when pyproject.toml or constraints.txt are newer.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.complete
# With the samplers that are only compared with.
BENCH := .venv-bench
BENCH_READY := $(BENCH)/.complete

.DEFAULT_GOAL := help
.PHONY: help demo test pytest lint compiled preview bench docs growth validation experiments sensitivity measurements nsi hard-cases lma-d electrons electromagnetic sterile priors assumptions limits moved calibration faults fuzz executors findings release-check changelog codemeta constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

demo: $(READY) ## exclude a universal scalar with XENONnT; writes results/demo
	$(BIN)/bayes-cevns scan xenonnt_cevns --interaction scalar-universal \
		--masses 0.1:1000:61 --prior flat --level 0.9 --out results/demo

# mypy keeps one CPU busy for half a minute: what it checks and the tests run side by side.
test: $(READY) ## lint, type-check and run the tests and the notebooks, on all CPUs
	@$(MAKE) --no-print-directory --jobs 2 lint pytest

# One process a CPU, each with one thread of linear algebra. Each takes its tests file by file, since
# these share what they compile; one that has no more takes some from the end of another.
pytest: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n logical --maxprocesses 8 --dist worksteal \
		-m "not calibration" --nbmake $(wildcard notebooks) tests

lint: $(READY) ## check style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(BENCH_READY) ## measure speed beside an earlier build and other samplers (ten minutes)
	$(BENCH)/bin/python benchmarks/run.py

compiled: $(READY) ## write the compiled density that comes with the package (two minutes), after a change of what is compiled
	$(BIN)/python -m bayes_cevns.density.llvm_code

docs: $(READY) ## build the documentation site (4 minutes); writes docs/_build/html
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet --jobs 2 --conf-dir docs . docs/_build/html

growth: $(BENCH_READY) ## what grows how; writes benchmarks/GROWTH.md
	$(BENCH)/bin/python benchmarks/growth.py

preview: $(READY) ## compare previews with long fits (ten minutes); writes validation/preview.md
	$(BIN)/python validation/preview.py

validation: $(READY) ## compare with published numbers; writes validation/RESULTS.md
	$(BIN)/python validation/run.py

experiments: $(READY) ## compare every experiment; writes validation/experiments.md, standard_model.md
	$(BIN)/python validation/experiments.py
	$(BIN)/python validation/standard_model.py

sensitivity: $(READY) ## expected limits of XENONnT from toys (ten minutes); writes validation/sensitivity
	$(BIN)/python validation/sensitivity.py

measurements: $(READY) ## weak mixing angle, neutron radii, 8B flux (half an hour); writes validation/measurements.md
	$(BIN)/python validation/measurements.py

nsi: $(READY) ## intervals of couplings, and planes; writes validation/nsi_intervals.md
	$(BIN)/python validation/nsi_regions.py
	$(BIN)/python validation/nsi_intervals.py

hard-cases: $(READY) ## hard posteriors beside nested sampling and quadrature (an hour); validation/hard_cases.md
	$(BIN)/python validation/hard_cases.py --renew

lma-d: $(READY) ## both octants of theta_12 beside nested sampling (10 minutes); validation/lma_d.md
	$(BIN)/python validation/lma_d.py

electrons: $(READY) ## couplings to electrons, moments and mediators by flavour (an hour); validation/electron_nsi.md
	$(BIN)/python validation/electron_nsi.py

sterile: $(READY) ## limits on sterile neutrinos (half an hour); validation/sterile.md
	$(BIN)/python validation/sterile.py

electromagnetic: $(READY) ## charge radii, charges and moments by flavour; writes validation/electromagnetic.md
	$(BIN)/python validation/electromagnetic.py

priors: $(READY) ## limits by prior and by profile (ten minutes); validation/limits_by_prior.md, prior_weights.md
	$(BIN)/python validation/limits_by_prior.py
	$(BIN)/python validation/prior_weights.py

assumptions: $(READY) ## how assumptions move headline limits (half an hour); validation/assumptions.md
	$(BIN)/python validation/assumptions.py

limits: $(READY) ## limit curves of every experiment (an hour); writes validation/limits.csv
	$(BIN)/python validation/limit_curves.py

moved: $(READY) ## which limits moved since the commit or tag SINCE, by default that of the table; validation/moved.md
	$(BIN)/python validation/moved.py $(SINCE)

calibration: $(READY) ## ranks of truths and coverage (hours; goes on); writes validation/calibration
	$(BIN)/python validation/calibration.py
	$(BIN)/pytest -m calibration tests

faults: $(READY) ## every study, killed, damaged and short of all it needs (three quarters of an hour); writes validation/faults.md
	OMP_NUM_THREADS=1 $(BIN)/python validation/faults.py

fuzz: $(READY) ## commands, cards, tables, folders, plug-ins and Python with anything (twenty minutes)
	OMP_NUM_THREADS=1 BAYES_CEVNS_FUZZ=20 $(BIN)/pytest -n logical --maxprocesses 8 tests/fuzz

executors: $(READY) ## every study in workers, on dask, in shards; workers and main killed (20 minutes); validation/executors.md
	OMP_NUM_THREADS=1 $(BIN)/python validation/executors.py

findings: $(READY) ## run every script of findings/ in an environment of its own
	@for script in findings/*.sh; do \
		echo "== $$script"; PYTHON=$(abspath $(BIN)/python) $$script || exit 1; \
	done

release-check: $(READY) ## build, install in clean environments of Python 3.12 to 3.14, and run
	tools/check_release.sh $(PYTHONS)

changelog: $(READY) ## write the fragments of changes/ into CHANGELOG.md, as VERSION=0.2.0
	$(BIN)/towncrier build --yes --version $(VERSION)
	sed -i '/./,$$!d' CHANGELOG.md # towncrier begins with empty lines

codemeta: $(READY) ## write codemeta.json from pyproject.toml and CITATION.cff
	$(BIN)/python tools/codemeta.py

constraints: ## renew the pinned versions in constraints.txt
	tools/renew_constraints.sh

clean: ## remove .venv, caches and builds; results stay
	rm -rf $(VENV) $(BENCH) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@tools/make_venv.sh $(VENV) constraints.txt

$(BENCH_READY): pyproject.toml constraints.txt benchmarks/constraints.txt
	@tools/make_venv.sh $(BENCH) benchmarks/constraints.txt dev,bench
