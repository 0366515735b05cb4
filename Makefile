# One environment, .venv, made from requirements.lock; every target makes it if it is missing or stale.
PYTHON ?= python3
ARGS ?=
SAME ?=
BIN := .venv/bin
STAMP := .venv/.installed
export OMP_NUM_THREADS ?= 1
# A test that hangs says where, and ends the run red instead of the time that CI has.
PYTEST := $(BIN)/python -m pytest -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true
SPREAD := -n auto --dist loadfile --max-worker-restart=0

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-long test-docker test-cluster lint bench bench-class gpu selfcheck hostile twins fuzz load evening

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13
	@echo 'ARGS="…" is handed on, e.g. make test ARGS="-k intake"; PYTHON=python3.12 picks the interpreter.'

demo: $(STAMP)  ## grade a simulated class, and name a report and a page to open; all homeworks: ARGS="--all"
	$(BIN)/grader demo $(ARGS)

test: $(STAMP)  ## the engine's own tests, minutes: every module, and a real grading in each tier
	$(PYTEST) $(SPREAD) -m "not long" $(ARGS)

test-all: test test-long  ## all tests: these, and those of test-long

# tests/long by themselves: two judges at once as in a container, and workers whose number must not matter.
test-long: $(STAMP)  ## what is marked long: all attacks and suites, PostgreSQL, browsers, judges beside each other
	$(PYTEST) $(SPREAD) -m long $(ARGS)
	$(PYTEST) -q -rs tests/long $(ARGS)

test-docker: $(STAMP)  ## real containers: the same grades and no attack that succeeds, in Docker and in Gradescope's layout
	$(PYTEST) -q -rs tests/containers $(ARGS)
	$(BIN)/python -m tests.containers.same $(SAME)

test-cluster: $(STAMP)  ## a class on workers of this machine, by OpenSSH and by Slurm, where they are installed; minutes
	$(PYTEST) -q -rs tests/cluster tests/grader/run/cluster $(ARGS)

lint: $(STAMP)  ## ruff (rules and format), mypy --strict, which folder may import which, and the handouts' facts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/grader facts --check

bench: $(STAMP)  ## speed against other autograders, and of a large class's gradebook
	$(BIN)/python -m tests.benchmarks.bench $(ARGS)
	$(BIN)/python -m tests.benchmarks.gradebook
	$(BIN)/python -m tests.benchmarks.containers

bench-class: $(STAMP)  ## a class of 300 on two workers against other autograders, and its rerun
	$(BIN)/python -m tests.benchmarks.classrun $(ARGS)

gpu: $(STAMP)  ## on a machine with a GPU, in eight minutes: all that was never seen on one, as JSON and as a table
	$(BIN)/python -m tests.benchmarks.gpu

selfcheck: $(STAMP)  ## prove that every assignment's suite grades as declared
	$(BIN)/grader selfcheck $(ARGS)

hostile: $(STAMP)  ## attack a naive grader and this one, and print what each attack got
	$(BIN)/python -m tests.hostile.run $(ARGS)

twins: $(STAMP)  ## for a new torch: does anything in it compute what a homework bans? By any key, or in Python
	$(BIN)/python -m tests.grader.redispatched
	$(BIN)/python -m tests.hostile.twins $(ARGS)

evening: $(STAMP)  ## a TA's evening with 300 students of three platforms, by the command line, from download to feedback
	$(BIN)/python -m tests.evening $(ARGS)

load: $(STAMP)  ## 500 submissions, a third hostile, and a run whose processes are killed at random
	$(BIN)/python -m tests.hostile.load $(ARGS)

fuzz: $(STAMP)  ## attacks on the decoder, guided by coverage, five minutes (installs atheris); forged answers; generated classes
	$(BIN)/python -m pip install --quiet atheris
	$(BIN)/python -m tests.fuzz.codec $(ARGS)
	$(BIN)/python -m tests.hostile.forger
	$(BIN)/python -m tests.fuzz.class_
	$(BIN)/python -m tests.fuzz.notebooks

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The grader needs Python 3.11 or newer; $(PYTHON) is not. Try: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
