# A fresh machine needs Python >= 3.11, make and a package index.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MODAL_0421 := build/modal-0.4.2.1

.PHONY: demo test nightly slow mutants versions package lint types docs bench clean

demo: $(VENV)/installed
	$(BIN)/skal compare --data digits --estimator logistic \
		--strategy margin_sampling --strategy entropy_sampling --strategy kmeans_sampling \
		--strategy core_set --strategy uncertainty_batch_sampling --strategy information_density_sampling \
		--n-initial 20 --n-instances 20 --n-rounds 8 --n-trials 10 --seed 0 --out runs/demo
	@$(BIN)/python tools/demo_digits.py runs/demo/digits
	@echo "To label these digits yourself, on a page in your browser: $(BIN)/skal label runs/demo/digits"

test: lint types docs package
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

# Scripts of benchmarks at a tiny size, each example by itself, a net trained to its end: what `make test` leaves out.
nightly: $(VENV)/installed-test
	$(BIN)/python -m pytest -m nightly

# What the tests cost, by room, against the budgets of CONTRIBUTING.md.
slow: $(VENV)/installed-test
	$(BIN)/python tools/slow.py -q --numprocesses logical --maxprocesses 4 --dist worksteal

# Breaks that a test must notice, one at a time.
mutants: $(VENV)/installed-test
	$(BIN)/python tools/mutants.py

# Before a release: NEWEST is the newest Python at hand.
NEWEST ?= $(PYTHON)
versions: $(VENV)/installed-test
	$(BIN)/python tools/versions.py package
	$(BIN)/python tools/versions.py lowest
	$(BIN)/python tools/versions.py newest --python $(NEWEST)

# Wheel and sdist are built, and hold all of skal's files.
package: $(VENV)/installed-test
	$(BIN)/python tools/versions.py contents

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-test
	$(BIN)/mypy

# Examples run side by side, each on one thread.
docs: $(VENV)/installed-test
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -q -W -j auto -b html docs docs/_build/html

bench: $(VENV)/installed-test
	$(BIN)/python benchmarks/loop.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python >= 3.11 is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[label]'
	touch $@

# modAL 0.4.2.1 pins a skorch that no longer imports: it lives in a folder of its own, for the tests alone.
$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,docs]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
		--target $(MODAL_0421) modAL-python==0.4.2.1
	touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build runs docs/_build docs/generated docs/gallery *.egg-info .pytest_cache .mypy_cache .ruff_cache
