# `make run` starts the app, `make test` runs every check; each makes what it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run serve site test check matrix programs bench pictures clean

run: $(VENV)/.app
	$(BIN)/python -m roialign_lab run

# For a class or a school: PROCESSES of the app behind nginx, on PORT.
PROCESSES ?= 2
PORT ?= 8501
serve: $(VENV)/.app
	$(BIN)/python deploy/serve.py --processes $(PROCESSES) --port $(PORT)

# The lesson as static files in the folder SITE; npm comes with the tools of the tests.
SITE ?= _site
site: $(VENV)/.dev
	$(BIN)/python -m roialign_lab site $(SITE)

# At the lowest priority, where the processes that yield to a drag have the same share as all others. Some hundred
# processes of Python are started: they compile the project once.
test: $(VENV)/.dev programs check
	PYTHONDONTWRITEBYTECODE= nice -n 19 $(BIN)/python -m pytest -n 2 --dist worksteal

check: $(VENV)/.dev node_modules/.made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check

# Every Python that is here, with the lowest and the newest dependencies: some minutes each.
matrix: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5,<1"
	$(BIN)/python tests/matrix.py

bench: $(VENV)/.dev programs
	$(BIN)/python benchmarks/live_drag.py

pictures: $(VENV)/.dev programs
	$(BIN)/python docs/make_pictures.py

# Chromium, LibreOffice and poppler as the system has them: the tests open what is made.
programs:
	@sh tests/need_programs.sh

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.app: $(VENV)/.made requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: $(VENV)/.made requirements.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.app

# The compiler, the linter and the types of the browser script, as package-lock.json names them.
node_modules/.made: $(VENV)/.dev package.json package-lock.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	touch $@

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
