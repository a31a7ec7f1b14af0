# Everything a developer does; each target works in a fresh clone.
PYTHON ?= python3
VENV   ?= .venv
RUN    := $(VENV)/bin/python
STAMP  := $(VENV)/.installed

.PHONY: demo test differential conformance conformance-system check bench clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --quiet --editable '.[dev]'
	touch $@

demo: $(STAMP)  ## three disposable hosts, playbooks/site.yml, and again: nothing left to do
	sh bench/system-packages.sh
	$(VENV)/bin/fleet lab up 3
	$(VENV)/bin/fleet lab inventory > .venv/demo.ini
	$(VENV)/bin/fleet apply -i .venv/demo.ini playbooks/site.yml
	$(VENV)/bin/fleet apply -i .venv/demo.ini playbooks/site.yml

test: $(STAMP)  ## all tests; those that need real hosts run where the machine allows
	$(RUN) -m pytest

differential: $(STAMP)  ## the same playbooks with ansible-core on equal hosts (installs it from PyPI, aside)
	$(RUN) -m pytest tests/differential

conformance: $(STAMP)  ## ansible-core's own integration targets, fetched from PyPI, with fleet and with Ansible; half an hour
	$(RUN) tests/conformance/run.py --oracle --table docs/conformance.md

conformance-system: $(STAMP)  ## its targets that change the system, each on a fresh host of a lab; needs root
	sh bench/system-packages.sh
	$(RUN) tests/conformance/run.py --only @system --lab --oracle --table docs/conformance-system.md

check: $(STAMP)  ## format, lint, types, layers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(STAMP)  ## the reference baseline against its floor and peers; writes bench/RESULTS.md
	sh bench/system-packages.sh
	$(RUN) bench/run.py

clean:
	rm -rf $(VENV) build *.egg-info
