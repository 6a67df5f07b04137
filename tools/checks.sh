# Sourced by tools/test and tools/check: what looks at the code without running the product.

# The rooms without a database, and those whose tests take a few seconds.
QUICK_ROOMS="workingtime scoring linkage disclosure sheets ui access cli"

static_checks() {
  say "Style (ruff)"
  .venv/bin/ruff check src tests
  .venv/bin/ruff format --check src tests
  say "Types (mypy)"
  .venv/bin/mypy
  say "Order of the rooms (import-linter)"
  .venv/bin/lint-imports --no-logo
  say "Migrations"
  .venv/bin/teamaround check migrations
  say "Built styles and script (asset check)"
  .venv/bin/python -m teamaround.ui.assets_check
}
