# The same names as run.py, for those who expect a Makefile. `make test ARGS="-k queue"` passes arguments on.
PYTHON ?= python3

.DEFAULT_GOAL := start
.PHONY: start test check fix setup demo bench shell help

start:
	$(PYTHON) run.py

test check fix setup demo bench shell help:
	$(PYTHON) run.py $@ $(ARGS)
