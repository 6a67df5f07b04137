# What people type here. The work itself stands in tools/, in plain sh, so that it can be read and tried alone.
.POSIX:
.SUFFIXES:
.PHONY: help demo test test-long check venv lock assets

help:
	@echo 'make demo        a demonstration area on http://127.0.0.1:8000 (PORT= to change); Ctrl-C stops it'
	@echo 'make test        everything that decides whether a change is good; under 10 minutes'
	@echo 'make check       the fast part of it; under a minute'
	@echo 'make test-long   what takes longer than the everyday run allows'
	@echo 'make venv        the environment with the development tools, in .venv'
	@echo 'make lock        the hashed lock files in requirements/, from pyproject.toml'
	@echo 'make assets      the CSS and JavaScript, from their sources; needs node'

demo:
	@exec sh tools/demo

test:
	@exec sh tools/test

test-long:
	@exec sh tools/test-long

check:
	@exec sh tools/check

venv:
	@exec sh tools/venv dev

lock:
	@exec sh tools/lock

assets:
	@exec sh tools/assets
